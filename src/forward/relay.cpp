#include <chrono>
#include <random>

#include "affinity.hpp"
#include "forwarding.hpp"
#include "outcome.hpp"
#include "replies.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/header_rules.hpp"
#include "spillway/http/writer.hpp"
#include "stream_gauge.hpp"

namespace spillway::forward {
namespace {

std::string_view value_of(const http::ResponseHead& head, http::FieldId id) noexcept {
  const http::Field* field = head.find(id);
  return field == nullptr ? std::string_view() : field->value;
}

bool is_of_type(const http::ResponseHead& head, std::string_view type) noexcept {
  const http::Field* field = head.find(http::FieldId::content_type);
  return field != nullptr && iequals(trim(field->value.substr(0, field->value.find(';'))), type);
}

bool is_event_stream(const http::ResponseHead& head) noexcept {
  return is_of_type(head, "text/event-stream");
}

bool is_compressed(const http::ResponseHead& head) noexcept {
  const http::Field* encoding = head.find(http::FieldId::content_encoding);
  return encoding != nullptr && !iequals(encoding->value, "identity");
}

std::uint64_t fresh_nonce() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return generator();
}

// Bytes of an answer that is read whole before its first byte goes out, so that its length can be told although its ids
// are marked.
constexpr std::uint64_t collected_at_most = 64 << 10;

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
  std::size_t room = 384;  // for the status and what is added
  for (const http::Field& field : answer.fields) room += field.name.size() + field.value.size() + 4;
  head.reserve(room);
  http::append_status_line(head, answer.status, answer.reason);
  bool has_region = false;
  for (const http::Field& field : answer.fields) {
    if (!http::passes_to_client(field)) continue;
    has_region = has_region || field.id == http::FieldId::x_ms_region;
    http::append_field(head, field.name, field.value);
  }
  if (wanted.region && !has_region && !backend.region.empty()) http::append_field(head, "x-ms-region", backend.region);
  if (wanted.routed_backend) http::append_field(head, "x-routed-backend", backend.name);
  if (wanted.routing_strategy) http::append_field(head, "x-routing-strategy", pool_->strategy_label());
  if (wanted.circuit_state) http::append_field(head, "x-circuit-state", pool::name(chosen.circuit));
  const std::optional<config::CookieAffinity>& cookie = pool_config().affinity.cookie;
  if (cookie && !wish_.owner && cookie_member_ != chosen.member) {
    const std::string value = snapshot_->marks().cookie(pool_index_, chosen.member, fresh_nonce());
    http::append_field(head, "Set-Cookie", session_cookie(cookie->name, value, client_.is_tls()));
  }
  if (wanted.attempts) http::append_field(head, "x-attempts", observe::attempts_header(record_.attempts));
  return head;
}

// What the log says of it.
void Forwarding::note(const Candidate& chosen) {
  const http::ResponseHead& head = chosen.answer->head();
  record_.status = head.status;
  const std::string_view region = value_of(head, http::FieldId::x_ms_region);
  record_.region = region.empty() ? snapshot_->config().backends[chosen.backend].region : std::string(region);
  const std::string_view id = value_of(head, http::FieldId::apim_request_id);
  record_.upstream_request_id = id.empty() ? value_of(head, http::FieldId::x_request_id) : id;
}

// For an answer whose ids have to lead back to its backend.
std::optional<http::ObjectIdMarker> Forwarding::marker_for(const Candidate& chosen) const {
  const http::ResponseHead& head = chosen.answer->head();
  const bool success = head.status >= 200 && head.status < 300;
  if (!original_.plain_answer || !success || is_compressed(head) || original_.head->method == "HEAD")
    return std::nullopt;
  using Body = http::ObjectIdMarker::Body;
  const bool events = is_event_stream(head);
  if (!events && !is_of_type(head, "application/json")) return std::nullopt;
  const auto mark = [&marks = snapshot_->marks(), backend = chosen.backend](std::string& out, std::string_view id) {
    if (id.empty() || id.size() > routing::OwnerMarks::max_id_size) return;
    const routing::OwnerMarks::Mark made = marks.mark(id, backend);
    out.append(made.data(), made.size());
  };
  return http::ObjectIdMarker(events ? Body::event_stream : Body::json, objects_.is_object, mark);
}

// Reads a short answer whole.
awaitable<bool> Forwarding::collect(Answer& answer, http::ObjectIdMarker& marker, std::string& marked) {
  const TimePoint begun = services_.loop.heard();
  bool read = false;
  do {
    read = co_await answer.read_piece(pool_config().timeouts.stream_idle, deadline_, slot_);
    if (read) marker.feed(answer.piece(), marked);
  } while (read && !answer.complete());
  waited_ += services_.loop.heard() - begun;
  co_return read;
}

// Passes the chosen answer on, piece by piece as it comes; the next piece is read when the client has taken the one
// before.
awaitable<void> Forwarding::relay() {
  const std::unique_ptr<Candidate> chosen = std::move(candidate_);
  const TimePoint begun = services_.loop.heard();
  Answer& answer = *chosen->answer;
  const http::ResponseHead& head = answer.head();
  note(*chosen);
  record_.stream = is_event_stream(head);
  const StreamGauge counted(record_.stream ? &services_.metrics.streams_active() : nullptr);

  std::string fields = answer_head(*chosen);
  listener::Exchange::AnswerBody body = body_of(head, original_.head->method == "HEAD");
  std::optional<http::ObjectIdMarker> marker = marker_for(*chosen);
  bool broken = false;
  bool collected = false;
  std::string marked;
  if (marker && body.kind == listener::Exchange::AnswerBody::Kind::length) {
    // Its length changes, and is known only when all of it is here.
    body.kind = listener::Exchange::AnswerBody::Kind::unknown;
    if (body.length <= collected_at_most) {
      collected = co_await collect(answer, *marker, marked);
      broken = !collected;
      body.kind = listener::Exchange::AnswerBody::Kind::length;
      body.length = marked.size();
    }
  }
  client_.release_request();
  outgoing_ = Outgoing();  // nobody else will be asked
  ErrorCode lost;
  if (!broken) {
    client_.begin(record_.status, std::move(fields), body);
    if (!answer.has_more_now()) lost = co_await client_.write(std::string_view());
  }
  const TimePoint first = services_.loop.now();
  record_.ttfb = first - client_.started();
  record_.overhead = std::max(Duration::zero(), *record_.ttfb - waited_);
  if (collected && !lost) lost = co_await client_.finish(marked);
  while (!lost && !broken && !collected) {
    const bool read = co_await answer.read_piece(pool_config().timeouts.stream_idle, deadline_, slot_);
    std::string_view piece = answer.piece();
    if (read && marker) {
      marked.clear();
      marker->feed(piece, marked);
      piece = marked;
    }
    if (!read) {
      broken = true;
    } else if (answer.complete()) {
      lost = co_await client_.finish(piece);
      break;
    } else {
      lost = co_await client_.write(piece);
    }
  }

  const TimePoint now = services_.loop.now();
  observe::AttemptRecord& entry = record_.attempts[chosen->attempt];
  entry.took += now - begun;
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
    const observe::MemberSeries& series = snapshot_->member_series(pool_index_, chosen->member);
    series.outcome(how).add();
    if (how == observe::Outcome::success) series.duration->observe(entry.took);
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
