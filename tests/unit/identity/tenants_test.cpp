#include "spillway/identity/tenants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "fake_tenant.hpp"
#include "spillway/base/log.hpp"
#include "unit/net/loop_fixture.hpp"

namespace spillway::identity {
namespace {

using namespace std::chrono_literals;
using routing::TokenRefusal;
using routing::test::first_signer;
using routing::test::second_signer;
using testing::HasSubstr;

// Tenants on a loop that the test runs, with waits short enough to be waited for.
class TenantsTest : public net::LoopTest {
 protected:
  TenantsTest() {
    log::configure(log::Level::off, log::Format::text);
    options_.timing.first_wait = Milliseconds(1);
    options_.timing.longest_wait = Milliseconds(5);
  }
  ~TenantsTest() override { tenants_.reset(); }

  Tenants& tenants() {
    if (!tenants_) tenants_.emplace(loop_, resolver_, options_);
    return *tenants_;
  }

  config::Entra entra(const std::string& tenant = routing::test::tenant) const {
    config::Entra entra = routing::test::entra();
    entra.tenant_id = tenant;
    entra.authority = issuer_.authority();
    return entra;
  }
  static config::Config with(const std::vector<config::Entra>& all) {
    config::Config config;
    for (const config::Entra& entra : all) config.clients.emplace_back().entra = entra;
    return config;
  }
  ClientTokens serve() { return tenants().client_tokens(with({entra()}), nullptr); }

  // What becomes of a token that `signer` has signed.
  std::optional<TokenRefusal> refusal(const ClientTokens& tokens, const routing::test::Signer& signer) const {
    const auto decision = tokens.access->admit(signer.token(issuer_.claims()), routing::test::now);
    return decision.client ? std::nullopt : std::optional(decision.refusal);
  }
  void wait_for_fetches(const ClientTokens& tokens, std::uint64_t n) {
    run_until([&] { return tokens.keys[0]->fetches() >= n; });
  }

  spillway::test::FakeTenant issuer_;
  net::Resolver resolver_;
  Tenants::Options options_;
  std::optional<Tenants> tenants_;
};

TEST_F(TenantsTest, HaveTheirKeysFetchedAtOnce) {
  const ClientTokens tokens = serve();
  EXPECT_EQ(refusal(tokens, first_signer()), TokenRefusal::no_keys);
  EXPECT_EQ(tokens.keys[0]->status().keys, 0U);
  wait_for_fetches(tokens, 1);
  EXPECT_EQ(refusal(tokens, first_signer()), std::nullopt);
  EXPECT_EQ(refusal(tokens, second_signer()), TokenRefusal::unknown_key);
  EXPECT_EQ(issuer_.key_fetches(), 1U);
  const TenantKeys::Status status = tokens.keys[0]->status();
  EXPECT_EQ(status.keys, 1U);
  EXPECT_TRUE(status.fetched_at);
  EXPECT_EQ(status.problem, "");
}

TEST_F(TenantsTest, AreAskedOnceForAllTheirClients) {
  config::Entra other = entra();
  other.audiences = {"other"};
  const ClientTokens tokens =
      tenants().client_tokens(with({entra(), other, entra(routing::test::other_tenant)}), nullptr);
  ASSERT_EQ(tokens.keys.size(), 2U);
  wait_for_fetches(tokens, 1);
  run_until([&] { return tokens.keys[1]->fetches() == 1; });
  EXPECT_EQ(issuer_.key_fetches(), 2U);
}

TEST_F(TenantsTest, AreNotAskedWhenNoClientShowsTokens) {
  config::Config config;
  config.clients.emplace_back().name = "a";
  const ClientTokens tokens = tenants().client_tokens(config, nullptr);
  EXPECT_TRUE(tokens.access->empty());
  EXPECT_TRUE(tokens.keys.empty());
}

TEST_F(TenantsTest, HaveTheirKeysFetchedAgainInTheBackground) {
  options_.timing.keys_life = Milliseconds(1);
  const ClientTokens tokens = serve();
  wait_for_fetches(tokens, 1);
  issuer_.roll_over({&second_signer()});
  run_until([&] { return refusal(tokens, second_signer()) == std::nullopt; });
  EXPECT_EQ(refusal(tokens, first_signer()), TokenRefusal::unknown_key);
}

TEST_F(TenantsTest, KeepTheirKeysThroughAnOutage) {
  options_.timing.keys_life = Milliseconds(1);
  const ClientTokens tokens = serve();
  wait_for_fetches(tokens, 1);
  issuer_.out_of_order(true);
  wait_for_fetches(tokens, tokens.keys[0]->fetches() + 5);
  EXPECT_EQ(refusal(tokens, first_signer()), std::nullopt);
  TenantKeys::Status status = tokens.keys[0]->status();
  EXPECT_EQ(status.keys, 1U);
  EXPECT_TRUE(status.fetched_at);
  EXPECT_THAT(status.problem, HasSubstr("503"));
  issuer_.out_of_order(false);
  run_until([&] { return tokens.keys[0]->status().problem.empty(); });
}

TEST_F(TenantsTest, AreAskedAgainUntilTheyAnswer) {
  issuer_.server().then_reply(500).then([](auto& turn) { turn.reset(); }).then_reply(200, {}, "<html>");
  const ClientTokens tokens = serve();
  run_until([&] { return refusal(tokens, first_signer()) == std::nullopt; });
  EXPECT_EQ(tokens.keys[0]->fetches(), 4U);
}

TEST_F(TenantsTest, AreAskedOnceForAThousandWishes) {
  const ClientTokens tokens = serve();
  wait_for_fetches(tokens, 1);
  issuer_.hold();
  TenantKeys& keys = *tokens.keys[0];
  const TimePoint now = loop_.now();
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(keys.wish(1, now)) << "it is about to begin";
  run_until([&] { return issuer_.key_fetches() == 2; });
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(keys.wish(1, now + 31s)) << "it is under way";
  issuer_.server().release();
  wait_for_fetches(tokens, 2);
  settle();
  EXPECT_EQ(keys.fetches(), 2U);
  EXPECT_EQ(issuer_.key_fetches(), 2U);
}

TEST_F(TenantsTest, AreNotAskedForMadeUpKeysAgainAndAgain) {
  const ClientTokens tokens = serve();
  wait_for_fetches(tokens, 1);
  TenantKeys& keys = *tokens.keys[0];
  const TimePoint now = loop_.now();
  EXPECT_TRUE(keys.wish(1, now));
  wait_for_fetches(tokens, 2);
  EXPECT_TRUE(keys.wish(1, now)) << "one has ended since";
  EXPECT_FALSE(keys.wish(2, now + 29s));
  EXPECT_EQ(keys.fetches(), 2U);
  EXPECT_TRUE(keys.wish(2, now + 30s));
  wait_for_fetches(tokens, 3);
  EXPECT_EQ(issuer_.key_fetches(), 3U);
}

TEST_F(TenantsTest, WakeWhoeverWaitsForAFetchWellOrNot) {
  const ClientTokens tokens = serve();
  for (const bool well : {true, false}) {
    issuer_.out_of_order(!well);
    const std::uint64_t seen = tokens.keys[0]->fetches();
    net::Suspension suspension(loop_);
    const net::RemoteWake remote(loop_, suspension);
    tokens.keys[0]->wake_on_fetch(remote.line());
    if (!well) {
      EXPECT_TRUE(tokens.keys[0]->wish(seen, loop_.now()));
    }
    std::optional<ErrorCode> result;
    const auto wait = [](net::Suspension& on, std::optional<ErrorCode>& out) -> net::awaitable<void> {
      out = co_await on.until(net::in(20'000));
    };
    run(wait(suspension, result));
    EXPECT_EQ(result, ErrorCode());
    EXPECT_GT(tokens.keys[0]->fetches(), seen);
  }
}

TEST_F(TenantsTest, AreNotAskedAnewByAReload) {
  const ClientTokens before = serve();
  wait_for_fetches(before, 1);
  config::Entra changed = entra();
  changed.audiences = {"spillway", "more"};
  const ClientTokens after = tenants().client_tokens(with({changed}), &before);
  tenants().retain(after);
  EXPECT_EQ(refusal(after, first_signer()), std::nullopt);
  EXPECT_EQ(before.keys, after.keys);
  // Both have what comes from now on: requests that began before go on with the old one.
  issuer_.roll_over({&second_signer()});
  EXPECT_TRUE(after.keys[0]->wish(1, loop_.now()));
  wait_for_fetches(after, 2);
  EXPECT_EQ(refusal(after, second_signer()), std::nullopt);
  EXPECT_EQ(refusal(before, second_signer()), std::nullopt);
  EXPECT_EQ(issuer_.key_fetches(), 2U);
}

TEST_F(TenantsTest, AreNotAskedAnyMoreOnceNoClientIsOfThem) {
  const ClientTokens before = serve();
  wait_for_fetches(before, 1);
  const ClientTokens after = tenants().client_tokens(with({entra(routing::test::other_tenant)}), &before);
  tenants().retain(after);
  run_until([&] { return after.keys[0]->fetches() == 1; });
  const std::uint64_t fetches = before.keys[0]->fetches();
  EXPECT_FALSE(before.keys[0]->wish(fetches, loop_.now()));
  EXPECT_EQ(issuer_.key_fetches(), 2U);
}

TEST_F(TenantsTest, MayBeGivenAsADomain) {
  const ClientTokens tokens = tenants().client_tokens(with({entra("contoso.com")}), nullptr);
  wait_for_fetches(tokens, 1);
  EXPECT_EQ(refusal(tokens, first_signer()), std::nullopt);
  EXPECT_EQ(issuer_.server().requests().at(0).target(), "/contoso.com/v2.0/.well-known/openid-configuration");
}

TEST_F(TenantsTest, AreNotTrustedWhenTheIssuerOfADomainNamesNone) {
  issuer_.say("issuer", "https://login.example/v2.0");
  const ClientTokens tokens = tenants().client_tokens(with({entra("contoso.com")}), nullptr);
  wait_for_fetches(tokens, 1);
  EXPECT_EQ(refusal(tokens, first_signer()), TokenRefusal::no_keys);
  EXPECT_EQ(tokens.keys[0]->status().problem, "the issuer of its metadata names no tenant (give tenant_id as a GUID)");
}

TEST_F(TenantsTest, DoNotTakeKeysFromAnotherPlaceWithoutEncryption) {
  spillway::test::FakeTenant other;
  issuer_.say("jwks_uri", other.authority() + "/discovery/v2.0/keys");
  const ClientTokens tokens = serve();
  wait_for_fetches(tokens, 1);
  EXPECT_EQ(refusal(tokens, first_signer()), TokenRefusal::no_keys);
  EXPECT_THAT(tokens.keys[0]->status().problem, HasSubstr("without encryption"));
  EXPECT_EQ(other.key_fetches(), 0U);
}

TEST_F(TenantsTest, EndInTheMiddleOfAFetch) {
  issuer_.hold();
  const ClientTokens tokens = serve();
  run_until([&] { return issuer_.key_fetches() == 1; });
  bool stopped = false;
  tenants().stop([&] { stopped = true; });
  run_until([&] { return stopped; });
  EXPECT_FALSE(tokens.keys[0]->wish(tokens.keys[0]->fetches(), loop_.now()));
}

TEST_F(TenantsTest, EndAtOnceWhenThereAreNone) {
  bool stopped = false;
  tenants().stop([&] { stopped = true; });
  run_until([&] { return stopped; });
}

}  // namespace
}  // namespace spillway::identity
