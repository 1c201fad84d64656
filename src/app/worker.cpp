#include "worker.hpp"

#include <utility>

namespace spillway::app {
namespace {

// Azure's front ends keep idle connections for some minutes; ours end before theirs do.
constexpr Milliseconds backend_idle_timeout{60'000};

}  // namespace

listener::SessionOptions session_options(const config::Config& config) {
  listener::SessionOptions options;
  options.head.max_size = static_cast<std::size_t>(config.limits.max_header_size);
  options.head.max_fields = config.limits.max_header_fields;
  options.max_request_body = config.limits.max_request_body;
  options.request_header = config.timeouts.request_header;
  options.request_body_idle = config.timeouts.request_body_idle;
  options.keep_alive = config.timeouts.keep_alive;
  options.write_idle = config.timeouts.write_idle;
  return options;
}

Worker::Worker(net::Resolver& resolver, observe::Metrics& metrics, std::shared_ptr<const forward::Snapshot> snapshot,
               const listener::SessionOptions& options, listener::BodyMemory& bodies, net::ConnectionCache::Evict evict)
    : connections_(loop_, resolver, backend_idle_timeout, std::move(evict)),
      access_log_(loop_),
      proxy_(forward::Services{loop_, connections_, metrics, access_log_}, std::move(snapshot)),
      hub_(loop_, proxy_, options, &bodies) {}

Worker::~Worker() {
  stop();
}

void Worker::start() {
  thread_ = std::jthread([this] { loop_.run(); });
}

std::future<void> Worker::use(std::shared_ptr<const forward::Snapshot> snapshot,
                              const listener::SessionOptions& options) {
  std::promise<void> done;
  std::future<void> used = done.get_future();
  loop_.post([this, snapshot = std::move(snapshot), options, done = std::move(done)]() mutable {
    connections_.retain([&](const net::Endpoint* endpoint) { return snapshot->uses(*endpoint); });
    proxy_.use(std::move(snapshot));
    hub_.set_options(options);
    done.set_value();
  });
  return used;
}

void Worker::evict_one(const std::shared_ptr<net::Endpoint>& endpoint) {
  loop_.post([this, endpoint] { connections_.evict_one(endpoint); });
}

void Worker::drain(std::function<void()> drained) {
  loop_.post([this, drained = std::move(drained)] { hub_.drain(drained); });
}

void Worker::dismiss_connections() {
  loop_.post([this] { hub_.dismiss_all(); });
}

void Worker::abort_connections() {
  loop_.post([this] { hub_.abort_all(); });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] {
    connections_.clear();
    loop_.stop();
  });
  thread_.join();
}

}  // namespace spillway::app
