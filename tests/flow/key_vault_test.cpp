#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "spillway/base/log.hpp"
#include "test_gateway.hpp"

// Secrets that come from Key Vault and change there.
namespace spillway::test {
namespace {

using testing::HasSubstr;

// A vault, and the platform whose tokens open it.
class Azure {
 public:
  Azure() {
    platform_.always_reply(200, {}, R"({"token_type":"Bearer","access_token":"vault-token","expires_in":"3600"})");
    vault_.always([this](FakeBackend::Turn& turn) { answer(turn); });
  }
  void set(const std::string& name, const std::string& value) {
    const std::lock_guard lock(mutex_);
    secrets_[name] = value;
  }
  void fail(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  std::string reference(const std::string& name) const {
    return "\"${keyvault:" + vault_.url() + "/secrets/" + name + "}\"";
  }
  TestGateway::Options options() const {
    TestGateway::Options options;
    options.environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = platform_.url();
    return options;
  }
  FakeBackend& vault() { return vault_; }
  FakeBackend& platform() { return platform_; }

 private:
  void answer(FakeBackend::Turn& turn) {
    const std::lock_guard lock(mutex_);
    const std::string target = turn.request().target();
    const std::string name = target.substr(9, target.find('?') - 9);
    if (turn.request().header("Authorization") != "Bearer vault-token") return turn.reply(401);
    if (failing_) return turn.reply(503);
    const auto found = secrets_.find(name);
    if (found == secrets_.end()) return turn.reply(404, {}, R"({"error":{"code":"SecretNotFound"}})");
    turn.reply(200, {}, R"({"value":")" + found->second + "\"}");
  }

  FakeBackend platform_;
  std::mutex mutex_;
  std::map<std::string, std::string> secrets_;
  bool failing_ = false;
  FakeBackend vault_;  // last: its threads use the others until it dies
};

class KeyVault : public testing::Test {
 protected:
  static std::string settings(const std::string& wait = "10s") {
    return "key_vault: {suffix: 127.0.0.1, poll_interval: 100ms, wait: " + wait + "}\n";
  }
  // A client and a backend whose keys are in the vault.
  std::string yaml(const std::string& wait = "10s") const {
    return settings(wait) + "clients: [{name: app, keys: [" + azure_.reference("client") +
           "]}]\nbackends: [{name: a, url: \"" + backend_.url() + "\", auth: {api_key: " + azure_.reference("backend") +
           "}}]\n" + pool_yaml("a");
  }
  static Message call(const TestGateway& gateway, const std::string& key) {
    return gateway.call(request("POST", "/openai/v1/responses", {{"api-key", key}}, "{}"));
  }

  Azure azure_;
  FakeBackend backend_;
};

TEST_F(KeyVault, ItsSecretsServeClientsAndBackends) {
  azure_.set("client", "client-key");
  azure_.set("backend", "backend-key");
  const TestGateway gateway(yaml(), azure_.options());
  EXPECT_EQ(call(gateway, "client-key").status(), 200);
  EXPECT_EQ(backend_.last_request().header("api-key"), "backend-key");
  EXPECT_EQ(azure_.platform().request_count(), 1U);
  EXPECT_THAT(azure_.platform().last_request().target(), HasSubstr("resource=https%3A%2F%2F127.0.0.1"));
  EXPECT_EQ(call(gateway, "not-fetched:" + azure_.vault().url() + "/secrets/client").status(), 401);
}

TEST_F(KeyVault, ARotatedSecretIsInForceWithoutARestartAndWithoutAFailedRequest) {
  azure_.set("client", "client-key");
  azure_.set("backend", "backend-key-1");
  const TestGateway gateway(yaml(), azure_.options());
  azure_.set("backend", "backend-key-2");
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(call(gateway, "client-key").status(), 200);
    return backend_.last_request().header("api-key") == "backend-key-2";
  }));
  azure_.set("client", "new-key");
  EXPECT_TRUE(eventually([&] { return call(gateway, "new-key").status() == 200; }));
  EXPECT_EQ(call(gateway, "client-key").status(), 401);
}

TEST_F(KeyVault, AnOutageKeepsWhatWasThere) {
  azure_.set("client", "client-key");
  azure_.set("backend", "backend-key");
  TestGateway gateway(yaml(), azure_.options());
  azure_.fail(true);
  const std::size_t before = azure_.vault().request_count();
  EXPECT_TRUE(azure_.vault().wait_for_requests(before + 4));
  EXPECT_EQ(call(gateway, "client-key").status(), 200);
  EXPECT_EQ(gateway.reload(yaml()).status(), 200) << "a reload needs no vault for what is known";
  EXPECT_EQ(call(gateway, "client-key").status(), 200);
}

TEST_F(KeyVault, AStartThatCannotGetASecretSaysWhich) {
  azure_.set("client", "client-key");
  // Standard error is where the log goes before a configuration says anything else.
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_THROW(TestGateway(yaml("2s"), azure_.options()), std::runtime_error);
  log::flush();
  const std::string log = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("backends[0].auth.api_key: the secret " + azure_.vault().url() +
                             "/secrets/backend could not be fetched within 2s: status 404, SecretNotFound"));
  EXPECT_THAT(log, testing::Not(HasSubstr("secrets/client could not")));
}

TEST_F(KeyVault, AStartWaitsForAVaultThatComesLate) {
  azure_.set("client", "client-key");
  azure_.set("backend", "backend-key");
  azure_.vault().then([](FakeBackend::Turn& turn) { turn.reset(); }).then_reply(503);
  const TestGateway gateway(yaml(), azure_.options());
  EXPECT_EQ(call(gateway, "client-key").status(), 200);
}

TEST_F(KeyVault, AReloadWaitsForNewSecretsAndIsRefusedWithoutThem) {
  azure_.set("client", "client-key");
  azure_.set("second", "second-key");
  const std::string plain = "backends: [{name: a, url: \"" + backend_.url() + "\"}]\n" + pool_yaml("a");
  const auto with = [&](const std::string& names) {
    return settings("2s") + "clients: [{name: app, keys: [" + names + "]}]\n" + plain;
  };
  TestGateway gateway(with(azure_.reference("client")), azure_.options());
  EXPECT_EQ(gateway.reload(with(azure_.reference("client") + ", " + azure_.reference("second"))).status(), 200);
  EXPECT_EQ(call(gateway, "second-key").status(), 200);
  const Message refused = gateway.reload(with(azure_.reference("client") + ", " + azure_.reference("third")));
  EXPECT_EQ(refused.status(), 422);
  EXPECT_THAT(refused.body, HasSubstr("/secrets/third could not be fetched within 2s"));
  EXPECT_EQ(call(gateway, "second-key").status(), 200) << "the old configuration serves on";
  azure_.set("second", "rotated-key");
  EXPECT_TRUE(eventually([&] { return call(gateway, "rotated-key").status() == 200; }));
}

TEST_F(KeyVault, StoppingEndsAReloadThatWaits) {
  azure_.set("client", "client-key");
  const std::string plain = "backends: [{name: a, url: \"" + backend_.url() + "\"}]\n" + pool_yaml("a");
  const auto with = [&](const std::string& names) {
    return settings("1h") + "clients: [{name: app, keys: [" + names + "]}]\n" + plain;
  };
  TestGateway gateway(with(azure_.reference("client")), azure_.options());
  std::thread reload([&] { gateway.reload(with(azure_.reference("never"))); });
  EXPECT_TRUE(eventually([&] {
    for (const Message& each : azure_.vault().requests())
      if (each.target().find("never") != std::string::npos) return true;
    return false;
  }));
  gateway.stop();
  EXPECT_EQ(gateway.wait(), 0);
  reload.join();
}

TEST_F(KeyVault, AValueThatCannotBeAKeyKeepsTheOldOneInForce) {
  azure_.set("client", "client-key");
  azure_.set("backend", "backend-key");
  const TestGateway gateway(yaml(), azure_.options());
  azure_.set("client", "with a space");
  EXPECT_TRUE(eventually([&] {
    return gateway.metrics().find("spillway_config_reloads_total{result=\"failure\"} 1") != std::string::npos;
  }));
  EXPECT_EQ(call(gateway, "client-key").status(), 200);
  azure_.set("client", "client-key-2");
  EXPECT_TRUE(eventually([&] { return call(gateway, "client-key-2").status() == 200; }));
}

TEST_F(KeyVault, ItsSecretsAppearNowhere) {
  azure_.set("client", "marker-client");
  azure_.set("backend", "marker-backend");
  const TestGateway gateway(yaml(), azure_.options());
  EXPECT_EQ(call(gateway, "marker-client").status(), 200);
  EXPECT_EQ(gateway.status().find("marker"), std::string::npos);
  EXPECT_EQ(gateway.metrics().find("marker"), std::string::npos);
}

}  // namespace
}  // namespace spillway::test
