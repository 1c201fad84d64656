#include "identity_control.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "order.hpp"
#include "token_mint.hpp"

namespace spillway::lab {
namespace {

constexpr std::int64_t longest_lifetime = 315'360'000;   // ten years
constexpr std::int64_t latest_second = 253'402'300'799;  // of the year 9999
constexpr std::int64_t longest_overlap_ms = 86'400'000;
constexpr std::int64_t default_overlap_ms = 60'000;

std::optional<Fault> read_fault(Order& order) {
  if (!order.has("fault")) order.refuse(400, "fault is missing (null clears it)");
  if (order.value("fault").is_null()) return std::nullopt;
  std::string problem;
  auto fault = parse_fault(order.value("fault"), problem);
  if (!fault) order.refuse(400, "fault: " + problem);
  if (fault && (fault->kind == FaultKind::content_filter || fault->kind == FaultKind::stream_error)) {
    order.refuse(400, "fault: no identity service does this");
  }
  return fault;
}

std::optional<Answer> set_fault(Identity& identity, Order order) {
  const std::string service = order.text("service");
  const std::string operation = order.text("operation");
  const auto fault = read_fault(order);
  if (fault && fault->kind == FaultKind::refuse && !operation.empty()) {
    order.refuse(400, "refuse works on a whole service, not on an operation");
  }
  std::vector<IdentityStand*> meant;
  for (IdentityStand& stand : identity.stands()) {
    if (service.empty() || stand.name() == service) meant.push_back(&stand);
  }
  if (meant.empty()) order.refuse(404, "no service '" + service + "'");
  std::erase_if(meant, [&](const IdentityStand* stand) { return !operation.empty() && !stand->knows(operation); });
  if (meant.empty()) order.refuse(404, "no operation '" + operation + "' there");
  if (!order.good()) return order.refusal();
  for (IdentityStand* stand : meant) {
    if (fault) {
      stand->faults().set(operation, *fault);
    } else {
      stand->faults().clear(operation);
    }
  }
  return std::nullopt;
}

std::optional<Answer> set_lifetime(Identity& identity, Order order) {
  const auto expires = order.whole("expires_in", 1, longest_lifetime);
  const auto refresh = order.whole("refresh_in", 1, longest_lifetime);
  if (refresh && !expires) order.refuse(400, "refresh_in needs an expires_in");
  if (!order.good()) return order.refusal();
  const auto seconds = [](std::optional<std::int64_t> number) {
    return number ? std::optional<Milliseconds>(std::chrono::seconds(*number)) : std::nullopt;
  };
  identity.issuer().set_lifetime(seconds(expires), seconds(refresh));
  return std::nullopt;
}

std::optional<Answer> set_secret(Identity& identity, Order order, Moment moment) {
  const std::string name = order.text("name");
  const auto expires = order.whole("expires_on", 0, latest_second);
  const Json& value = order.value("value");
  const Json& enabled = order.value("enabled");
  if (name.empty()) order.refuse(400, "name is missing");
  if (!order.has("value")) order.refuse(400, "value is missing (null removes the secret)");
  if (!value.is_string() && !value.is_null()) order.refuse(400, "value is a text or null");
  if (!enabled.is_boolean() && !enabled.is_null()) order.refuse(400, "enabled is true or false");
  KeyVault* vault = identity.vault();
  if (vault == nullptr) order.refuse(404, "no key vault");
  if (order.good() && value.is_null()) {
    if (!vault->remove(name)) order.refuse(404, "no secret '" + name + "'");
  } else if (order.good()) {
    const bool set =
        vault->set(name, {text_of(value), enabled.is_null() || is_true(enabled), expires}, moment.unix_seconds);
    if (!set) order.refuse(400, "name is 1 to 127 letters, digits and hyphens");
  }
  if (!order.good()) return order.refusal();
  return std::nullopt;
}

std::optional<Answer> revoke(Identity& identity, Order order) {
  const std::string client = order.text("client_id");
  if (!order.good()) return order.refusal();
  identity.issuer().revoke(client);
  return std::nullopt;
}

std::optional<Answer> roll(Identity& identity, Order order, TimePoint now) {
  const auto overlap = order.whole("overlap_ms", 0, longest_overlap_ms);
  if (!order.good()) return order.refusal();
  identity.issuer().keys().roll(now, Milliseconds{overlap.value_or(default_overlap_ms)});
  return std::nullopt;
}

}  // namespace

Answer identity_control(Identity* identity, const Request& request, Moment moment) {
  if (identity == nullptr) return json_answer(404, {{"error", "no identity services in this file"}});
  const std::string_view path = request.path;
  const bool asks = path == "/identity";
  if (request.method != (asks ? "GET" : "POST")) return json_answer(405, {{"error", asks ? "use GET" : "use POST"}});
  std::optional<Answer> refused;
  if (path == "/identity/token") return mint(request.body, identity->issuer(), moment);
  if (path == "/identity/faults") {
    refused = set_fault(*identity, Order(request.body, {"service", "operation", "fault"}));
  } else if (path == "/identity/lifetime") {
    refused = set_lifetime(*identity, Order(request.body, {"expires_in", "refresh_in"}));
  } else if (path == "/identity/secrets") {
    refused = set_secret(*identity, Order(request.body, {"name", "value", "enabled", "expires_on"}), moment);
  } else if (path == "/identity/revoke") {
    refused = revoke(*identity, Order(request.body, {"client_id"}));
  } else if (path == "/identity/rollover") {
    refused = roll(*identity, Order(request.body, {"overlap_ms"}), moment.now);
  } else if (!asks) {
    return json_answer(
        404, {{"error", "GET /identity, POST /identity/faults, /lifetime, /secrets, /token, /revoke or /rollover"}});
  }
  return refused ? *refused : json_answer(200, identity->report(moment.now));
}

}  // namespace spillway::lab
