#include "spillway/forward/proxy.hpp"

#include <chrono>

#include "forwarding.hpp"
#include "replies.hpp"

namespace spillway::forward {

listener::awaitable<void> Proxy::handle(listener::Exchange& client) {
  Forwarding forwarding(services_, snapshot_, client);
  co_await forwarding.run();
  forwarding.report();
}

listener::Reply Proxy::refuse(const http::Rejection& rejection, const std::string&) {
  const std::string request_id = new_request_id();
  services_.metrics.requests({}, {}, rejection.status).add();
  observe::AccessRecord record;
  record.time = std::chrono::system_clock::now();
  record.request_id = request_id;
  record.status = rejection.status;
  services_.access_log.add(snapshot_->config().log, record);
  listener::Reply reply =
      rejection.status == 503 ? replies::overloaded(request_id) : replies::rejected(rejection, request_id);
  replies::date(reply, std::chrono::system_clock::now());
  return reply;
}

}  // namespace spillway::forward
