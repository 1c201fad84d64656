#pragma once

#include <condition_variable>
#include <mutex>

#include "load_engine.hpp"
#include "load_request.hpp"
#include "load_result.hpp"
#include "paint.hpp"
#include "progress.hpp"
#include "signals.hpp"

namespace spillway::lab {

// A run from its first request to its result. A thread of its own sends and counts, so that a slow terminal holds no
// request up.
class LoadRun {
 public:
  // What is shown meanwhile.
  struct Show {
    bool lines = true;      // a line for each request
    bool progress = false;  // on standard error
    bool terminal = false;  // standard error is one
    Paint paint{false};
  };
  LoadRun(const LoadSetup& setup, std::shared_ptr<net::TlsClient> tls, const Show& show);

  // Until all is done, or a signal comes: requests in flight are given up then.
  LoadResult play(const SignalWatch& signals);

 private:
  static constexpr std::size_t most_fresh = 20'000;

  void warm_up(const SignalWatch& signals);
  void send_all(const LoadPlan& plan, bool counted);
  void watch(const SignalWatch& signals, TimePoint start);
  void print(const std::vector<Sent>& fresh, std::uint64_t skipped) const;

  LoadSetup setup_;
  Show show_;
  LoadEngine engine_;
  bool interrupted_ = false;
  TimePoint ended_{};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  LoadCounter counter_;
  std::vector<Sent> fresh_;    // not printed yet
  std::uint64_t skipped_ = 0;  // not to be printed: the terminal is too slow for them
};

}  // namespace spillway::lab
