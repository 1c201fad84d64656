#include "spillway/net/resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "spillway/base/log.hpp"

namespace spillway::net {
namespace {

constexpr Milliseconds negative_for{1'000};

bool contains(const std::shared_ptr<const Addresses>& addresses, const asio::ip::tcp::endpoint& address) {
  return addresses && std::find(addresses->begin(), addresses->end(), address) != addresses->end();
}

struct Entry {
  std::shared_ptr<const Addresses> addresses;  // the last good answer
  std::shared_ptr<const Addresses> before;     // the good one before that
  bool looking_up = false;
  bool failed = false;  // the newest look-up failed
  TimePoint finished{};
  std::vector<std::weak_ptr<RemoteWake::Line>> waiters;
};

Result<Addresses> system_lookup(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const std::string service = std::to_string(port);
  int failed = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
  if (failed == EAI_ADDRFAMILY || failed == EAI_NODATA || failed == EAI_NONAME) {
    hints.ai_flags = 0;  // a machine with nothing but loopback has no configured family
    failed = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
  }
  if (failed != 0) return ErrorCode(Errc::name_not_found);
  Addresses addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.resize(entry->ai_addrlen);
    if (std::find(addresses.begin(), addresses.end(), endpoint) == addresses.end()) addresses.push_back(endpoint);
  }
  ::freeaddrinfo(list);
  if (addresses.empty()) return ErrorCode(Errc::name_not_found);
  return addresses;
}

}  // namespace

struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
  std::mutex mutex;
  std::map<std::pair<std::string, std::uint16_t>, Entry> entries;
  Lookup lookup = nullptr;
  Milliseconds refresh_after{};
  bool closed = false;

  // The mutex is held.
  void start(const std::string& host, std::uint16_t port, Entry& entry) {
    if (entry.looking_up || closed) return;
    try {
      std::thread([state = shared_from_this(), host, port] {
        Result<Addresses> answer = state->lookup(host, port);
        state->finish(host, port, std::move(answer));
      }).detach();
      entry.looking_up = true;
    } catch (const std::system_error&) {
      // No thread to be had: as if the name server had said no, to be asked again in a second.
      entry.failed = true;
      entry.finished = Clock::now();
    }
  }

  void finish(const std::string& host, std::uint16_t port, Result<Addresses> answer) {
    const std::lock_guard lock(mutex);
    if (closed) return;
    Entry& entry = entries[{host, port}];
    entry.looking_up = false;
    entry.finished = Clock::now();
    entry.failed = !answer;
    if (answer) {
      entry.before = std::exchange(entry.addresses, std::make_shared<const Addresses>(std::move(*answer)));
    }
    for (const std::weak_ptr<RemoteWake::Line>& waiting : std::exchange(entry.waiters, {})) {
      if (const auto line = waiting.lock()) line->wake();
    }
  }

  // What is known now; null = wait for the look-up under way.
  std::shared_ptr<const Addresses> known(const std::string& host, std::uint16_t port, ErrorCode& error) {
    Entry& entry = entries[{host, port}];
    const Duration age = Clock::now() - entry.finished;
    if (entry.addresses) {
      if (age >= (entry.failed ? negative_for : refresh_after)) start(host, port, entry);
      return entry.addresses;
    }
    if (entry.failed && age < negative_for) {
      error = Errc::name_not_found;
      return nullptr;
    }
    start(host, port, entry);
    if (!entry.looking_up) error = Errc::name_not_found;
    return nullptr;
  }
};

Resolver::Resolver(Lookup lookup, Milliseconds refresh_after) : state_(std::make_shared<State>()) {
  state_->lookup = lookup != nullptr ? lookup : system_lookup;
  state_->refresh_after = refresh_after;
}

Resolver::~Resolver() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  for (auto& [name, entry] : state_->entries) entry.waiters.clear();
}

void Resolver::prefetch(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  if (!error) return;
  const std::lock_guard lock(state_->mutex);
  ErrorCode ignored;
  state_->known(host, port, ignored);
}

bool Resolver::has_left(const std::string& host, std::uint16_t port, const asio::ip::tcp::endpoint& address) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->entries.find({host, port});
  if (found == state_->entries.end() || !found->second.before) return false;
  const Entry& entry = found->second;
  return !contains(entry.addresses, address) && !contains(entry.before, address);
}

awaitable<Result<std::shared_ptr<const Addresses>>> Resolver::resolve(Loop& loop, const std::string& host,
                                                                      std::uint16_t port, TimePoint deadline,
                                                                      CancelSlot& slot) {
  boost::system::error_code not_an_address;
  const asio::ip::address literal = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    Addresses one;
    one.emplace_back(literal, port);
    co_return std::shared_ptr<const Addresses>(std::make_shared<const Addresses>(std::move(one)));
  }
  const std::shared_ptr<State> state = state_;
  for (;;) {
    if (slot.cancelled()) co_return ErrorCode(Errc::cancelled);
    Suspension suspension(loop);
    const RemoteWake remote(loop, suspension);
    {
      const std::lock_guard lock(state->mutex);
      if (state->closed) co_return ErrorCode(Errc::cancelled);
      ErrorCode error;
      if (auto addresses = state->known(host, port, error)) co_return addresses;
      if (error) co_return error;
      state->entries[{host, port}].waiters.push_back(remote.line());
    }
    const CancelSlot::Guard guard(slot, suspension);
    const ErrorCode waited = co_await suspension.until(deadline);
    if (waited) co_return waited;
  }
}

}  // namespace spillway::net
