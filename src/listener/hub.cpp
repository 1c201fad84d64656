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

Hub::Hub(net::Loop& loop, Handler& handler, const SessionOptions& options, BodyMemory* bodies)
    : loop_(loop), handler_(handler), options_(options), bodies_(bodies) {}

Hub::~Hub() = default;

void Hub::adopt_from_elsewhere(Arrival arrival) {
  const int descriptor = arrival.descriptor;
  ConnectionLimit& limit = *arrival.limit;
  try {
    loop_.post([this, arrival = std::move(arrival)]() mutable { adopt(std::move(arrival)); });
  } catch (...) {
    turn_away(descriptor, limit);
    throw;
  }
}

void Hub::adopt(Arrival arrival) {
  ConnectionLimit& limit = *arrival.limit;
  if (draining_) return turn_away(arrival.descriptor, limit);
  auto place = sessions_.end();
  try {
    auto session = std::make_unique<Session>(*this, arrival.descriptor, std::move(arrival.tls), arrival.overloaded);
    arrival.descriptor = -1;  // the session's now
    place = sessions_.insert(place, std::move(session));
    (*place)->place_ = place;
    loop_.spawn((*place)->run(), [this, place, &limit](const std::exception_ptr& thrown) {
      report_fault("a client connection ended in an exception", thrown);
      ended(place, limit);
    });
  } catch (...) {
    if (place != sessions_.end()) sessions_.erase(place);
    turn_away(arrival.descriptor, limit);
    throw;
  }
}

void Hub::ended(std::list<std::unique_ptr<Session>>::iterator session, ConnectionLimit& limit) {
  sessions_.erase(session);
  limit.leave();
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
