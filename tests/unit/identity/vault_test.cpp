#include "spillway/identity/vault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.hpp"
#include "identity/secret_keeper.hpp"

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using test::grant;
using testing::HasSubstr;

std::string holding(const std::string& value) {
  return R"({"value":")" + value + R"(","id":"https://v/secrets/k/1","attributes":{"enabled":true}})";
}

// A vault and who opens it, on a loop that the test runs.
class VaultTest : public test::TokensTest {
 protected:
  VaultTest() {
    issuer_.always_reply(200, {}, grant("t-1"));
    settings_.identity = application();
    settings_.poll_interval = 2ms;
    vault_options_.timing = options_.timing;
    vault_options_.timing.first_wait = 1ms;
    vault_options_.changed = [this](const config::VaultSecret& secret) { changed_.push_back(secret.name); };
  }
  ~VaultTest() override { vault_.reset(); }

  Vault& vault() {
    if (!vault_) vault_.emplace(loop_, resolver_, tokens(), vault_options_);
    return *vault_;
  }
  config::VaultSecret secret(const std::string& name = "key") const {
    return config::parse_vault_secret(azure_.url() + "/secrets/" + name).value();
  }
  std::string value(const config::VaultSecret& secret) {
    const auto held = vault().value(secret);
    return held ? std::string(held->reveal()) : "none";
  }
  void wait_for(const config::VaultSecret& secret, const std::string& text) {
    run_until([&] { return value(secret) == text; });
  }

  test::FakeBackend azure_;
  config::KeyVault settings_;
  Vault::Options vault_options_;
  std::optional<Vault> vault_;
  std::vector<std::string> changed_;
};

TEST_F(VaultTest, GivesWhatAVaultHoldsToWhoeverMayReadIt) {
  settings_.poll_interval = 1h;
  azure_.always_reply(200, {}, holding("v-1"));
  vault().want(settings_, {secret()});
  EXPECT_EQ(value(secret()), "none");
  wait_for(secret(), "v-1");
  EXPECT_EQ(azure_.last_request().target(), "/secrets/key?api-version=7.4");
  EXPECT_EQ(azure_.last_request().header("Authorization"), "Bearer t-1");
  EXPECT_EQ(changed_, std::vector<std::string>{"key"});
  EXPECT_EQ(vault().problem(secret()), "");
  vault().want(settings_, {secret()});
  EXPECT_EQ(azure_.request_count(), 1U) << "it is known already";
}

TEST_F(VaultTest, AsksForACertainVersion) {
  azure_.always_reply(200, {}, holding("v-1"));
  const config::VaultSecret pinned = secret("key/0123456789abcdef0123456789abcdef");
  vault().want(settings_, {pinned});
  wait_for(pinned, "v-1");
  EXPECT_THAT(azure_.last_request().target(), HasSubstr("/secrets/key/0123456789abcdef0123456789abcdef?"));
}

TEST_F(VaultTest, NoticesANewValueAndTellsOnceOfEach) {
  azure_.then_reply(200, {}, holding("v-1")).then_reply(200, {}, holding("v-1")).always_reply(200, {}, holding("v-2"));
  vault().want(settings_, {secret()});
  wait_for(secret(), "v-1");
  wait_for(secret(), "v-2");
  run_until([&] { return azure_.request_count() > 5; });
  EXPECT_EQ(changed_.size(), 2U);
}

TEST_F(VaultTest, KeepsTheLastValueWhileTheVaultFails) {
  azure_.then_reply(200, {}, holding("v-1")).then_reply(500).then_reply(429, {{"Retry-After", "0"}});
  azure_.then_reply(200, {}, "no JSON").then_reply(200, {}, R"({"value":7})").then([](auto& turn) { turn.reset(); });
  azure_.then_reply(403, {}, R"({"error":{"code":"Forbidden","message":"Caller is not authorized"}})");
  azure_.then([](auto& turn) {
    turn.wait_for_release();
    turn.reply(200, {}, holding("v-2"));
  });
  azure_.always_reply(200, {}, holding("v-2"));
  vault().want(settings_, {secret()});
  wait_for(secret(), "v-1");
  run_until([&] { return azure_.request_count() == 8; });
  EXPECT_EQ(value(secret()), "v-1");
  EXPECT_EQ(vault().problem(secret()), "status 403, Forbidden, Caller is not authorized");
  azure_.release();
  wait_for(secret(), "v-2");
  EXPECT_EQ(vault().problem(secret()), "");
}

TEST_F(VaultTest, SaysWhyThereIsNoValue) {
  issuer_.always_reply(400, {}, R"({"error":"invalid_client"})");
  vault().want(settings_, {secret()});
  run_until([&] { return !vault().problem(secret()).empty(); });
  EXPECT_EQ(vault().problem(secret()), "there is no access token for client secret of client yet");
  EXPECT_EQ(azure_.connection_count(), 0U);
  issuer_.always_reply(200, {}, grant("t-2"));
  azure_.always_reply(404, {}, R"({"error":{"code":"SecretNotFound"}})");
  run_until([&] { return vault().problem(secret()) == "status 404, SecretNotFound"; });
  EXPECT_EQ(value(secret()), "none");
}

TEST_F(VaultTest, TakesANewTokenWhenTheVaultRefusesTheOldOne) {
  azure_.always([](test::FakeBackend::Turn& turn) {
    if (turn.request().header("Authorization") == "Bearer t-1")
      turn.reply(401, {}, R"({"error":{"code":"Unauthorized"}})");
    else
      turn.reply(200, {}, holding("v-1"));
  });
  issuer_.then_reply(200, {}, grant("t-1")).always_reply(200, {}, grant("t-2"));
  vault().want(settings_, {secret()});
  wait_for(secret(), "v-1");
  EXPECT_EQ(issuer_.request_count(), 2U);
}

TEST_F(VaultTest, ForgetsWhatIsNotWantedAnyMore) {
  azure_.always_reply(200, {}, holding("v-1"));
  vault().want(settings_, {secret("a"), secret("b")});
  wait_for(secret("a"), "v-1");
  wait_for(secret("b"), "v-1");
  vault().retain(settings_, {secret("b")});
  EXPECT_EQ(value(secret("a")), "none");
  EXPECT_EQ(value(secret("b")), "v-1");
  vault().retain(std::nullopt, {});
  EXPECT_EQ(value(secret("b")), "none");
}

TEST_F(VaultTest, KeepsAValueWhenItsSettingsChange) {
  azure_.always_reply(200, {}, holding("v-1"));
  vault().want(settings_, {secret()});
  wait_for(secret(), "v-1");
  azure_.always_reply(500);
  config::KeyVault other = settings_;
  other.poll_interval = 1h;
  vault().want(other, {secret()});
  vault().retain(other, {secret()});
  EXPECT_EQ(value(secret()), "v-1");
}

TEST(VaultAnswer, NeverShowsTheTokenOrTheValue) {
  const Token token(config::Secret("tok-en"), TimePoint());
  HttpAnswer answer;
  answer.status = 400;
  answer.body = R"({"error":{"code":"BadParameter","message":"what is tok-en?"}})";
  EXPECT_EQ(std::get<std::string>(parse_vault_answer(answer, token)), "status 400, BadParameter, what is (hidden)?");
  answer.status = 200;
  answer.body = R"(["secret-value"])";
  EXPECT_EQ(std::get<std::string>(parse_vault_answer(answer, token)), "the answer holds no value");
}

}  // namespace
}  // namespace spillway::identity
