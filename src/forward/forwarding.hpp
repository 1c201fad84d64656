#pragma once

#include <memory>
#include <optional>
#include <string>

#include "attempt.hpp"
#include "client_place.hpp"
#include "inspect.hpp"
#include "objects.hpp"
#include "rewrite.hpp"
#include "spillway/forward/proxy.hpp"
#include "spillway/http/object_ids.hpp"
#include "spillway/identity/credential.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/net/suspension.hpp"
#include "spillway/observe/access_log.hpp"
#include "spillway/observe/trace.hpp"
#include "spillway/pool/pool.hpp"

namespace spillway::forward {

// 32 hexadecimal digits, unique enough to find a line in a log.
std::string new_request_id();

// One request from its head to its log line.
class Forwarding {
 public:
  // The request goes on with what `current` is now; `current` itself may be replaced while it runs.
  Forwarding(const Services& services, const std::shared_ptr<const Snapshot>& current, listener::Exchange& client);

  awaitable<void> run();
  // Metrics and the log line, once `run` is over.
  void report();

 private:
  // An answer of a backend that may be passed on.
  struct Candidate {
    std::unique_ptr<Answer> answer;
    std::size_t member = 0;
    std::size_t backend = 0;
    pool::CircuitState circuit = pool::CircuitState::closed;
    pool::Lease lease;  // empty when it was settled at the head already
    std::size_t attempt = 0;
  };
  enum class Next {
    relay,   // there is an answer to pass on
    retry,   // another member, if the rules allow it
    search,  // another member, which may know the object that this one does not
    pass,    // another member: this one could not be asked
    over,    // it has been answered, or the client has gone
  };

  // admission.cpp: may the client. False: it has been answered.
  awaitable<bool> admit();
  bool take_place();
  awaitable<bool> identify();
  awaitable<routing::TokenAccess::Decision> judge(std::string_view token);
  awaitable<void> await_keys(identity::TenantKeys& keys, std::uint64_t seen);

  // forwarding.cpp: what, where to. False: it has been answered.
  awaitable<bool> read_request();
  awaitable<bool> choose_route();
  void take_body(const listener::BodyResult& body);
  void follow_owner(routing::Router::Decision& decision) const;
  void bind();
  awaitable<bool> reply(listener::Reply reply);
  const config::Pool& pool_config() const { return snapshot_->config().pools[pool_index_]; }

  // attempts.cpp: members in turn until one answers
  awaitable<void> forward();
  awaitable<Next> attempt(pool::Picked picked);
  awaitable<void> ask(Attempt& tried);
  Next answered(pool::Picked& picked, std::unique_ptr<Answer> answer, std::size_t record);
  Next failed(pool::Picked& picked, const Attempt& tried, std::size_t record);
  awaitable<bool> may_retry();
  void complain(std::size_t backend, const Failure& failure, const std::string& detail);

  // tracing.cpp
  void trace_attempt(const pool::Picked& picked, TimePoint begun);
  void hand_over_trace();

  // ending.cpp: no further attempt
  awaitable<void> give_up();
  awaitable<void> exhausted(const pool::Exhausted& none);
  bool misleading(TimePoint now) const;

  // renewal.cpp: access tokens that the backend does not take
  awaitable<bool> renew(const pool::Picked& picked, identity::TokenPtr& token);
  awaitable<identity::TokenPtr> other_token(identity::Credential& credential, identity::TokenPtr old);
  void note_refusal(const pool::Picked& picked, std::size_t record, std::unique_ptr<Answer> answer);

  // waiting.cpp: the member for the next attempt
  TimePoint patience(const pool::Exhausted& none, TimePoint now);
  awaitable<pool::PickResult> next_member();

  // relay.cpp
  awaitable<void> relay();
  void note(const Candidate& chosen);
  std::string answer_head(const Candidate& chosen) const;
  std::optional<http::ObjectIdMarker> marker_for(const Candidate& chosen) const;
  awaitable<bool> collect(Answer& answer, http::ObjectIdMarker& marker, std::string& marked);
  void dispose(std::unique_ptr<Candidate> candidate);
  void give_back(Candidate& candidate);

  // switching.cpp
  awaitable<void> tunnel();

  Services services_;
  const std::shared_ptr<const Snapshot>& current_;
  std::shared_ptr<const Snapshot> snapshot_;
  listener::Exchange& client_;
  observe::AccessRecord record_;
  std::unique_ptr<observe::RequestTrace> trace_;  // null while tracing is off
  net::CancelSlot slot_;

  std::optional<std::size_t> client_index_;
  ClientPlace client_place_;
  Objects objects_;
  Inspected inspected_;
  Original original_;
  bool complete_ = true;    // the whole body is here
  bool replayable_ = true;  // and small enough to be sent again
  std::size_t route_index_ = 0;
  bool routed_ = false;
  std::size_t pool_index_ = 0;
  std::shared_ptr<pool::Pool> pool_;

  pool::Wish wish_;
  std::optional<std::size_t> cookie_member_;  // whom the client's cookie names
  pool::Tried tried_;
  // The path names an object of which nobody knows where it lives: a member that does not know it says nothing about
  // the others.
  bool searching_ = false;
  std::uint32_t not_found_at_ = 0;  // members, as in Tried
  int attempts_ = 0;
  TimePoint deadline_ = no_deadline;       // of the whole request, from `total`
  std::optional<TimePoint> member_until_;  // how long to wait for a member to get well, once none was
  std::optional<TimePoint> place_until_;   // and for a place at a full one
  pool::Verdict verdict_;                  // of the last attempt
  bool gateway_failed_ = false;            // the last attempt failed for want of our own resources
  Outgoing outgoing_;
  std::unique_ptr<Candidate> candidate_;  // the newest answer, kept until a newer one comes

  Duration waited_{};  // for the client's body, backends and retry waits: not our own time
  bool expired_ = false;
};

}  // namespace spillway::forward
