#include "fields.hpp"

namespace spillway::config {
namespace {

constexpr Milliseconds shortest{1};

void check_condition(Reader& reader, const Place& place, FailureCondition& condition) {
  const auto count = place.find("count");
  const auto percentage = place.find("percentage");
  if (count && percentage) {
    reader.key_problem(*percentage, "count and percentage exclude each other (give exactly one)");
  } else if (!count && !percentage) {
    reader.problem(place, "neither count nor percentage (give exactly one)");
  }
  if (const auto min_requests = place.find("min_requests"); min_requests && !percentage) {
    reader.key_problem(*min_requests, "has a meaning only beside percentage");
  }
  const bool counts_nothing =
      condition.status_code_ranges.empty() && condition.error_reasons == FailureCondition().error_reasons;
  if (counts_nothing && reader.clean(place)) {
    reader.problem(place, "counts nothing (give status_code_ranges, error_reasons or both)");
  }
}

void check_retry(Reader& reader, const Place& place, Retry& retry) {
  const auto max_interval = place.find("max_interval");
  if (max_interval && reader.clean(place) && retry.max_interval.count() > 0 && retry.max_interval < retry.interval) {
    reader.problem(*max_interval, "is below interval (it caps the waits)");
  }
}

}  // namespace

template <>
const Table<Pool>& table() {
  static const auto keys = Table<Pool>({
      field("name", &Pool::name, name(), "Unique.").required(),
      field("strategy", &Pool::strategy,
            word<Strategy>({{spillway::config::name(Strategy::round_robin), Strategy::round_robin},
                            {spillway::config::name(Strategy::least_latency), Strategy::least_latency},
                            {spillway::config::name(Strategy::least_requests), Strategy::least_requests}}),
            "How a member is chosen among those of one priority. `round_robin`: in turn, by weight. "
            "`least_latency`: the ones whose answers begin soonest, in turn, by weight. `least_requests`: the "
            "one with the fewest requests in flight for its weight."),
      field("members", &Pool::members, list(section<Member>(), 1, 30, "members"), "Its backends, each once.")
          .required(),
      field("circuit_breaker", &Pool::circuit_breaker, section<CircuitBreaker>(),
            "For members that have none of their own. A backend in two pools whose rules differ must have its "
            "own.")
          .otherwise("the default rules"),
      field("retry", &Pool::retry, section<Retry>(), "When a request is sent again, to the next member."),
      field("affinity", &Pool::affinity, section<Affinity>(), "Which requests keep to one member."),
      field("timeouts", &Pool::timeouts, section<PoolTimeouts>(), "Bounds on how slow backends may be."),
  });
  return keys;
}

template <>
const Table<Affinity>& table() {
  static const auto keys =
      Table<Affinity>(
          {
              field(
                  "response_ids", &Affinity::response_ids, boolean(),
                  "Objects that live in one backend (responses, conversations, files, batches, threads, vector stores "
                  "and the like) are found there again: their ids carry a mark that names the backend."),
              field("cookie", &Affinity::cookie, section<CookieAffinity>(),
                    "A session cookie set on the first answer sends the later requests to the same member."),
              field("header", &Affinity::header, token(),
                    "Requests with the same value of this field go to the same member."),
              field("prompt_cache", &Affinity::prompt_cache, boolean(),
                    "Requests with the same `prompt_cache_key`, else the same leading messages, go to the same member "
                    "while it has no more than 1.25 of its share."),
              field("when_unavailable", &Affinity::when_unavailable,
                    word<WhenUnavailable>({{"repin", WhenUnavailable::repin}, {"fail", WhenUnavailable::fail}}),
                    "When that member cannot take a request: another one does, or the answer is 503 "
                    "`owner_unavailable`. Objects always fail so: no other backend knows them."),
          })
          .with_intro(
              "The first that says something about a request decides: an id, the cookie, the header, the prompt.");
  return keys;
}

template <>
const Table<CookieAffinity>& table() {
  static const auto keys = Table<CookieAffinity>({field("name", &CookieAffinity::name, token(), "The cookie's name.")});
  return keys;
}

template <>
const Table<Member>& table() {
  static const auto keys = Table<Member>({
      field("backend", &Member::backend, reference(Named::backend), "The backend.").required(),
      field("priority", &Member::priority, integer(0, 100),
            "Lower is served first; a higher one only when no member of a lower one can take the request."),
      field("weight", &Member::weight, integer(0, 1000),
            "Share among the members of one priority. 0 = drained: gets nothing."),
  });
  return keys;
}

template <>
const Table<PoolTimeouts>& table() {
  static const auto keys = Table<PoolTimeouts>({
      field("connect", &PoolTimeouts::connect, duration(Milliseconds(0), "none"),
            "Finding, connecting to and greeting a backend, TLS handshake included."),
      field("first_byte", &PoolTimeouts::first_byte, duration(Milliseconds(0), "none"),
            "From the last byte of the request to the first byte of the answer's head; an attempt that failed with "
            "`timeout`."),
      field("stream_idle", &PoolTimeouts::stream_idle, duration(Milliseconds(0), "none"),
            "Between two pieces of an answer's body; breaks the client's connection."),
      field("total", &PoolTimeouts::total, duration(Milliseconds(0), "none"),
            "The whole request, waits and further attempts included."),
  });
  return keys;
}

template <>
const Table<Retry>& table() {
  static const auto keys =
      Table<Retry>(
          {
              field("status_codes", &Retry::status_codes, status_ranges(),
                    "Answers after which a request is sent again."),
              field("on_errors", &Retry::on_errors, error_kinds(),
                    "Failures without an answer after which it is sent again."),
              field("max_attempts", &Retry::max_attempts, keyword_or("all", integer(1, 30)),
                    "The first attempt included; `all`: each member once."),
              field("interval", &Retry::interval, duration(), "Wait before another attempt."),
              field("delta", &Retry::delta, duration(),
                    "Growth of the wait: linear, or exponential with `max_interval`."),
              field("max_interval", &Retry::max_interval, duration(Milliseconds(0), "waits do not grow exponentially"),
                    "The longest wait of an exponential growth."),
              field("first_fast_retry", &Retry::first_fast_retry, boolean(), "The first wait is none."),
              field("deadline", &Retry::deadline, duration(Milliseconds(0), "none"),
                    "No further attempt is started after this time."),
          })
          .with_intro(
              "A request is sent again only before the first byte of an answer has gone to the client, and never to a "
              "member that was tried. Waits before attempt n + 1: `interval`; with `delta` `interval + (n - 1) * "
              "delta`; "
              "with `max_interval` too `interval + (2^(n - 1) - 1) * delta`, each delta varied by 20 %, capped.")
          .with_check(check_retry);
  return keys;
}

template <>
const Table<CircuitBreaker>& table() {
  static const auto keys =
      Table<CircuitBreaker>({
                                field("rules", &CircuitBreaker::rules, list(section<BreakerRule>(), 0, 30, "rules"),
                                      "Each counts and trips by itself. A list given here replaces the defaults; an "
                                      "empty one switches the breaker off.")
                                    .otherwise("`throttled` and `failing`, shown below"),
                                field("max_retry_after", &CircuitBreaker::max_retry_after, duration(shortest),
                                      "The longest time an answer may ask for; more is cut to it."),
                            })
          .with_intro(
              "A circuit belongs to one deployment of one backend. While it is open, that deployment gets no requests.")
          .with_check([](Reader& reader, const Place& place, CircuitBreaker&) {
            check_unique_names(reader, place.list("rules"));
          });
  return keys;
}

template <>
const Table<BreakerRule>& table() {
  static const auto keys = Table<BreakerRule>({
      field("name", &BreakerRule::name, name(), "Unique among its siblings; shown in status.").required(),
      field("failure_condition", &BreakerRule::failure_condition, section<FailureCondition>(),
            "What is counted, and how much is too much.")
          .required(),
      field("trip_duration", &BreakerRule::trip_duration, duration(shortest), "How long the circuit stays open.")
          .required(),
      field("accept_retry_after", &BreakerRule::accept_retry_after, boolean(),
            "An answer's `retry-after-ms`, `x-ms-retry-after-ms` or `Retry-After` goes before `trip_duration`."),
      field("half_open", &BreakerRule::half_open, boolean(),
            "When the time is over, one probe decides whether the circuit closes; otherwise it closes at once."),
  });
  return keys;
}

template <>
const Table<FailureCondition>& table() {
  static const auto keys =
      Table<FailureCondition>(
          {
              field("count", &FailureCondition::count, integer(1, 10'000),
                    "Failures within `interval`. Either this or `percentage`."),
              field("percentage", &FailureCondition::percentage, integer(1, 100),
                    "Share of failures within `interval`. Either this or `count`."),
              field("min_requests", &FailureCondition::min_requests, integer(1, 10'000),
                    "With `percentage`: answers needed before it is judged."),
              field("interval", &FailureCondition::interval, duration(shortest), "A sliding window.").required(),
              field("status_code_ranges", &FailureCondition::status_code_ranges, status_ranges(),
                    "Answers that are failures."),
              field("error_reasons", &FailureCondition::error_reasons, error_kinds(),
                    "Failures without an answer that count."),
          })
          .with_intro("`status_code_ranges`, `error_reasons` or both must be given.")
          .with_check(check_condition);
  return keys;
}

}  // namespace spillway::config
