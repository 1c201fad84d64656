#include <cmath>
#include <nlohmann/json.hpp>

#include "admin.hpp"
#include "spillway/observe/access_log.hpp"
#include "spillway/version.hpp"

namespace spillway::app {
namespace {

using Json = nlohmann::ordered_json;

Json circuit_json(const pool::CircuitStatus& circuit) {
  Json json;
  json["deployment"] = circuit.deployment;
  json["state"] = pool::name(circuit.state);
  json["rule"] = circuit.rule.empty() ? Json(nullptr) : Json(circuit.rule);
  json["reopens_in_ms"] = circuit.reopens_in ? Json(circuit.reopens_in->count()) : Json(nullptr);
  return json;
}

Json member_json(const pool::MemberStatus& member) {
  Json json;
  json["backend"] = member.backend;
  json["region"] = member.region;
  json["kind"] = member.kind == config::BackendKind::ptu ? "ptu" : "paygo";
  json["priority"] = member.priority;
  json["weight"] = member.weight;
  json["credential"] = member.has_credential ? "ok" : "missing";
  json["in_flight"] = member.in_flight;
  json["requests"] = member.requests;
  json["failures"] = member.failures;
  json["throttled"] = member.throttled;
  json["ttfb_ms"] = member.ttfb_ms ? Json(std::round(*member.ttfb_ms * 10) / 10) : Json(nullptr);
  json["circuits"] = Json::array();
  for (const pool::CircuitStatus& circuit : member.circuits) json["circuits"].push_back(circuit_json(circuit));
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

std::string status_json(const Operations& operations, TimePoint now) {
  Json json;
  json["version"] = version;
  json["started_at"] = observe::format_time(operations.started_at());
  json["draining"] = operations.draining();
  const Operations::Source& source = operations.source();
  json["config"] = {
      {"path", source.path}, {"sha256", source.sha256}, {"loaded_at", observe::format_time(source.loaded_at)}};
  json["token_keys"] = Json::array();
  for (const auto& keys : operations.snapshot().tokens().keys) json["token_keys"].push_back(tenant_json(*keys));
  json["pools"] = Json::array();
  const pool::Fleet& fleet = operations.snapshot().fleet();
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    const pool::PoolStatus status = fleet.pool(i)->status(now);
    Json pool;
    pool["name"] = status.name;
    pool["strategy"] = pool::name(status.strategy);
    pool["members"] = Json::array();
    for (const pool::MemberStatus& member : status.members) pool["members"].push_back(member_json(member));
    json["pools"].push_back(std::move(pool));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spillway::app
