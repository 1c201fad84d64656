#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sent.hpp"
#include "spillway/net/connection.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"

namespace spillway::lab {

// The one request of a run, and where it goes.
struct LoadTarget {
  std::string host;
  std::uint16_t port = 0;
  std::shared_ptr<net::TlsClient> tls{};  // null: plain HTTP
  std::string request;                    // head and body, as they go over the wire
  Milliseconds timeout{300'000};          // for one request, connecting included
};

// Sends the request and reads the answer, on connections that are kept. Belongs to one loop.
class LoadClient {
 public:
  LoadClient(net::Loop& loop, LoadTarget target);

  // Fills what the answer tells; `due` is when it should have been sent. A kept connection that turns out closed before
  // any byte of the answer is replaced. False: it was cancelled.
  net::awaitable<bool> ask(TimePoint due, net::CancelSlot& slot, Sent& sent);

 private:
  class Reading;
  net::awaitable<ErrorCode> exchange(net::Stream& stream, TimePoint deadline, net::CancelSlot& slot, Reading& reading);

  net::Loop& loop_;
  LoadTarget target_;
  net::Resolver resolver_;
  net::ConnectionCache connections_;
  std::shared_ptr<net::Endpoint> endpoint_;
  std::vector<char> block_;  // what comes in, until it has been looked at: never across a wait
};

}  // namespace spillway::lab
