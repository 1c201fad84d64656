#include <chrono>

#include "forwarding.hpp"
#include "outcome.hpp"
#include "replies.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/header_rules.hpp"
#include "spillway/http/writer.hpp"
#include "stream_gauge.hpp"

namespace spillway::forward {
namespace {

std::string_view value_of(const http::ResponseHead& head, std::string_view name) noexcept {
  const http::Field* field = head.find(name);
  return field == nullptr ? std::string_view() : field->value;
}

bool is_event_stream(const http::ResponseHead& head) noexcept {
  constexpr std::string_view type = "text/event-stream";
  const http::Field* field = head.find(http::FieldId::content_type);
  return field != nullptr && iequals(field->value.substr(0, type.size()), type);
}

listener::Exchange::AnswerBody body_of(const http::ResponseHead& head, bool to_head_request) {
  using Kind = listener::Exchange::AnswerBody::Kind;
  listener::Exchange::AnswerBody body;
  body.length = head.content_length;
  if (head.framing == http::Framing::length)
    body.kind = Kind::length;
  else if (head.framing == http::Framing::chunked || head.framing == http::Framing::until_close)
    body.kind = Kind::unknown;
  // Without a body, but it tells what a GET would have had.
  const bool announced = to_head_request && head.find(http::FieldId::content_length) != nullptr;
  if (announced) body.kind = Kind::length;
  return body;
}

}  // namespace

std::string Forwarding::answer_head(const Candidate& chosen) const {
  const config::Config& config = snapshot_->config();
  const config::ResponseHeaders& wanted = config.response_headers;
  const config::Backend& backend = config.backends[chosen.backend];
  const http::ResponseHead& answer = chosen.answer->head();
  std::string head;
  head.reserve(1536);
  http::append_status_line(head, answer.status, answer.reason);
  bool has_region = false;
  for (const http::Field& field : answer.fields) {
    if (!http::passes_to_client(field, answer)) continue;
    has_region = has_region || iequals(field.name, "x-ms-region");
    http::append_field(head, field.name, field.value);
  }
  if (wanted.region && !has_region && !backend.region.empty()) http::append_field(head, "x-ms-region", backend.region);
  if (wanted.routed_backend) http::append_field(head, "x-routed-backend", backend.name);
  if (wanted.routing_strategy) http::append_field(head, "x-routing-strategy", pool_->strategy_label());
  if (wanted.circuit_state) http::append_field(head, "x-circuit-state", pool::name(chosen.circuit));
  if (wanted.attempts) http::append_field(head, "x-attempts", observe::attempts_header(record_.attempts));
  return head;
}

// What the log says of it.
void Forwarding::note(const Candidate& chosen) {
  const http::ResponseHead& head = chosen.answer->head();
  record_.status = head.status;
  const std::string_view region = value_of(head, "x-ms-region");
  record_.region = region.empty() ? snapshot_->config().backends[chosen.backend].region : std::string(region);
  const std::string_view id = value_of(head, "apim-request-id");
  record_.upstream_request_id = id.empty() ? value_of(head, "x-request-id") : id;
}

// Passes the chosen answer on, piece by piece as it comes; the next piece is read when the client has taken the one
// before.
awaitable<void> Forwarding::relay() {
  const std::unique_ptr<Candidate> chosen = std::move(candidate_);
  Answer& answer = *chosen->answer;
  const http::ResponseHead& head = answer.head();
  const config::PoolTimeouts& timeouts = pool_config().timeouts;
  note(*chosen);
  record_.stream = is_event_stream(head);
  const StreamGauge counted(record_.stream ? &services_.metrics.streams_active() : nullptr);

  std::string fields = answer_head(*chosen);
  const listener::Exchange::AnswerBody body = body_of(head, original_.head->method == "HEAD");
  client_.begin(head.status, std::move(fields), body);
  client_.release_request();

  bool broken = false;
  ErrorCode lost;
  if (!answer.has_more_now()) lost = co_await client_.write(std::string_view());
  const TimePoint first = services_.loop.now();
  record_.ttfb = first - client_.started();
  record_.overhead = std::max(Duration::zero(), *record_.ttfb - waited_);
  while (!lost && !broken) {
    const bool read = co_await answer.read_piece(timeouts.stream_idle, deadline_, slot_);
    if (!read) {
      broken = true;
    } else if (answer.complete()) {
      lost = co_await client_.finish(answer.piece());
      break;
    } else {
      lost = co_await client_.write(answer.piece());
    }
  }

  const TimePoint now = services_.loop.now();
  observe::AttemptRecord& entry = record_.attempts[chosen->attempt];
  entry.took += now - first;
  pool::Verdict ended = verdict_;
  if (broken) {
    const bool by_client = slot_.cancelled() || answer.failure().blame == Blame::client;
    const bool by_total = !by_client && now >= deadline_;
    ended = by_client || by_total ? pool::Verdict::abandoned() : classify(answer.failure());
    record_.aborted_by = by_client ? observe::AbortedBy::client : observe::AbortedBy::upstream;
    client_.break_off();
  } else if (lost) {
    record_.aborted_by = observe::AbortedBy::client;
    if (!answer.complete()) ended = pool::Verdict::abandoned();
    client_.break_off();
  }
  if (chosen->lease) {
    const observe::Outcome how = outcome(ended);
    if (broken || lost) entry.error = broken ? observe::name(how) : std::string_view();
    snapshot_->member_series(pool_index_, chosen->member).outcome(how).add();
    chosen->lease.settle(ended, now);
  }
  give_back(*chosen);
}

// An answer nobody will see: its connection is kept when the rest of it is here already.
void Forwarding::dispose(std::unique_ptr<Candidate> candidate) {
  candidate->answer->discard();
  give_back(*candidate);
}

// Once the answer has been read to its end, its connection waits for another request, or is closed: also when a reload
// has done away with its backend meanwhile.
void Forwarding::give_back(Candidate& candidate) {
  Answer& answer = *candidate.answer;
  if (!answer.complete()) return;
  const std::shared_ptr<net::Endpoint>& endpoint = snapshot_->endpoint(candidate.backend);
  const bool keep = answer.reusable() && (current_ == snapshot_ || current_->uses(*endpoint));
  net::Connection connection = std::move(answer.connection());
  if (keep) services_.connections.put(endpoint, std::move(connection));
}

}  // namespace spillway::forward
