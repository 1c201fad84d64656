#include <gtest/gtest.h>

#include <map>
#include <set>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"
#include "tls_client.hpp"

// Requests that keep to one member: by cookie, header or prompt.
namespace spillway::test {
namespace {

using nlohmann::json;

std::string yaml(const std::vector<const FakeBackend*>& backends, const std::string& affinity,
                 const std::string& more = "") {
  std::vector<std::string> urls;
  for (const FakeBackend* backend : backends) urls.push_back(backend->url());
  return clients_yaml() + backends_yaml(urls) +
         pool_yaml(std::string("abcd").substr(0, urls.size()), "affinity: {" + affinity + "}" + more);
}

std::string backend_of(const Message& answer) {
  return answer.header("x-routed-backend").value_or("");
}

// `NAME=VALUE` of a Set-Cookie field.
std::string cookie_of(const Message& answer) {
  const std::string field = answer.header("set-cookie").value_or("");
  return field.substr(0, field.find(';'));
}

Message chat_with(const TestGateway& gateway, const Headers& headers) {
  return gateway.call(chat_request("gpt-4o", headers));
}

TEST(CookieAffinity, TheFirstAnswerSetsACookieThatLeadsBack) {
  FakeBackend a, b, c;
  const TestGateway gateway(yaml({&a, &b, &c}, "cookie: {name: SessionId}"));
  for (int session = 0; session < 6; ++session) {
    const Message first = gateway.chat();
    EXPECT_EQ(first.count("set-cookie"), 1U);
    for (int i = 0; i < 4; ++i) {
      const Message next = chat_with(gateway, {{"Cookie", cookie_of(first)}});
      EXPECT_EQ(backend_of(next), backend_of(first));
      EXPECT_EQ(next.count("set-cookie"), 0U) << "it is set once";
    }
  }
}

TEST(CookieAffinity, TheCookieIsForTheSessionAndNoScriptReadsIt) {
  FakeBackend a;
  const TestGateway gateway(yaml({&a}, "cookie: {}"));
  const std::string field = gateway.chat().header("set-cookie").value_or("");
  EXPECT_TRUE(field.starts_with("SessionId=")) << field;
  EXPECT_TRUE(field.ends_with("; Path=/; HttpOnly; SameSite=Lax")) << field;
  EXPECT_EQ(cookie_of(gateway.chat()).size(), std::string("SessionId=").size() + 32);
}

TEST(CookieAffinity, OverTlsTheCookieComesBackOverTlsOnly) {
  FakeBackend a;
  const CertificateFiles files = make_certificate();
  const TestGateway gateway(yaml({&a}, "cookie: {}"), with_listeners(https_listener(files)));
  TlsClientSide side;
  auto client = side.connect(gateway.port());
  ASSERT_TRUE(client);
  const std::string field = client->call(chat_request()).header("set-cookie").value_or("");
  EXPECT_TRUE(field.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure")) << field;
}

TEST(CookieAffinity, TheCookieRevealsNoNameAndIsNeverTheSame) {
  FakeBackend a;
  const TestGateway gateway(yaml({&a}, "cookie: {}"));
  std::set<std::string> seen;
  for (int i = 0; i < 8; ++i) seen.insert(cookie_of(gateway.chat()));
  EXPECT_EQ(seen.size(), 8U);
}

TEST(CookieAffinity, TheBackendDoesNotSeeIt) {
  FakeBackend a;
  const TestGateway gateway(yaml({&a}, "cookie: {name: s}"));
  const std::string cookie = cookie_of(gateway.chat());
  chat_with(gateway, {{"Cookie", "x=1; " + cookie + "; y=2"}});
  EXPECT_EQ(a.last_request().header("cookie"), "x=1; y=2");
  chat_with(gateway, {{"Cookie", cookie}});
  EXPECT_EQ(a.last_request().count("cookie"), 0U);
}

TEST(CookieAffinity, AForgedOneCountsAsNone) {
  FakeBackend a, b;
  const TestGateway gateway(yaml({&a, &b}, "cookie: {name: s}"));
  for (const char* forged : {"s=b", "s=", "s=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "s=../../x"}) {
    const Message answer = chat_with(gateway, {{"Cookie", forged}});
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.count("set-cookie"), 1U) << forged;
  }
}

TEST(CookieAffinity, ASessionMovesWhenItsMemberIsNotEligible) {
  FakeBackend a, b;
  const TestGateway gateway(yaml({&a, &b}, "cookie: {}"));
  const Message first = gateway.chat();
  FakeBackend& mine = backend_of(first) == "a" ? a : b;
  mine.then_reply(429, retry_after_ms(60'000));
  const Message moved = chat_with(gateway, {{"Cookie", cookie_of(first)}});
  EXPECT_EQ(moved.status(), 200);
  EXPECT_NE(backend_of(moved), backend_of(first));
  EXPECT_EQ(moved.count("set-cookie"), 1U) << "and stays where it went";
  EXPECT_EQ(backend_of(chat_with(gateway, {{"Cookie", cookie_of(moved)}})), backend_of(moved));
}

TEST(CookieAffinity, ASessionThatMayNotMoveFails) {
  FakeBackend a, b;
  const TestGateway gateway(yaml({&a, &b}, "cookie: {}, when_unavailable: fail"));
  const Message first = gateway.chat();
  FakeBackend& mine = backend_of(first) == "a" ? a : b;
  mine.then_reply(429, retry_after_ms(60'000));
  EXPECT_EQ(chat_with(gateway, {{"Cookie", cookie_of(first)}}).status(), 429) << "its own answer";
  EXPECT_TRUE(is_gateway_error(chat_with(gateway, {{"Cookie", cookie_of(first)}}), 503, "owner_unavailable"));
  EXPECT_EQ(gateway.chat().status(), 200) << "a new session begins elsewhere";
}

TEST(CookieAffinity, HoldsOverARestart) {
  FakeBackend a, b;
  const std::string configuration = yaml({&a, &b}, "cookie: {}");
  std::string cookie;
  std::string backend;
  {
    const TestGateway first(configuration);
    const Message answer = first.chat();
    cookie = cookie_of(answer);
    backend = backend_of(answer);
  }
  const TestGateway second(configuration);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(backend_of(chat_with(second, {{"Cookie", cookie}})), backend);
}

TEST(HeaderAffinity, TheSameValueGoesToTheSameMemberAndValuesAreSpread) {
  FakeBackend a, b, c;
  const TestGateway gateway(yaml({&a, &b, &c}, "header: x-session-id"));
  std::map<std::string, int> spread;
  for (int session = 0; session < 60; ++session) {
    const Headers headers = {{"X-Session-Id", "user-" + std::to_string(session)}};
    const std::string backend = backend_of(chat_with(gateway, headers));
    ++spread[backend];
    EXPECT_EQ(backend_of(chat_with(gateway, headers)), backend);
  }
  EXPECT_EQ(spread.size(), 3U);
  EXPECT_EQ(a.last_request().header("x-session-id").value_or("").substr(0, 5), "user-") << "it passes";
}

TEST(HeaderAffinity, AnotherMemberMovesOnlyItsShare) {
  FakeBackend a, b, c, d;
  TestGateway gateway(yaml({&a, &b, &c}, "header: x-session-id"));
  std::map<int, std::string> before;
  constexpr int sessions = 80;
  const auto of = [&](int session) {
    return backend_of(chat_with(gateway, {{"x-session-id", "user-" + std::to_string(session)}}));
  };
  for (int session = 0; session < sessions; ++session) before[session] = of(session);
  gateway.reload(yaml({&a, &b, &c, &d}, "header: x-session-id"));
  int moved = 0;
  for (int session = 0; session < sessions; ++session) {
    const std::string now = of(session);
    if (now == before[session]) continue;
    EXPECT_EQ(now, "d");
    ++moved;
  }
  EXPECT_GT(moved, 0);
  EXPECT_LT(moved, sessions / 2);
}

TEST(HeaderAffinity, FollowsWhenUnavailable) {
  FakeBackend a, b;
  for (const bool fail : {false, true}) {
    const TestGateway gateway(yaml({&a, &b}, std::string("header: x-s") + (fail ? ", when_unavailable: fail" : "")));
    const Headers headers = {{"x-s", "v"}};
    FakeBackend& mine = backend_of(chat_with(gateway, headers)) == "a" ? a : b;
    mine.then_reply(429, retry_after_ms(60'000));
    EXPECT_EQ(chat_with(gateway, headers).status(), fail ? 429 : 200);
    const Message next = chat_with(gateway, headers);
    if (fail)
      EXPECT_TRUE(is_gateway_error(next, 503, "owner_unavailable"));
    else
      EXPECT_EQ(next.status(), 200);
  }
}

std::string prompt_request(const std::string& key, const std::string& system, const std::string& last) {
  json body = {{"model", "gpt-4o"},
               {"messages",
                {{{"role", "system"}, {"content", system}},
                 {{"role", "user"}, {"content", "first"}},
                 {{"role", "user"}, {"content", last}}}}};
  if (!key.empty()) body["prompt_cache_key"] = key;
  return request("POST", "/openai/v1/chat/completions", {{"api-key", "test-key"}, {"Content-Type", "application/json"}},
                 body.dump());
}

TEST(PromptAffinity, AConversationKeepsToOneMember) {
  FakeBackend a, b, c;
  const TestGateway gateway(yaml({&a, &b, &c}, "prompt_cache: true"));
  std::set<std::string> used;
  for (const char* system : {"You are a poet.", "You are a cook.", "You are a judge.", "You are a nurse."}) {
    const std::string backend = backend_of(gateway.call(prompt_request("", system, "one")));
    used.insert(backend);
    for (const char* last : {"two", "three"})
      EXPECT_EQ(backend_of(gateway.call(prompt_request("", system, last))), backend);
  }
  EXPECT_GT(used.size(), 1U);
}

TEST(PromptAffinity, TheKeyGoesBeforeTheMessages) {
  FakeBackend a, b, c;
  const TestGateway gateway(yaml({&a, &b, &c}, "prompt_cache: true"));
  const std::string backend = backend_of(gateway.call(prompt_request("key", "one", "x")));
  for (const char* system : {"two", "three", "four"})
    EXPECT_EQ(backend_of(gateway.call(prompt_request("key", system, "x"))), backend);
}

TEST(PromptAffinity, NoMemberGetsMoreThanAQuarterAboveItsShare) {
  FakeBackend a, b, c;
  const TestGateway gateway(yaml({&a, &b, &c}, "prompt_cache: true"));
  std::map<std::string, int> counts;
  RawClient client = gateway.client();
  constexpr int calls = 600;
  for (int i = 0; i < calls; ++i) ++counts[backend_of(client.call(prompt_request("one-key", "s", "x")))];
  for (const auto& [backend, count] : counts) EXPECT_LE(count, calls / 3 * 125 / 100 + 16) << backend;
}

TEST(Affinity, AnObjectGoesBeforeTheSession) {
  FakeBackend a, b;
  for (FakeBackend* backend : {&a, &b})
    backend->always_reply(200, {{"Content-Type", "application/json"}}, "{\"id\":\"resp_1\"}");
  const TestGateway gateway(yaml({&a, &b}, "cookie: {}"));
  const auto respond = [&](const Headers& more, const json& body) {
    Headers headers = {{"api-key", "test-key"}, {"Content-Type", "application/json"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return gateway.call(request("POST", "/openai/v1/responses", headers, body.dump()));
  };
  const Message one = respond({}, {{"model", "gpt-4o"}});
  const Message other = respond({}, {{"model", "gpt-4o"}});
  ASSERT_NE(backend_of(one), backend_of(other));
  const Message both =
      respond({{"Cookie", cookie_of(other)}}, {{"model", "gpt-4o"}, {"previous_response_id", json_of(one)["id"]}});
  EXPECT_EQ(backend_of(both), backend_of(one));
  EXPECT_EQ(both.count("set-cookie"), 0U) << "the session stays where it is";
}

}  // namespace
}  // namespace spillway::test
