#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/base/unique_function.hpp"

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

// All alarms of a loop behind one timer.
class Timers {
 public:
  explicit Timers(asio::io_context& context) : timer_(context) {}

 private:
  friend class Alarm;
  struct Earlier {
    bool operator()(const Alarm& a, const Alarm& b) const noexcept { return a.queued_ < b.queued_; }
  };
  void insert(Alarm& alarm);
  void arm(TimePoint when);
  void expire();
  void fire_due();

  asio::steady_timer timer_;
  TimePoint armed_ = no_deadline;
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

// One event loop, run by one thread. Everything made on it stays on that thread; only `post` and `stop` may be called
// from others.
class Loop {
 public:
  Loop();
  ~Loop();

  // Runs until `stop`. A handler that throws is logged and counted; the loop goes on.
  void run();
  void stop();
  // Runs what is ready, without waiting; for tests and for the last steps of a shutdown.
  void poll();

  void post(UniqueFunction<void()> task);

  asio::io_context& context() noexcept { return context_; }
  Timers& timers() noexcept { return timers_; }
  BufferPool& buffers() noexcept { return buffers_; }
  TimePoint now() const noexcept { return Clock::now(); }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Timers timers_;
  BufferPool buffers_;
};

}  // namespace spillway::net
