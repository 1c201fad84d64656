#include "load_run.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <thread>
#include <utility>

#include "load_text.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds look_again{20};

LoadTarget target_of(const LoadSetup& setup, std::shared_ptr<net::TlsClient> tls) {
  LoadTarget target;
  target.host = setup.url.host;
  target.port = setup.url.port;
  target.tls = std::move(tls);
  target.request = setup.request;
  target.timeout = setup.timeout;
  return target;
}

}  // namespace

LoadRun::LoadRun(const LoadSetup& setup, std::shared_ptr<net::TlsClient> tls, const Show& show)
    : setup_(setup), show_(show), engine_(target_of(setup, std::move(tls))) {}

LoadResult LoadRun::play(const SignalWatch& signals) {
  if (setup_.parameters.warmup != 0) warm_up(signals);
  LoadResult result;
  result.parameters = setup_.parameters;
  result.started_at = format_time(std::chrono::system_clock::now());
  const TimePoint start = Clock::now();
  if (!interrupted_) {
    if (show_.lines) std::fputs(request_heading(show_.paint).c_str(), stdout);
    const std::jthread sender([this] { send_all(setup_.plan, true); });
    watch(signals, start);
  }
  result.summary = counter_.summary();
  result.summary.lasted_s = std::chrono::duration<double>(ended_ - start).count();
  result.summary.held_back = engine_.held_back();
  result.summary.interrupted = interrupted_;
  result.records = counter_.records();
  result.failures = counter_.failures();
  return result;
}

// As many callers as the run has, without its rate: connections are opened and caches filled.
void LoadRun::warm_up(const SignalWatch& signals) {
  constexpr std::uint32_t most_callers = 50;
  LoadPlan plan;
  plan.requests = setup_.parameters.warmup;
  plan.in_flight = std::min(setup_.plan.in_flight, most_callers);
  {
    const std::jthread sender([&] { send_all(plan, false); });
    watch(signals, Clock::now());
  }
  over_ = false;
}

void LoadRun::send_all(const LoadPlan& plan, bool counted) {
  engine_.run(plan, [&](Sent&& sent) {
    if (!counted) return;
    const std::lock_guard lock(mutex_);
    counter_.add(sent);
    if (!show_.lines) return;
    if (fresh_.size() < most_fresh) {
      fresh_.push_back(std::move(sent));
    } else {
      ++skipped_;
    }
  });
  const std::lock_guard lock(mutex_);
  ended_ = Clock::now();
  over_ = true;
  wake_.notify_one();
}

void LoadRun::watch(const SignalWatch& signals, TimePoint start) {
  Progress progress(show_.terminal);
  for (bool over = false; !over;) {
    Stand stand;
    std::vector<Sent> fresh;
    std::uint64_t skipped = 0;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, look_again, [this] { return over_; });
      over = over_;
      fresh = std::exchange(fresh_, {});
      skipped = std::exchange(skipped_, 0);
      stand.ended = counter_.requests();
      stand.failed = counter_.failed();
    }
    print(fresh, skipped);
    if (!interrupted_ && signals.arrived()) {
      interrupted_ = true;
      engine_.abandon();
    }
    stand.since = Clock::now() - start;
    stand.in_flight = engine_.in_flight();
    if (show_.progress) std::fputs(progress.next(stand, setup_.parameters).c_str(), stderr);
  }
  std::fputs(progress.last().c_str(), stderr);
}

void LoadRun::print(const std::vector<Sent>& fresh, std::uint64_t skipped) const {
  if (fresh.empty()) return;
  std::string text;
  for (const Sent& sent : fresh) text += request_line(sent, show_.paint);
  if (skipped != 0)
    text += fmt::format("   ({} lines left out: they came faster than they could be written)\n", skipped);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace spillway::lab
