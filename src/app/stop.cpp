#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "gateway.hpp"
#include "spillway/base/log.hpp"

namespace spillway::app {
namespace {

// Before busy connections are cut, those that can be told so are.
constexpr Milliseconds farewell_time{1'000};

}  // namespace

void Gateway::on_signal(int signal) {
  if (signal == SIGHUP) {
    if (!stopping_) reload_soon(Loader::What::file);
  } else if (signal == SIGUSR1 || signal == SIGUSR2) {
    log::warn("a signal that means nothing to Spillway was ignored",
              {{"signal", signal == SIGUSR1 ? "SIGUSR1" : "SIGUSR2"}});
  } else if (stopping_) {
    log::warn("second signal; leaving at once");
    log::flush();
    std::_Exit(1);
  } else {
    log::info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    stop();
  }
}

void Gateway::request_stop() {
  loop_.post([this] {
    if (!stopping_) stop();
  });
}

void Gateway::request_reload() {
  loop_.post([this] { reload_soon(Loader::What::file); });
}

// Not ready, but still accepting for `drain_delay`, so that load balancers can notice.
void Gateway::stop() {
  stopping_ = true;
  draining_ = true;
  loader_.abandon();
  if (!snapshot_) return;
  const Milliseconds delay = snapshot_->config().drain_delay;
  if (delay.count() == 0)
    stop_accepting();
  else
    delay_.set(loop_.now() + delay);
}

void Gateway::stop_accepting() {
  for (const auto& listener : listeners_) listener->stop();
  // First, so that it ends whatever goes wrong in the following.
  const Milliseconds patience = snapshot_->config().drain_timeout;
  const TimePoint end = loop_.now() + patience;
  farewell_.set(end - std::min(farewell_time, patience / 4));
  patience_.set(end);
  busy_workers_ = workers_.size();
  for (const auto& worker : workers_) {
    worker->drain([this] { loop_.post([this] { drained(); }); });
  }
}

void Gateway::drained() {
  if (--busy_workers_ != 0) return;
  farewell_.clear();
  patience_.clear();
  if (!admin_hub_) return finish();
  admin_listener_->stop();
  admin_hub_->drain([this] { finish(); });
  admin_hub_->abort_all();
}

void Gateway::finish() {
  loader_.stop(
      [this] { tokens_.stop([this] { tenants_.stop([this] { exporter_.stop([this] { loop_.stop(); }); }); }); });
}

}  // namespace spillway::app
