#include "spillway/net/connection.hpp"

#include <algorithm>
#include <utility>

#include "socket_base.hpp"

namespace spillway::net {

Slot& Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    if (endpoint_) endpoint_->give_back();
    endpoint_ = std::move(other.endpoint_);
  }
  return *this;
}

Slot::~Slot() {
  if (endpoint_) endpoint_->give_back();
}

Endpoint::Endpoint(std::string host, std::uint16_t port, std::shared_ptr<TlsClient> tls, std::uint32_t max_connections)
    : host_(std::move(host)), port_(port), tls_(std::move(tls)), max_connections_(max_connections) {}

Slot Endpoint::try_take() {
  std::uint32_t open = open_.load(std::memory_order_relaxed);
  while (open < max_connections_) {
    if (open_.compare_exchange_weak(open, open + 1, std::memory_order_relaxed)) return Slot(shared_from_this());
  }
  return {};
}

void Endpoint::give_back() noexcept {
  open_.fetch_sub(1, std::memory_order_relaxed);
  wake_next();
}

void Endpoint::wake_next() noexcept {
  const std::lock_guard lock(mutex_);
  while (!waiters_.empty()) {
    const auto line = waiters_.front().lock();
    waiters_.pop_front();
    if (line) return line->wake();
  }
}

void Endpoint::add_waiter(const std::weak_ptr<RemoteWake::Line>& line) {
  const std::lock_guard lock(mutex_);
  while (!waiters_.empty() && waiters_.front().expired()) waiters_.pop_front();
  waiters_.push_back(line);
}

bool Endpoint::is_waited_for() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(waiters_.begin(), waiters_.end(), [](const auto& line) { return !line.expired(); });
}

// An idle connection: whatever its backend sends or does makes it unusable.
class ConnectionCache::Idle final : public Watcher {
 public:
  Idle(ConnectionCache& cache, std::shared_ptr<Endpoint> endpoint, Connection connection, TimePoint since)
      : cache_(cache), endpoint_(std::move(endpoint)), connection_(std::move(connection)), since_(since) {
    endpoint_->idle_.fetch_add(1, std::memory_order_relaxed);
  }
  ~Idle() { endpoint_->idle_.fetch_sub(1, std::memory_order_relaxed); }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  void start() { connection_.stream->watch(*this); }
  void on_readable() override {
    // A session ticket is a TLS record, not an answer: it makes the descriptor readable and the connection no worse.
    if (still_clean()) return start();
    cache_.drop(*this);
  }
  void look_afresh() { connection_.stream->look_afresh(); }
  bool still_clean() {
    char byte = 0;
    return connection_.stream->is_open() &&
           connection_.stream->try_read(asio::buffer(&byte, 1)).error == Errc::would_block;
  }
  Connection take() {
    connection_.stream->unwatch();
    return std::move(connection_);
  }
  const Endpoint* endpoint() const noexcept { return endpoint_.get(); }
  TimePoint since() const noexcept { return since_; }
  bool is_to_an_old_address(const Resolver& resolver) const {
    return resolver.has_left(endpoint_->host(), endpoint_->port(), connection_.address);
  }

 private:
  ConnectionCache& cache_;
  std::shared_ptr<Endpoint> endpoint_;
  Connection connection_;
  TimePoint since_;
};

ConnectionCache::ConnectionCache(Loop& loop, Resolver& resolver, Milliseconds idle_timeout, Evict evict_elsewhere,
                                 Milliseconds trusted, Milliseconds look_every)
    : loop_(loop),
      resolver_(resolver),
      idle_timeout_(idle_timeout),
      trusted_(trusted),
      look_every_(look_every),
      evict_elsewhere_(std::move(evict_elsewhere)),
      sweep_alarm_(loop.timers(), [](void* self) { static_cast<ConnectionCache*>(self)->sweep(); }, this) {}

ConnectionCache::~ConnectionCache() = default;

bool ConnectionCache::take(const std::shared_ptr<Endpoint>& endpoint, Connection& out) {
  const auto found = idle_.find(endpoint.get());
  if (found == idle_.end()) return false;
  auto& list = found->second;
  while (!list.empty()) {
    const std::unique_ptr<Idle> newest = std::move(list.back());
    list.pop_back();
    if (loop_.heard() - newest->since() >= trusted_) newest->look_afresh();
    if (!newest->still_clean()) continue;
    out = newest->take();
    out.reused = true;
    return true;
  }
  return false;
}

awaitable<bool> ConnectionCache::dial(std::shared_ptr<Endpoint> endpoint, TimePoint deadline, CancelSlot& slot,
                                      Connection& out, DialFailure& failure) {
  Slot place = endpoint->try_take();
  while (!place) {
    if (slot.cancelled()) {
      failure.error = Errc::cancelled;
      co_return false;
    }
    Suspension suspension(loop_);
    const RemoteWake remote(loop_, suspension);
    endpoint->add_waiter(remote.line());
    // One may have been given back just before the line stood.
    place = endpoint->try_take();
    if (place) break;
    evict_elsewhere_(endpoint);
    const CancelSlot::Guard guard(slot, suspension);
    const ErrorCode waited = co_await suspension.until(deadline);
    if (waited) {
      endpoint->wake_next();  // a slot given back just now may have woken this one instead of another
      failure.error = waited == Errc::timeout ? ErrorCode(Errc::no_connection_slot) : waited;
      failure.stage = Stage::connect;
      co_return false;
    }
    place = endpoint->try_take();
  }

  failure.stage = Stage::resolve;
  const Result<std::shared_ptr<const Addresses>> resolved =
      co_await resolver_.resolve(loop_, endpoint->host(), endpoint->port(), deadline, slot);
  if (!resolved) {
    failure.error = resolved.error();
    co_return false;
  }
  const Addresses& addresses = **resolved;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // Each address gets its share of the time left, so that a dead first one leaves room for the next.
    TimePoint limit = deadline;
    if (deadline != no_deadline && i + 1 < addresses.size()) {
      const TimePoint now = loop_.now();
      limit = now + (deadline - now) / static_cast<int>(addresses.size() - i);
    }
    std::unique_ptr<Stream> stream;
    failure.error = co_await connect(loop_, addresses[i], endpoint->tls(), limit, slot, stream, failure.stage);
    if (!failure.error) {
      out = Connection(std::move(place), std::move(stream), addresses[i]);
      co_return true;
    }
    failure.detail = addresses[i].address().to_string();
    if (failure.error == Errc::tls_handshake) failure.detail += ": " + tls_error_text();
    if (failure.error == Errc::cancelled || loop_.now() >= deadline) break;
  }
  co_return false;
}

void ConnectionCache::put(const std::shared_ptr<Endpoint>& endpoint, Connection connection) {
  auto idle = std::make_unique<Idle>(*this, endpoint, std::move(connection), loop_.heard());
  if (!idle->still_clean() || endpoint->is_waited_for()) return;
  idle->start();
  idle_[endpoint.get()].push_back(std::move(idle));
  if (sweeping_) return;
  sweeping_ = true;
  sweep_alarm_.set(loop_.heard() + std::min(idle_timeout_, look_every_));
}

void ConnectionCache::drop(Idle& idle) {
  const auto found = idle_.find(idle.endpoint());
  if (found == idle_.end()) return;
  std::erase_if(found->second, [&](const std::unique_ptr<Idle>& each) { return each.get() == &idle; });
}

void ConnectionCache::evict_one(const std::shared_ptr<Endpoint>& endpoint) {
  const auto found = idle_.find(endpoint.get());
  if (found != idle_.end() && !found->second.empty()) found->second.pop_front();
}

void ConnectionCache::retain(const std::function<bool(const Endpoint*)>& keep) {
  std::erase_if(idle_, [&](const auto& entry) { return !keep(entry.first); });
}

void ConnectionCache::clear() {
  idle_.clear();
}

void ConnectionCache::sweep() {
  const TimePoint now = loop_.now();
  TimePoint next = no_deadline;
  for (auto& [endpoint, list] : idle_) {
    while (!list.empty() && list.front()->since() + idle_timeout_ <= now) list.pop_front();
    std::erase_if(list, [&](const std::unique_ptr<Idle>& idle) { return idle->is_to_an_old_address(resolver_); });
    if (!list.empty()) next = earliest(next, list.front()->since() + idle_timeout_);
  }
  if (next != no_deadline) next = earliest(next, now + look_every_);
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
  sweeping_ = next != no_deadline;
  sweep_alarm_.set(next);
}

}  // namespace spillway::net
