#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <set>

#include "load_client.hpp"
#include "precise_alarm.hpp"
#include "schedule.hpp"

namespace spillway::lab {

// Sends the requests of a run when they are due. All of them are handled by the thread that calls `run`; the other
// functions may be called from any.
class LoadEngine {
 public:
  using Sink = std::function<void(Sent&&)>;

  explicit LoadEngine(LoadTarget target);

  // Returns when the plan is done, or was ended. `sink` gets every request that was not given up, in the order they
  // ended. May be called again; connections are kept.
  void run(const LoadPlan& plan, const Sink& sink);

  // Sends no more; requests in flight are waited for.
  void finish();
  // Gives those in flight up, too.
  void abandon();

  // Of the run that is, or the last one.
  std::uint64_t sent() const noexcept { return sent_; }
  std::uint32_t in_flight() const noexcept { return in_flight_; }
  std::uint64_t held_back() const noexcept { return held_back_; }

 private:
  net::awaitable<void> drive(const Sink& sink);
  net::awaitable<void> send(std::uint64_t number, Duration due, const Sink& sink);
  void end(bool give_up);
  Duration now() const { return loop_.now() - start_; }
  void publish();

  net::Loop loop_;
  LoadClient client_;
  net::Suspension wake_{loop_};
  PreciseAlarm due_{loop_, wake_};
  std::optional<Schedule> schedule_;
  std::set<net::CancelSlot*> flying_;
  TimePoint start_{};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint32_t> in_flight_{0};
  std::atomic<std::uint64_t> held_back_{0};
};

}  // namespace spillway::lab
