#include <unistd.h>

#include <exception>
#include <utility>

#include "session.hpp"
#include "spillway/base/fault.hpp"

namespace spillway::listener {
namespace {

// Of a connection that nobody will serve.
void turn_away(int descriptor, ConnectionLimit& limit) noexcept {
  if (descriptor >= 0) ::close(descriptor);
  limit.leave();
}

}  // namespace

ConnectionLimit::Admission ConnectionLimit::enter() noexcept {
  const std::size_t max = max_.load(std::memory_order_relaxed);
  const std::size_t room_to_refuse = max / 10 + 16;
  const std::size_t open = open_.fetch_add(1, std::memory_order_relaxed);
  if (open >= max + room_to_refuse) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return Admission::full;
  }
  if (gauge_ != nullptr) gauge_->add();
  return open < max ? Admission::admitted : Admission::overloaded;
}

void ConnectionLimit::leave() noexcept {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (gauge_ != nullptr) gauge_->sub();
}

Hub::Hub(net::Loop& loop, Handler& handler, const SessionOptions& options, ConnectionLimit& limit)
    : loop_(loop), handler_(handler), options_(options), limit_(limit) {}

Hub::~Hub() = default;

void Hub::adopt_from_elsewhere(int descriptor, std::shared_ptr<net::TlsServer> tls, bool overloaded) {
  try {
    loop_.post([this, descriptor, tls = std::move(tls), overloaded]() mutable {
      adopt(descriptor, std::move(tls), overloaded);
    });
  } catch (...) {
    turn_away(descriptor, limit_);
    throw;
  }
}

void Hub::adopt(int descriptor, std::shared_ptr<net::TlsServer> tls, bool overloaded) {
  if (draining_) return turn_away(descriptor, limit_);
  auto place = sessions_.end();
  try {
    auto session = std::make_unique<Session>(*this, descriptor, std::move(tls), overloaded);
    descriptor = -1;  // the session's now
    place = sessions_.insert(place, std::move(session));
    (*place)->place_ = place;
    loop_.spawn((*place)->run(), [this, place](const std::exception_ptr& thrown) {
      report_fault("a client connection ended in an exception", thrown);
      ended(place);
    });
  } catch (...) {
    if (place != sessions_.end()) sessions_.erase(place);
    turn_away(descriptor, limit_);
    throw;
  }
}

void Hub::ended(std::list<std::unique_ptr<Session>>::iterator session) {
  sessions_.erase(session);
  limit_.leave();
  if (draining_ && sessions_.empty() && when_empty_) std::exchange(when_empty_, {})();
}

void Hub::drain(UniqueFunction<void()> when_empty) {
  draining_ = true;
  if (sessions_.empty()) return when_empty();
  when_empty_ = std::move(when_empty);
  for (const auto& session : sessions_) session->close_if_idle();
}

void Hub::dismiss_all() {
  dismissed_ = true;
  for (const auto& session : sessions_) session->dismiss();
}

void Hub::abort_all() {
  for (const auto& session : sessions_) session->abort();
}

}  // namespace spillway::listener
