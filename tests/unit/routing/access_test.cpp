#include "spillway/routing/access.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::routing {
namespace {

// Client 0 has the keys `alpha-1` and `alpha-2`, client 1 has `beta-1`.
config::Config two_clients() {
  config::Config config;
  config.clients.resize(2);
  config.clients[0].keys = {config::ClientKey::of("alpha-1"), config::ClientKey::of("alpha-2")};
  config.clients[1].keys = {config::ClientKey::of("beta-1")};
  return config;
}

struct Header {
  std::string_view name;
  std::string_view value;
};

http::RequestHead head(const std::vector<Header>& headers, std::string_view query = {}) {
  http::RequestHead made;
  made.path = "/openai";
  made.query = query;
  made.has_query = !query.empty();
  for (const Header& header : headers) made.fields.push_back({http::field_id(header.name), header.name, header.value});
  return made;
}

const WallTime noon = WallTime(std::chrono::hours(12));

// The client's number, `anonymous`, `missing`, `invalid` or `expired`.
std::string who(const Access& access, const std::vector<Header>& headers, std::string_view query = {},
                WallTime now = noon) {
  const Access::Decision decision = access.admit(head(headers, query), now);
  if (decision.admitted) return decision.client ? std::to_string(*decision.client) : "anonymous";
  EXPECT_FALSE(decision.client);
  switch (decision.refusal) {
    case Access::Refusal::missing_api_key: return "missing";
    case Access::Refusal::invalid_api_key: return "invalid";
    case Access::Refusal::expired_api_key: return "expired";
  }
  return {};
}

TEST(Access, KnowsEveryKeyOfEveryClient) {
  const Access access(two_clients());
  EXPECT_EQ(who(access, {{"api-key", "alpha-1"}}), "0");
  EXPECT_EQ(who(access, {{"api-key", "alpha-2"}}), "0");
  EXPECT_EQ(who(access, {{"api-key", "beta-1"}}), "1");
}

TEST(Access, HandsOnWhatIsNoKeyForItMayBeSomethingElse) {
  const Access access(two_clients());
  const auto other = [&](const std::vector<Header>& headers, std::string_view query = {}) {
    return access.admit(head(headers, query), noon).other;
  };
  EXPECT_EQ(other({{"Authorization", "Bearer a.b.c"}}), "a.b.c");
  EXPECT_EQ(other({{"api-key", "a.b.c"}}), "a.b.c");
  EXPECT_EQ(other({}, "api-key=a.b.c"), "a.b.c");
  EXPECT_EQ(other({{"api-key", "x"}, {"Authorization", "Bearer a.b.c"}}), "x") << "the first one decides";
  EXPECT_EQ(other({{"Authorization", "Bearer a.b.c"}, {"Authorization", "Bearer a.b.d"}}), "");
  EXPECT_EQ(other({{"Authorization", "Basic YWI6Yw=="}}), "");
  EXPECT_EQ(other({{"api-key", "alpha-1"}}), "") << "it was taken";
  EXPECT_EQ(other({}), "");
}

TEST(Access, T09RefusesWhatIsNotExactlyAKey) {
  const Access access(two_clients());
  for (const char* wrong : {"alpha", "alpha-11", "Alpha-1", "alpha-1 x", "x", "*", "alpha-3"})
    EXPECT_EQ(who(access, {{"api-key", wrong}}), "invalid") << wrong;
}

TEST(Access, TellsAMissingKeyFromAWrongOne) {
  const Access access(two_clients());
  EXPECT_EQ(who(access, {}), "missing");
  EXPECT_EQ(who(access, {{"content-type", "alpha-1"}, {"x-api-key", "alpha-1"}}), "missing");
  EXPECT_EQ(who(access, {{"api-key", "wrong"}}), "invalid");
}

TEST(Access, ReadsTheKeyFromEachOfItsPlaces) {
  const Access access(two_clients());
  const std::vector<std::vector<Header>> places{
      {{"api-key", "beta-1"}},
      {{"Api-Key", "beta-1"}},
      {{"Ocp-Apim-Subscription-Key", "beta-1"}},
      {{"OCP-APIM-SUBSCRIPTION-KEY", "beta-1"}},
      {{"Authorization", "Bearer beta-1"}},
      {{"authorization", "bearer beta-1"}},
      {{"AUTHORIZATION", "BEARER   beta-1"}},
  };
  for (const std::vector<Header>& headers : places) EXPECT_EQ(who(access, headers), "1") << headers[0].name;
  for (const char* query : {"api-key=beta-1", "subscription-key=beta-1", "api-version=1&api-key=beta-1&x=y",
                            "api-key=beta%2D1", "Api-Key=beta-1", "SUBSCRIPTION-KEY=beta-1"})
    EXPECT_EQ(who(access, {}, query), "1") << query;
}

// A WebSocket handshake whose subprotocols are these.
http::RequestHead handshake(std::string_view protocols, std::string_view query = {}) {
  http::RequestHead made = head({}, query);
  made.upgrade = true;
  made.fields = {{http::FieldId::connection, "Connection", "Upgrade"},
                 {http::FieldId::upgrade, "Upgrade", "websocket"},
                 {http::FieldId::sec_websocket_protocol, "Sec-WebSocket-Protocol", protocols}};
  return made;
}

TEST(Access, ReadsTheKeyABrowserHidesAmongItsSubprotocols) {
  const Access access(two_clients());
  const auto client = [&](const http::RequestHead& made) { return access.admit(made, noon).client; };
  EXPECT_EQ(client(handshake("realtime, openai-insecure-api-key.beta-1")), 1U);
  EXPECT_EQ(client(handshake("openai-insecure-api-key.alpha-2,realtime")), 0U);
  EXPECT_EQ(access.admit(handshake("openai-insecure-api-key.x"), noon).refusal, Access::Refusal::invalid_api_key);
  EXPECT_EQ(access.admit(handshake("realtime"), noon).refusal, Access::Refusal::missing_api_key);
  EXPECT_FALSE(access.admit(handshake("beta-1"), noon).admitted);
  EXPECT_EQ(client(handshake("realtime", "Authorization=Bearer%20beta-1")), 1U);
  EXPECT_EQ(client(handshake("realtime", "model=m&authorization=bearer+beta-1")), 1U);
  EXPECT_EQ(access.admit(handshake("realtime", "Authorization=Bearer"), noon).refusal,
            Access::Refusal::missing_api_key);
  EXPECT_EQ(who(access, {}, "Authorization=Bearer%20beta-1"), "missing") << "not in an ordinary request";
}

TEST(Access, LooksAtSubprotocolsOnlyInAHandshakeWithoutAnotherKey) {
  const Access access(two_clients());
  http::RequestHead ordinary = handshake("openai-insecure-api-key.beta-1");
  ordinary.upgrade = false;
  EXPECT_FALSE(access.admit(ordinary, noon).admitted);
  EXPECT_EQ(access.admit(handshake("openai-insecure-api-key.beta-1", "api-key=alpha-1"), noon).client, 0U);
  http::RequestHead with_header = handshake("openai-insecure-api-key.beta-1");
  with_header.fields.push_back({http::FieldId::api_key, "api-key", "wrong"});
  EXPECT_FALSE(access.admit(with_header, noon).admitted);
}

TEST(Access, LetsTheFirstPresentHeaderDecide) {
  const Access access(two_clients());
  const Header key{"api-key", "alpha-1"};
  const Header subscription{"Ocp-Apim-Subscription-Key", "beta-1"};
  const Header bearer{"Authorization", "Bearer beta-1"};
  EXPECT_EQ(who(access, {bearer, subscription, key}), "0");
  EXPECT_EQ(who(access, {bearer, {"Ocp-Apim-Subscription-Key", "alpha-1"}}), "0");
  EXPECT_EQ(who(access, {bearer, subscription, {"api-key", "wrong"}}), "invalid");
  EXPECT_EQ(who(access, {bearer, {"Ocp-Apim-Subscription-Key", "wrong"}}), "invalid");
}

TEST(Access, LooksAtTheQueryOnlyWhenNoHeaderIsThere) {
  const Access access(two_clients());
  EXPECT_EQ(who(access, {{"api-key", "wrong"}}, "api-key=alpha-1"), "invalid");
  EXPECT_EQ(who(access, {{"Authorization", "Bearer beta-1"}}, "api-key=alpha-1"), "1");
  EXPECT_EQ(who(access, {{"Authorization", "Basic YTpi"}}, "api-key=alpha-1"), "invalid");
  EXPECT_EQ(who(access, {}, "subscription-key=beta-1&api-key=alpha-1"), "0");
  EXPECT_EQ(who(access, {}, "subscription-key=beta-1&api-key=wrong"), "invalid");
}

TEST(Access, TakesAnEmptyValueForMissing) {
  const Access access(two_clients());
  EXPECT_EQ(who(access, {{"api-key", ""}}), "missing");
  EXPECT_EQ(who(access, {{"api-key", ""}, {"Authorization", "Bearer alpha-1"}}), "0");
  EXPECT_EQ(who(access, {{"Ocp-Apim-Subscription-Key", ""}}, "api-key=alpha-1"), "0");
  EXPECT_EQ(who(access, {{"Authorization", "Bearer"}}), "missing");
  EXPECT_EQ(who(access, {{"Authorization", "Bearer "}}, "api-key=alpha-1"), "0");
  EXPECT_EQ(who(access, {}, "api-key=&subscription-key=beta-1"), "1");
  EXPECT_EQ(who(access, {}, "api-key="), "missing");
  EXPECT_EQ(who(access, {}, "api-key"), "missing");
}

TEST(Access, TakesAnotherSchemeForAWrongKey) {
  const Access access(two_clients());
  for (const char* value : {"Basic YTpi", "alpha-1", "Bearerx alpha-1", "Bearer-alpha-1", "Digest x", "Bear"})
    EXPECT_EQ(who(access, {{"Authorization", value}}), "invalid") << value;
}

TEST(Access, RefusesTwoDifferentValuesOfOneHeader) {
  const Access access(two_clients());
  EXPECT_EQ(who(access, {{"api-key", "alpha-1"}, {"api-key", "wrong"}}), "invalid");
  EXPECT_EQ(who(access, {{"api-key", "wrong"}, {"API-KEY", "alpha-1"}}), "invalid");
  EXPECT_EQ(who(access, {{"api-key", "alpha-1"}, {"api-key", "alpha-2"}}), "invalid");
  EXPECT_EQ(who(access, {{"api-key", "alpha-1"}, {"api-key", "x"}, {"api-key", "alpha-1"}}), "invalid");
  EXPECT_EQ(who(access, {{"Authorization", "Bearer alpha-1"}, {"Authorization", "Bearer beta-1"}}), "invalid");
  EXPECT_EQ(who(access, {{"api-key", "alpha-1"}, {"api-key", "alpha-1"}}), "0");
  EXPECT_EQ(who(access, {{"api-key", ""}, {"api-key", "alpha-1"}}), "0");
  EXPECT_EQ(who(access, {{"api-key", "alpha-1"}, {"Authorization", "Bearer x"}, {"Authorization", "Bearer y"}}), "0")
      << "a header that does not decide does not matter";
}

TEST(Access, AdmitsEverybodyAsNobodyWithoutClients) {
  const Access access{config::Config{}};
  EXPECT_EQ(who(access, {}), "anonymous");
  EXPECT_EQ(who(access, {{"api-key", "whatever"}}), "anonymous");
  EXPECT_FALSE(access.is_client_key("whatever"));
  EXPECT_FALSE(access.is_client_key(""));
}

TEST(Access, StillWantsAKeyWhenAnonymousIsAllowedBesideClients) {
  config::Config config = two_clients();
  config.allow_anonymous = true;
  EXPECT_EQ(who(Access(config), {}), "missing");
}

TEST(Access, KnowsAClientsKeyWhereverItStands) {
  const Access access(two_clients());
  EXPECT_TRUE(access.is_client_key("alpha-2"));
  EXPECT_TRUE(access.is_client_key("beta-1"));
  EXPECT_FALSE(access.is_client_key("beta-2"));
  EXPECT_FALSE(access.is_client_key(""));
}

TEST(Access, KnowsThousandsOfKeysAndNoOther) {
  config::Config config;
  config.clients.resize(500);
  for (std::size_t client = 0; client < config.clients.size(); ++client)
    for (int key = 0; key < 4; ++key)
      config.clients[client].keys.push_back(
          config::ClientKey::of("key-" + std::to_string(client) + "-" + std::to_string(key)));
  const Access access(config);
  for (std::size_t client = 0; client < config.clients.size(); ++client)
    for (int key = 0; key < 4; ++key) {
      const std::string text = "key-" + std::to_string(client) + "-" + std::to_string(key);
      EXPECT_EQ(who(access, {{"api-key", text}}), std::to_string(client));
    }
  for (int other = 0; other < 2'000; ++other)
    EXPECT_EQ(who(access, {{"api-key", "none-" + std::to_string(other)}}), "invalid");
}

TEST(Access, AcceptsAKeyOfAnyLengthAndBytes) {
  config::Config config;
  config.clients.resize(1);
  const std::string binary("a\0b\xff", 4);
  config.clients[0].keys = {config::ClientKey::of(std::string(5'000, 'k')), config::ClientKey::of(binary)};
  const Access access(config);
  EXPECT_EQ(who(access, {{"api-key", std::string(5'000, 'k')}}), "0");
  EXPECT_EQ(who(access, {{"api-key", std::string(4'999, 'k')}}), "invalid");
  EXPECT_TRUE(access.is_client_key(binary));
  EXPECT_FALSE(access.is_client_key(binary.substr(0, 3)));
}

TEST(Access, T09KnowsAKeyByItsDigestAlone) {
  config::Config config = two_clients();
  // SHA-256 of `abc` (FIPS 180-4).
  config.clients[1].keys = {
      {{0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
        0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad},
       std::nullopt}};
  const Access access(config);
  EXPECT_EQ(who(access, {{"api-key", "abc"}}), "1");
  EXPECT_TRUE(access.is_client_key("abc"));
  const std::string hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(who(access, {{"api-key", hash}}), "invalid") << "what leaks with the file opens nothing";
  EXPECT_EQ(who(access, {{"api-key", hash.substr(7)}}), "invalid");
}

TEST(Access, RefusesAKeyFromItsEndOn) {
  config::Config config = two_clients();
  config.clients[0].keys[0].expires = noon;
  const Access access(config);
  const std::vector<Header> headers = {{"api-key", "alpha-1"}};
  EXPECT_EQ(who(access, headers, {}, noon - Milliseconds(1)), "0");
  EXPECT_EQ(who(access, headers, {}, noon), "expired");
  EXPECT_EQ(who(access, {{"api-key", "alpha-2"}}, {}, noon), "0") << "the other key of the client";
  EXPECT_TRUE(access.is_client_key("alpha-1")) << "still nothing to pass on";
}

TEST(Access, LetsAKeyThatAClientHasTwiceEndWithTheLater) {
  config::Config config = two_clients();
  config::ClientKey again = config.clients[0].keys[0];
  again.expires = noon;
  config.clients[0].keys[1] = again;
  EXPECT_EQ(who(Access(config), {{"api-key", "alpha-1"}}, {}, noon), "0");
  config.clients[0].keys[0].expires = noon + Milliseconds(1);
  EXPECT_EQ(who(Access(config), {{"api-key", "alpha-1"}}, {}, noon), "0");
  EXPECT_EQ(who(Access(config), {{"api-key", "alpha-1"}}, {}, noon + Milliseconds(1)), "expired");
}

TEST(Access, MayBeCopiedAndOutliveItsOriginal) {
  auto original = std::make_unique<Access>(two_clients());
  const Access copy = *original;
  original.reset();
  EXPECT_EQ(who(copy, {{"api-key", "beta-1"}}), "1");
}

}  // namespace
}  // namespace spillway::routing
