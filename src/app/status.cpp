#include <openssl/crypto.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "admin.hpp"
#include "spillway/observe/access_log.hpp"
#include "spillway/version.hpp"

namespace spillway::app {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::duration_cast;

constexpr Milliseconds last_minute{60'000};

Json tenths(double value) {
  return std::round(value * 10) / 10;
}

Json milliseconds(std::optional<Duration> value) {
  if (!value) return nullptr;
  return tenths(std::chrono::duration<double, std::milli>(*value).count());
}

Json circuit_json(const pool::CircuitStatus& circuit) {
  Json json;
  json["deployment"] = circuit.deployment;
  json["state"] = pool::name(circuit.state);
  json["rule"] = circuit.rule.empty() ? Json(nullptr) : Json(circuit.rule);
  json["reopens_in_ms"] = circuit.reopens_in ? Json(circuit.reopens_in->count()) : Json(nullptr);
  return json;
}

Json recent_json(const observe::Trail::Recent& recent) {
  Json json;
  json["span_ms"] = duration_cast<Milliseconds>(recent.span).count();
  json["requests"] = recent.tally.requests;
  json["failures"] = recent.tally.failures;
  return json;
}

Json spread_json(const observe::LatencySpread& spread) {
  return {{"p50", milliseconds(spread.quantile(0.5))}, {"p95", milliseconds(spread.quantile(0.95))}};
}

// By slices, the oldest first; the last is still going on.
Json history_json(const std::vector<observe::Trail::Point>& points) {
  Json json;
  json["slice_ms"] = Trails::slice.count();
  json["requests"] = Json::array();
  json["failures"] = Json::array();
  for (const observe::Trail::Point& point : points) {
    json["requests"].push_back(point.tally.requests);
    json["failures"].push_back(point.tally.failures);
  }
  return json;
}

Json member_json(const pool::MemberStatus& member, const observe::Trail& trail, TimePoint now, bool with_history) {
  Json json;
  json["backend"] = member.backend;
  json["region"] = member.region;
  json["kind"] = config::name(member.kind);
  json["priority"] = member.priority;
  json["weight"] = member.weight;
  json["credential"] = member.has_credential ? "ok" : "missing";
  json["in_flight"] = member.in_flight;
  json["requests"] = member.requests;
  json["failures"] = member.failures;
  json["throttled"] = member.throttled;
  json["ttfb_ms"] = member.ttfb_ms ? tenths(*member.ttfb_ms) : Json(nullptr);
  json["circuits"] = Json::array();
  for (const pool::CircuitStatus& circuit : member.circuits) json["circuits"].push_back(circuit_json(circuit));

  const observe::Tally counted = tally(member);
  const observe::Trail::Recent recent = trail.recent(counted, last_minute, now);
  json["last_minute"] = recent_json(recent);
  json["last_minute"]["throttled"] = recent.tally.throttled;
  json["last_minute"]["ttfb_ms"] = spread_json(recent.first_byte);
  json["last_minute"]["duration_ms"] = spread_json(recent.duration);
  if (!with_history) return json;
  const std::vector<observe::Trail::Point> points = trail.points(counted);
  json["history"] = history_json(points);
  json["history"]["ttfb_ms"] = Json::array();
  for (const observe::Trail::Point& point : points)
    json["history"]["ttfb_ms"].push_back(milliseconds(point.first_byte));
  return json;
}

Json totals_json(const Operations& operations, TimePoint now, bool with_history) {
  const observe::Metrics::Totals totals = operations.metrics().totals();
  const observe::Tally counted = tally(totals);
  std::uint64_t in_flight = 0;
  for (const pool::Fleet::BackendStatus& backend : operations.snapshot().fleet().backends(now))
    in_flight += backend.in_flight;
  Json json;
  json["requests"] = counted.requests;
  json["failures"] = counted.failures;
  json["in_flight"] = in_flight;
  json["streams"] = totals.streams;
  json["client_connections"] = totals.client_connections;
  json["last_minute"] = recent_json(operations.trails().total().recent(counted, last_minute, now));
  if (with_history) json["history"] = history_json(operations.trails().total().points(counted));
  return json;
}

Json transition_json(const Events::Transition& seen) {
  Json json;
  json["number"] = seen.number;
  json["time"] = observe::format_time(seen.time);
  json["backend"] = seen.backend;
  json["deployment"] = seen.deployment;
  json["from"] = pool::name(seen.from);
  json["to"] = pool::name(seen.to);
  json["rule"] = seen.rule.empty() ? Json(nullptr) : Json(seen.rule);
  json["open_for_ms"] = seen.open_for ? Json(seen.open_for->count()) : Json(nullptr);
  return json;
}

Json reload_json(const Events::Reload& seen) {
  Json json;
  json["time"] = observe::format_time(seen.time);
  json["result"] = seen.problem_count == 0 ? "success" : "failure";
  json["sha256"] = seen.sha256;
  json["problem_count"] = seen.problem_count;
  json["problems"] = seen.problems;
  return json;
}

Json tenant_json(const identity::TenantKeys& keys) {
  const identity::TenantKeys::Status status = keys.status();
  Json json;
  json["tenant"] = keys.tenant().id;
  json["authority"] = keys.tenant().authority;
  json["keys"] = status.keys;
  json["fetched_at"] = status.fetched_at ? Json(observe::format_time(*status.fetched_at)) : Json(nullptr);
  json["error"] = status.problem.empty() ? Json(nullptr) : Json(status.problem);
  return json;
}

}  // namespace

std::string status_json(const Operations& operations, TimePoint now, WallTime time, bool with_history) {
  Json json;
  json["version"] = version;
  json["build"] = {{"compiler", __VERSION__}, {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)}};
  json["time"] = observe::format_time(time);
  json["started_at"] = observe::format_time(operations.started_at());
  json["uptime_ms"] = duration_cast<Milliseconds>(time - operations.started_at()).count();
  json["draining"] = operations.draining();
  const Operations::Source& source = operations.source();
  json["config"] = {
      {"path", source.path}, {"sha256", source.sha256}, {"loaded_at", observe::format_time(source.loaded_at)}};
  json["token_keys"] = Json::array();
  for (const auto& keys : operations.snapshot().tokens().keys) json["token_keys"].push_back(tenant_json(*keys));
  json["totals"] = totals_json(operations, now, with_history);
  json["pools"] = Json::array();
  const pool::Fleet& fleet = operations.snapshot().fleet();
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    const pool::PoolStatus status = fleet.pool(i)->status(now);
    Json pool;
    pool["name"] = status.name;
    pool["strategy"] = pool::name(status.strategy);
    pool["ready"] = fleet.pool(i)->ready(now);
    pool["members"] = Json::array();
    for (const pool::MemberStatus& member : status.members) {
      const observe::Trail& trail = operations.trails().member(status.name, member.backend);
      pool["members"].push_back(member_json(member, trail, now, with_history));
    }
    json["pools"].push_back(std::move(pool));
  }
  json["transitions"] = Json::array();
  for (const Events::Transition& seen : operations.events().transitions())
    json["transitions"].push_back(transition_json(seen));
  json["reloads"] = Json::array();
  for (const Events::Reload& seen : operations.events().reloads()) json["reloads"].push_back(reload_json(seen));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spillway::app
