#pragma once

#include <boost/asio/awaitable.hpp>

#include "spillway/http/reader.hpp"
#include "spillway/listener/exchange.hpp"

namespace spillway::listener {

// What a session does with a request. One handler per worker and kind of listener; it outlives its sessions.
class Handler {
 public:
  virtual ~Handler() = default;

  // Answers one request (see Exchange). Must not throw for anything a peer can cause.
  virtual awaitable<void> handle(Exchange& exchange) = 0;

  // The answer to bytes that are no request: malformed, too large or too slow. Logged by the handler like any other
  // request.
  virtual Reply refuse(const http::Rejection& rejection, const std::string& peer) = 0;
};

}  // namespace spillway::listener
