#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "checks.hpp"
#include "child.hpp"
#include "daemon.hpp"

// The built gateway without a key in its file, in front of the simulator: its backends take access tokens only, keys of
// clients are in a vault, and other clients show access tokens themselves.
namespace spillway::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char tenant[] = "8f1d6a2c-3b57-4c0e-9a41-d2e6b7f05c93";
constexpr char application[] = "2f6c1d1e-7a52-4f0b-8f4b-6a0f6b1f9e11";
constexpr char application_secret[] = "marker-of-the-application";

// `spillway-lab simulate` with two resources, Entra and a vault.
class Simulator {
 public:
  Simulator()
      : child_({SPILLWAY_LAB_PROGRAM, "simulate", "--config", folder_.write("lab.yaml", config())},
               folder_.path() + "/output") {
    const auto started = [&] { return child_.output().find("Ctrl-C stops it") != std::string::npos; };
    if (!eventually([&] { return started() || !child_.running(); }) || !started())
      throw std::runtime_error("the simulator did not start: " + child_.output());
  }

  // What follows `marker` in the table it prints, a URL.
  std::string url_behind(const std::string& marker) const {
    const std::string output = child_.output();
    const std::size_t begin = output.find("http://", output.find("\n" + marker));
    return output.substr(begin, output.find_first_of("/ \n", begin + 7) - begin);
  }
  std::string authority() const { return url_behind("entra"); }
  std::string vault() const { return url_behind("key_vault"); }

  json ask(const std::string& path, const json& body) const {
    const std::string control = url_behind("Faults and counters");
    RawClient client(static_cast<std::uint16_t>(std::stoi(control.substr(control.rfind(':') + 1))));
    const Message answer = client.call(request("POST", path, {{"Connection", "close"}}, body.dump()));
    EXPECT_EQ(answer.status(), 200) << path << answer.body;
    return json::parse(answer.body);
  }
  // A token for the gateway, as a client would bring it.
  std::string token(json order = json::object()) const {
    order["audience"] = "api://spillway";
    if (!order.contains("claims")) order["claims"] = {{"roles", {"Chat.Use"}}};
    return ask("/identity/token", order).at("access_token");
  }
  void fault(const std::string& service, const json& fault) const {
    ask("/identity/faults", {{"service", service}, {"fault", fault}});
  }

 private:
  static std::string config() {
    const std::string deployments = "deployments: [{name: gpt-4o, tpm: 10000000, rpm: 1000000}]}\n";
    return "control: {address: '127.0.0.1:0'}\n"
           "resources:\n"
           "  - {name: eastus, region: East US, address: '127.0.0.1:0', tokens: true, " +
           deployments + "  - {name: westus, region: West US, address: '127.0.0.1:0', tokens: true, " + deployments +
           "identity:\n"
           "  applications: [{client_id: " +
           application + ", secrets: [" + application_secret +
           "]}]\n"
           "  entra: {}\n"
           "  key_vault: {secrets: {chat-key: marker-of-the-first-key}}\n";
  }

  TemporaryFolder folder_;
  Child child_;
};

class Keyless : public testing::Test {
 protected:
  std::string yaml() {
    const std::string secret = folder_.write("app-secret", application_secret);
    const std::string identity = std::string("client_secret: {tenant_id: ") + tenant + ", client_id: " + application +
                                 ", secret: '${file:" + secret + "}', authority: '" + azure_.authority() + "'";
    return "key_vault: {suffix: 127.0.0.1, poll_interval: 100ms, auth: {" + identity +
           ", resource: 'https://vault.azure.net'}}}\n"
           "clients:\n"
           "  - {name: chat, keys: ['${keyvault:" +
           azure_.vault() +
           "/secrets/chat-key}']}\n"
           "  - {name: batch, entra: {tenant_id: " +
           tenant + ", audiences: ['api://spillway'], authority: '" + azure_.authority() +
           "', required_claims: {roles: [Chat.Use]}}}\n"
           "backends:\n"
           "  - {name: eastus, url: '" +
           azure_.url_behind("eastus") + "', auth: {" + identity +
           "}}}\n"
           "  - {name: westus, url: '" +
           azure_.url_behind("westus") + "', auth: {" + identity +
           "}}}\n"
           "pools: [{name: openai, members: [{backend: eastus}, {backend: westus}]}]\n"
           "response_headers: {attempts: true}\n";
  }
  Daemon& gateway() {
    if (!gateway_) {
      gateway_.emplace(SPILLWAY_PROGRAM, yaml(), 0, "level: debug, format: json, access: true");
      EXPECT_TRUE(eventually([&] { return status().find("\"missing\"") == std::string::npos; }));
    }
    return *gateway_;
  }
  std::string status() {
    RawClient admin(gateway().admin_port());
    return admin.call(request("GET", "/status", {{"Connection", "close"}})).body;
  }
  std::string metrics() {
    RawClient admin(gateway().admin_port());
    return admin.call(request("GET", "/metrics", {{"Connection", "close"}})).body;
  }
  Message chat(const Headers& credential) {
    return gateway().client().call(request("POST", "/openai/v1/chat/completions", credential,
                                           R"({"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]})"));
  }
  Message with_key(const std::string& key) { return chat({{"api-key", key}}); }
  Message with_token(const std::string& token) { return chat({{"Authorization", "Bearer " + token}}); }
  std::string message_of(const Message& answer) { return json_of(answer)["error"]["message"]; }

  Simulator azure_;
  TemporaryFolder folder_;
  std::optional<Daemon> gateway_;
};

TEST_F(Keyless, ServesClientsWithKeysOfTheVaultAndWithTokens) {
  const Message by_key = with_key("marker-of-the-first-key");
  EXPECT_EQ(by_key.status(), 200) << by_key.body;
  const Message by_token = with_token(azure_.token());
  EXPECT_EQ(by_token.status(), 200) << by_token.body;
  EXPECT_EQ(with_key("not-fetched:" + azure_.vault() + "/secrets/chat-key").status(), 401);
}

TEST_F(Keyless, RefusesEveryBadTokenForItsOwnReason) {
  gateway();
  const std::map<std::string, std::string> reasons = {{"expired", "has expired"},
                                                      {"not_yet", "is not valid yet"},
                                                      {"wrong_audience", "another audience"},
                                                      {"wrong_issuer", "an issuer that is not accepted"},
                                                      {"wrong_tenant", "an issuer that is not accepted"},
                                                      {"unknown_key", "a key its issuer is not known to have"},
                                                      {"wrong_key", "The signature"},
                                                      {"tampered", "The signature"},
                                                      {"unsigned", "is not signed"},
                                                      {"symmetric", "an algorithm that is not accepted"}};
  for (const auto& [flaw, reason] : reasons) {
    const Message refused = with_token(azure_.token({{"flaw", flaw}}));
    EXPECT_TRUE(is_gateway_error(refused, 401, "invalid_token")) << flaw;
    EXPECT_THAT(message_of(refused), HasSubstr(reason)) << flaw;
  }
  const Message lacking = with_token(azure_.token({{"claims", {{"roles", {"Other"}}}}}));
  EXPECT_TRUE(is_gateway_error(lacking, 403, "token_not_allowed"));
}

TEST_F(Keyless, NoOutageRevocationOrRolloverIsEverAClientsProblem) {
  const auto served = [&](const std::string& when) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(with_key("marker-of-the-first-key").status(), 200) << when;
      EXPECT_EQ(with_token(azure_.token()).status(), 200) << when;
    }
  };
  served("at first");
  for (const char* service : {"entra", "key_vault"}) azure_.fault(service, {{"status", 503}});
  served("while Entra and the vault are away");
  for (const char* service : {"entra", "key_vault"}) azure_.fault(service, nullptr);
  azure_.ask("/identity/revoke", {{"client_id", application}});
  const Message healed = with_key("marker-of-the-first-key");
  EXPECT_EQ(healed.status(), 200);
  EXPECT_THAT(healed.header("x-attempts").value_or(""),
              testing::AnyOf("eastus;401, eastus;200", "westus;401, westus;200"));
  served("after a revocation");
  azure_.ask("/identity/rollover", {{"overlap_ms", 600'000}});
  served("after new keys sign");
}

TEST_F(Keyless, ARotatedKeyIsTakenUpWithoutARestart) {
  EXPECT_EQ(with_key("marker-of-the-first-key").status(), 200);
  azure_.ask("/identity/secrets", {{"name", "chat-key"}, {"value", "marker-of-the-second-key"}});
  EXPECT_TRUE(eventually([&] { return with_key("marker-of-the-second-key").status() == 200; }));
  EXPECT_EQ(with_key("marker-of-the-first-key").status(), 401);
}

TEST_F(Keyless, MetricsTellOfTokensKeysAndSecrets) {
  EXPECT_EQ(with_key("marker-of-the-first-key").status(), 200);
  EXPECT_EQ(with_token(azure_.token()).status(), 200);
  azure_.fault("key_vault", {{"status", 503}});
  const std::string secret = azure_.vault() + "/secrets/chat-key";
  std::string text;
  EXPECT_TRUE(eventually([&] {
    text = metrics();
    return metric(text, "spillway_key_vault_fetches_total{secret=\"" + secret + "\",result=\"failure\"}") >= 1;
  }));
  EXPECT_GE(metric(text, "spillway_key_vault_fetches_total{secret=\"" + secret + "\",result=\"success\"}"), 1);
  EXPECT_GT(metric(text, "spillway_key_vault_last_fetch_timestamp_seconds{secret=\"" + secret + "\"}"), 1e9);
  for (const char* resource : {"https://vault.azure.net", "https://cognitiveservices.azure.com"}) {
    const std::string labels = std::string("identity=\"client secret of ") + application + "\",resource=\"" + resource;
    EXPECT_EQ(metric(text, "spillway_access_token_usable{" + labels + "\"}"), 1) << text;
    EXPECT_EQ(metric(text, "spillway_access_token_fetches_total{" + labels + "\",result=\"success\"}"), 1);
    EXPECT_EQ(metric(text, "spillway_access_token_fetches_total{" + labels + "\",result=\"failure\"}"), 0);
  }
  const std::string labels = std::string("tenant=\"") + tenant + "\",authority=\"" + azure_.authority() + "\"";
  EXPECT_GE(metric(text, "spillway_tenant_keys{" + labels + "}"), 1);
  EXPECT_GT(metric(text, "spillway_tenant_keys_last_fetch_timestamp_seconds{" + labels + "}"), 1e9);
  EXPECT_GE(metric(text, "spillway_tenant_key_fetches_total{" + labels + ",result=\"success\"}"), 1);
}

TEST_F(Keyless, LeavesNoTraceOfASecret) {
  const std::string token = azure_.token();
  const std::string bad = azure_.token({{"flaw", "tampered"}});
  EXPECT_EQ(with_key("marker-of-the-first-key").status(), 200);
  EXPECT_EQ(with_token(token).status(), 200);
  std::string seen = with_token(bad).body + with_key("marker-unknown").body + status();
  seen += metrics();
  gateway().send(SIGHUP);
  EXPECT_TRUE(eventually([&] { return gateway().lines_with("configuration reloaded") == 1; }));
  EXPECT_EQ(gateway().stop(), 0);
  seen += gateway().output();
  EXPECT_EQ(seen.find("marker"), std::string::npos);
  for (const std::string& each : {token, bad}) EXPECT_EQ(seen.find(each.substr(each.rfind('.'))), std::string::npos);
  EXPECT_EQ(seen.find("eyJ"), std::string::npos) << "the beginning of every token";
}

}  // namespace
}  // namespace spillway::test
