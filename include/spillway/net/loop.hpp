#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/base/unique_function.hpp"
#include "spillway/net/awaitable.hpp"
#include "spillway/net/reactor.hpp"

namespace spillway::net {

namespace asio = boost::asio;

class Timers;

// A deadline of one object. Setting a later time than before costs nothing: the queue looks again when the old time
// comes. Belongs to one loop; dies before it.
class Alarm : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Fire = void (*)(void* context);
  Alarm(Timers& timers, Fire fire, void* context) noexcept : timers_(timers), fire_(fire), context_(context) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Fires once at `when`, from the loop, unless set anew or cleared before; never for `no_deadline`.
  void set(TimePoint when);
  void clear() noexcept { when_ = no_deadline; }

 private:
  friend class Timers;
  Timers& timers_;
  Fire fire_;
  void* context_;
  TimePoint when_ = no_deadline;    // when it is to fire
  TimePoint queued_ = no_deadline;  // the time it stands in the queue with, never later than `when_` while linked
};

// All alarms of a loop.
class Timers {
 public:
  // When `fire_due` should be called at the latest; no_deadline while there is no alarm.
  TimePoint next() const noexcept { return queue_.empty() ? no_deadline : queue_.begin()->queued_; }
  // Fires the alarms that are due at `now`. When one throws, the next call goes on behind it.
  void fire_due(TimePoint now);

 private:
  friend class Alarm;
  struct Earlier {
    bool operator()(const Alarm& a, const Alarm& b) const noexcept { return a.queued_ < b.queued_; }
  };

  boost::intrusive::multiset<Alarm, boost::intrusive::compare<Earlier>, boost::intrusive::constant_time_size<false>>
      queue_;
};

// Read buffers, lent only while bytes are there, so that an idle connection holds none.
class BufferPool {
 public:
  static constexpr std::size_t block_size = 64 << 10;

  std::unique_ptr<char[]> take();
  void give_back(std::unique_ptr<char[]> block) noexcept;

 private:
  static constexpr std::size_t keep = 64;
  std::vector<std::unique_ptr<char[]>> free_;
};

// A block on loan. Empty until `take`; gives the block back when it dies.
class Buffer {
 public:
  explicit Buffer(BufferPool& pool) noexcept : pool_(&pool) {}
  Buffer(Buffer&& other) noexcept : pool_(other.pool_), block_(std::move(other.block_)) {}
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() { release(); }

  void take() {
    if (!block_) block_ = pool_->take();
  }
  void release() noexcept {
    if (block_) pool_->give_back(std::move(block_));
  }
  bool held() const noexcept { return block_ != nullptr; }
  char* data() noexcept { return block_.get(); }
  static constexpr std::size_t size() noexcept { return BufferPool::block_size; }

 private:
  BufferPool* pool_;
  std::unique_ptr<char[]> block_;
};

// One event loop, run by one thread: handlers in an io_context of Asio's, descriptors by a reactor of our own, because
// waiting for one through Asio takes a system call each time. So nothing of Asio that has a descriptor or a timer may
// be made on `context`. Everything made on a loop stays on its thread; only `post` and `stop` may be called from
// others.
class Loop {
 public:
  Loop();
  // Does away with the coroutines that have not ended.
  ~Loop();

  // Runs until `stop`, and at once when that was called before. A handler that throws is logged; the loop goes on.
  void run();
  void stop();
  // Takes a `stop` back.
  void restart() { context_.restart(); }
  // Waits for news of descriptors and alarms until `until` at the latest, and runs what follows from them.
  void turn(TimePoint until);
  // Runs what is ready, without waiting; for tests and for the last steps of a shutdown.
  void poll();

  void post(UniqueFunction<void()> task);

  // Starts a coroutine soon, from the loop. `ended` is called when it has ended and is gone, with what it threw, if it
  // did; it must not throw itself.
  using Ended = UniqueFunction<void(const std::exception_ptr&)>;
  void spawn(awaitable<void> coroutine, Ended ended);

  // `co_await loop.let_others()`: goes on when descriptors and alarms have had their turn.
  class Turn {
   public:
    explicit Turn(Loop& loop) noexcept : loop_(loop) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> who) { loop_.later_.push_back(who); }
    void await_resume() const noexcept {}

   private:
    Loop& loop_;
  };
  Turn let_others() noexcept { return Turn(*this); }

  // For handlers of the loop's own thread.
  asio::io_context& context() noexcept { return context_; }
  Reactor& reactor() noexcept { return reactor_; }
  Timers& timers() noexcept { return timers_; }
  BufferPool& buffers() noexcept { return buffers_; }
  TimePoint now() const noexcept { return Clock::now(); }
  // When the loop heard of what it is handling now, so that what has waited for its turn has waited. Costs nothing, and
  // is older than `now()` by what this turn has done.
  TimePoint heard() const noexcept { return heard_; }
  // Any thread: since when the loop has been handling what it handles now; nothing while it waits.
  std::optional<TimePoint> busy_since() const noexcept;

 private:
  struct Root;
  using Hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  void begin_turn() noexcept;
  void end_turn() noexcept { busy_since_.store(no_deadline, std::memory_order_relaxed); }
  static Root live(Loop& loop, awaitable<void> coroutine, Ended ended);

  Reactor reactor_;
  Timers timers_;
  BufferPool buffers_;
  TimePoint heard_ = Clock::now();
  std::atomic<TimePoint> busy_since_{no_deadline};  // no_deadline: waiting
  std::vector<std::coroutine_handle<>> later_;
  boost::intrusive::list<Hook, boost::intrusive::constant_time_size<false>> roots_;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
};

}  // namespace spillway::net
