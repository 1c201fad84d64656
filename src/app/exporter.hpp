#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/config/tracing.hpp"
#include "spillway/identity/http_call.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"
#include "spillway/net/suspension.hpp"
#include "spillway/observe/span_queue.hpp"

namespace spillway::app {

// Sends the spans of finished requests to a collector by OTLP/HTTP, in batches. Lives on the control loop; a collector
// that is slow or away costs spans, which are counted, never a request.
class Exporter {
 public:
  Exporter(net::Loop& loop, net::Resolver& resolver);
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // From now on by these settings; none: spans that come still go where the last ones went.
  void use(const std::optional<config::Tracing>& settings);
  // Where requests that are over are left; the same for the exporter's whole life.
  const std::shared_ptr<observe::SpanQueue>& queue() const noexcept { return queue_; }

  // What waits is sent, for at most two seconds; `stopped` is called from the loop.
  void stop(std::function<void()> stopped);
  // The same when the loop is not running any more, and nothing more is sent.
  void shut();

 private:
  // Where to, fixed for one batch.
  struct Target {
    Target(net::Loop& loop, net::Resolver& resolver, const config::Tracing& from)
        : settings(from), caller(loop, resolver, from.ca) {}
    config::Tracing settings;
    identity::Caller caller;
  };
  enum class Sent { taken, refused, later };

  net::awaitable<void> run();
  net::awaitable<void> send(const std::shared_ptr<Target>& target, const std::vector<observe::TracedRequest>& batch);
  net::awaitable<bool> deliver(Target& target, const identity::HttpRequest& request, std::size_t spans);
  Sent judge(const identity::HttpAnswer& answer, std::size_t spans);
  void complain(const Target& target, const std::string& problem);
  void ended();

  net::Loop& loop_;
  net::Resolver& resolver_;
  net::Suspension rest_;
  net::RemoteWake wake_;
  const std::shared_ptr<observe::SpanQueue> queue_;
  std::shared_ptr<Target> target_;
  net::CancelSlot slot_;
  net::Alarm patience_;
  std::function<void()> stopped_;
  TimePoint complained_{};
  bool failing_ = false;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace spillway::app
