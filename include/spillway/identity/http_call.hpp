#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "spillway/identity/message.hpp"
#include "spillway/net/connection.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/resolver.hpp"

namespace spillway::identity {

// Makes single HTTP/1.1 requests, each on a connection of its own and never through a proxy. TLS is verified against
// the system's roots or a CA file. Belongs to one loop.
class Caller {
 public:
  static constexpr std::size_t max_answer = 256 << 10;  // bytes of a body

  // `ca`: a PEM file to trust instead of the system's roots.
  Caller(net::Loop& loop, net::Resolver& resolver, std::optional<std::string> ca);

  // `request` is kept alive by the caller. Everything, the name look-up included, ends at `deadline`; never an
  // exception.
  net::awaitable<HttpAnswer> call(const HttpRequest& request, TimePoint deadline, net::CancelSlot& slot);

 private:
  std::shared_ptr<net::Endpoint> endpoint(const config::BackendUrl& url, std::string& problem);

  net::ConnectionCache connections_;
  std::optional<std::string> ca_;
  std::map<std::string, std::shared_ptr<net::Endpoint>> endpoints_;  // by scheme, host and port
};

}  // namespace spillway::identity
