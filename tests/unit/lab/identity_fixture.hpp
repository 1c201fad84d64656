#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lab/identity.hpp"
#include "lab/identity_control.hpp"
#include "lab/jwt.hpp"

namespace spillway::lab {

// All identity services of a tenant with one application and two managed identities.
class IdentityTest : public ::testing::Test {
 protected:
  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

  static IdentityConfig standard() {
    IdentityConfig config;
    config.managed_identities.resize(2);
    config.managed_identities[0].principal = {"system-client", "system-object", {"Chat.Use"}};
    config.managed_identities[0].system = true;
    config.managed_identities[1].principal = {"user-client", "user-object", {}};
    config.managed_identities[1].resource_id = "/subscriptions/s/identities/user";
    config.applications.resize(1);
    config.applications[0].principal = {"app-client", "app-object", {"Chat.Use"}};
    config.applications[0].secrets = {"old secret", "new+secret"};
    config.applications[0].federated.push_back({"https://oidc.example/", "system:serviceaccount:ns:sa"});
    config.imds.emplace();
    config.app_service.emplace();
    config.arc.emplace();
    config.entra.emplace();
    config.key_vault.emplace();
    config.key_vault->secrets = {{"Chat-Key", "first value"}};
    return config;
  }

  static const KeyRing& made_once() {
    static const KeyRing keys;
    return keys;
  }

  explicit IdentityTest(const IdentityConfig& config = standard()) : identity(config, 1, made_once()) {
    for (IdentityStand& stand : identity.stands()) identity.listens_at(stand, {"127.0.0.1", 4711});
  }

  Answer send(std::string_view service, std::string_view method, const std::string& target, Fields fields = {},
              std::string_view body = {}) {
    Request request;
    request.method = method;
    const std::size_t mark = target.find('?');
    request.path = std::string_view(target).substr(0, mark);
    if (mark != std::string::npos) request.query = std::string_view(target).substr(mark + 1);
    request.fields = std::move(fields);
    request.fields.emplace_back("host", "vault.example:4711");
    request.body = body;
    return identity.find(service)->respond(request, moment);
  }
  Answer order(std::string_view path, std::string_view body = {}, std::string_view method = "POST") {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    return identity_control(&identity, request, moment);
  }
  // Minted as the order says.
  std::string token(std::string_view order_body) {
    return text_of(member(parsed(order("/identity/token", order_body)), "access_token"));
  }
  TokenFlaw flaw(std::string_view token, const std::string& audience) {
    return identity.issuer().check(token, {audience}, moment).flaw;
  }

  static Json parsed(const Answer& answer) { return parse_json(answer.body()).value_or(Json()); }
  static std::string text(const Answer& answer, std::string_view key) { return text_of(member(parsed(answer), key)); }
  static Json claims(const Answer& answer) {
    const auto jwt = read_jwt(text(answer, "access_token"));
    return jwt ? jwt->claims : Json();
  }

  Moment moment{TimePoint() + std::chrono::hours(1), 1'800'000'000};
  Identity identity;
};

}  // namespace spillway::lab
