#include <limits>
#include <utility>

#include "gateway.hpp"
#include "spillway/base/log.hpp"

// Where the gateway listens.
namespace spillway::app {
namespace {

listener::SessionOptions admin_options() {
  listener::SessionOptions options;
  options.max_request_body = 64 << 10;
  options.request_body_idle = Milliseconds(10'000);
  return options;
}

}  // namespace

std::size_t most_connections(const config::Listener& listener) {
  return listener.max_connections.value_or(std::numeric_limits<std::uint32_t>::max());
}

Result<std::shared_ptr<net::TlsServer>> make_server(const config::ListenerTls& tls, std::string& problem) {
  net::TlsServer::Options options;
  options.certificate = tls.certificate;
  options.private_key = tls.private_key;
  options.require_tls1_3 = tls.min_version == config::TlsVersion::tls1_3;
  options.client_ca = tls.client_ca;
  return net::TlsServer::make(options, problem);
}

bool Gateway::open_listeners() {
  std::vector<listener::Hub*> hubs;
  for (const auto& worker : workers_) hubs.push_back(&worker->hub());
  for (const config::Listener& wanted : first_config_->listeners) {
    std::string problem;
    std::shared_ptr<net::TlsServer> tls;
    if (wanted.tls) {
      auto made = make_server(*wanted.tls, problem);
      if (made) tls = *made;
    }
    if (problem.empty()) {
      listener::ConnectionLimit& limit = listener_limits_.emplace_back(most_connections(wanted), nullptr, &*limit_);
      auto opened =
          listener::Listener::open(loop_, wanted.address.host, wanted.address.port, tls, hubs, limit, problem);
      if (opened) listeners_.push_back(std::move(*opened));
    }
    if (!problem.empty()) {
      log::error("cannot listen", {{"address", wanted.address.text()}, {"error", problem}});
      return false;
    }
    log::info("listening", {{"address", listeners_.back()->address()}, {"tls", wanted.tls.has_value()}});
  }
  return true;
}

bool Gateway::open_admin() {
  if (!first_config_->admin) return true;
  admin_hub_.emplace(loop_, admin_, admin_options());
  std::string problem;
  const config::Address& address = *first_config_->admin;
  auto opened =
      listener::Listener::open(loop_, address.host, address.port, nullptr, {&*admin_hub_}, admin_limit_, problem);
  if (!opened) {
    log::error("cannot listen", {{"address", address.text()}, {"error", problem}});
    return false;
  }
  admin_listener_ = std::move(*opened);
  admin_listener_->start();
  log::info("listening", {{"address", admin_listener_->address()}, {"admin", true}});
  return true;
}

}  // namespace spillway::app
