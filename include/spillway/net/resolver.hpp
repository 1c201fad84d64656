#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::net {

using Addresses = std::vector<asio::ip::tcp::endpoint>;

// Host names to addresses, off the request path. A name is looked up on a thread of its own (getaddrinfo cannot be
// interrupted and one silent name server must not hold up others), remembered, and looked up again in the background
// when it is asked for and older than 20 s; the last good answer is kept when that fails. Thread-safe. Literal
// addresses need no look-up.
class Resolver {
 public:
  // Blocking look-up of one name; the system's by default, a scripted one in tests.
  using Lookup = Result<Addresses> (*)(const std::string& host, std::uint16_t port);
  explicit Resolver(Lookup lookup = nullptr, Milliseconds refresh_after = Milliseconds(20'000));
  ~Resolver();

  // Starts looking the name up if it is not known or its answer is old, so that requests find a fresh one.
  void prefetch(const std::string& host, std::uint16_t port);

  // At once when the name is known; a failed one is not asked again for a second. Else waits for the first answer.
  // Errors: name_not_found, timeout, cancelled.
  awaitable<Result<std::shared_ptr<const Addresses>>> resolve(Loop& loop, const std::string& host, std::uint16_t port,
                                                              TimePoint deadline, CancelSlot& slot);

  // The name has moved away from there: the address stood in neither of its last two answers (one alone may be a part
  // of the truth, where a name server deals addresses in turn). Never for a literal address.
  bool has_left(const std::string& host, std::uint16_t port, const asio::ip::tcp::endpoint& address) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace spillway::net
