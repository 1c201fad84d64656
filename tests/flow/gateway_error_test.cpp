#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Answers the gateway makes itself; those of routes, retries and exhaustion stand with their causes.
namespace spillway::test {
namespace {

std::string one(const FakeBackend& a, const std::string& more = "") {
  return clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") + more;
}

std::string post(const Headers& headers, const std::string& target = "/openai/v1/responses") {
  return request("POST", target, headers, "{}");
}

TEST(GatewayError, MissingAndWrongKeysAreDifferent401sAndReachNobody) {
  FakeBackend a;
  const TestGateway gateway(one(a));
  const Message missing = gateway.call(post({}));
  const Message wrong = gateway.call(post({{"api-key", "guess"}}));
  EXPECT_TRUE(is_gateway_error(missing, 401, "missing_api_key"));
  EXPECT_TRUE(is_gateway_error(wrong, 401, "invalid_api_key"));
  EXPECT_NE(json_of(missing)["error"]["message"], json_of(wrong)["error"]["message"]);
  EXPECT_EQ(wrong.body.find("guess"), std::string::npos);
  EXPECT_EQ(a.connection_count(), 0U);
}

TEST(GatewayError, AHashedKeyServesAndIsNeverPassedOn) {
  FakeBackend a;
  const std::string hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // of `abc`
  const TestGateway gateway("clients: [{name: app, keys: ['" + hash + "']}]\nbackends: [{name: a, url: \"" + a.url() +
                            "\", auth: {passthrough: true}}]\n" + pool_yaml("a"));
  EXPECT_EQ(gateway.call(post({{"Authorization", "Bearer abc"}})).status(), 200);
  ASSERT_EQ(a.request_count(), 1U);
  EXPECT_EQ(a.last_request().count("authorization"), 0U);
  EXPECT_TRUE(is_gateway_error(gateway.call(post({{"api-key", hash}})), 401, "invalid_api_key"));
  EXPECT_EQ(gateway.status().find("ba7816bf"), std::string::npos);
}

TEST(GatewayError, AKeyThatHasExpiredIsToldSo) {
  FakeBackend a;
  const TestGateway gateway(
      "clients: [{name: app, keys: [{key: old-key, not_after: 2020-01-31}, {key: new-key, not_after: 9999-12-31}]}]\n" +
      backends_yaml({a.url()}) + pool_yaml("a"));
  const Message expired = gateway.call(post({{"api-key", "old-key"}}));
  EXPECT_TRUE(is_gateway_error(expired, 401, "invalid_api_key"));
  EXPECT_EQ(json_of(expired)["error"]["message"], "The API key has expired.");
  EXPECT_EQ(a.connection_count(), 0U);
  EXPECT_EQ(gateway.call(post({{"api-key", "new-key"}})).status(), 200);
}

TEST(GatewayError, AKeyMayComeInAnyOfItsPlaces) {
  FakeBackend a;
  const TestGateway gateway(one(a));
  for (const Headers& headers : {Headers{{"api-key", "test-key"}}, Headers{{"Ocp-Apim-Subscription-Key", "test-key"}},
                                 Headers{{"Authorization", "Bearer test-key"}}})
    EXPECT_EQ(gateway.call(post(headers)).status(), 200) << headers[0].first;
  EXPECT_EQ(gateway.call(post({}, "/openai/v1/responses?api-key=test-key")).status(), 200);
  EXPECT_EQ(gateway.call(post({}, "/openai/v1/responses?subscription-key=test-key")).status(), 200);
}

TEST(GatewayError, TheFirstPlaceThatHoldsAKeyDecides) {
  FakeBackend a;
  const TestGateway gateway(one(a));
  EXPECT_TRUE(is_gateway_error(gateway.call(post({{"Authorization", "Bearer test-key"}, {"api-key", "guess"}})), 401,
                               "invalid_api_key"));
  EXPECT_TRUE(is_gateway_error(gateway.call(post({{"api-key", "guess"}}, "/openai/v1/responses?api-key=test-key")), 401,
                               "invalid_api_key"));
}

TEST(GatewayError, TheKeyIsAskedForBeforeThePathIsLookedAt) {
  FakeBackend a;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a") +
                            "routes: [{name: x, match: {path: /x}, pool: openai}]\n");
  EXPECT_TRUE(is_gateway_error(gateway.call(post({}, "/nowhere")), 401, "missing_api_key"));
  EXPECT_TRUE(is_gateway_error(gateway.call(post({{"api-key", "test-key"}}, "/nowhere")), 404, "route_not_found"));
}

TEST(GatewayError, ARefusalLeavesTheConnectionUsable) {
  FakeBackend a;
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(is_gateway_error(client.call(post({{"api-key", "guess"}})), 401, "invalid_api_key"));
    EXPECT_EQ(client.call(chat_request()).status(), 200);
  }
}

TEST(GatewayError, WithoutClientsEverybodyIsAdmitted) {
  FakeBackend a;
  const TestGateway gateway("allow_anonymous: true\n" + backends_yaml({a.url()}) + pool_yaml("a"));
  EXPECT_EQ(gateway.call(post({})).status(), 200);
  EXPECT_EQ(gateway.call(post({{"api-key", "whatever"}})).status(), 200);
  EXPECT_EQ(a.requests()[1].header("api-key"), "backend-key-a");
  EXPECT_TRUE(reaches(gateway, "spillway_requests_total{route=\"default\",client=\"-\",code=\"200\"}", 2));
}

struct Refused {
  const char* name;
  std::string bytes;
  int status;
  const char* code;
};
void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}
class RefusedBytes : public testing::TestWithParam<Refused> {};
INSTANTIATE_TEST_SUITE_P(
    Each, RefusedBytes,
    testing::Values(
        Refused{"Malformed", "NONSENSE\r\n\r\n", 400, "bad_request"},
        Refused{"AmbiguousFraming",
                "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
                "bad_request"},
        Refused{"Connect", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405, "bad_request"},
        Refused{"Trace", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "bad_request"},
        Refused{"Expectation", "POST /x HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\nx", 417,
                "bad_request"},
        Refused{"Coding", "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501,
                "bad_request"},
        Refused{"Version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, "bad_request"},
        Refused{"LongTarget", "GET /" + std::string(5'000, 'x'), 414, "bad_request"},
        Refused{"LargeHead", "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(5'000, 'x') + "\r\n\r\n", 431,
                "headers_too_large"},
        Refused{"LargeBody", "POST /x HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nContent-Length: 2000\r\n\r\n", 413,
                "request_too_large"},
        Refused{"LargeChunks",
                "POST /x HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n", 413,
                "request_too_large"},
        Refused{"BrokenChunks",
                "POST /x HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400,
                "bad_request"},
        Refused{"LateHead", "POST /x HTTP/1.1\r\nHost: x\r\n", 408, "request_timeout"},
        Refused{"LateBody", "POST /x HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nContent-Length: 5\r\n\r\n{", 408,
                "request_timeout"}),
    [](const testing::TestParamInfo<Refused>& tested) { return tested.param.name; });

TEST_P(RefusedBytes, T13GetTheSameShapeAndTheEndOfTheConnectionWhereTheyMust) {
  FakeBackend a;
  const TestGateway gateway(one(a,
                                "limits: {max_header_size: 4KiB, max_request_body: 1000B}\n"
                                "timeouts: {request_header: 700ms, request_body_idle: 700ms}\n"));
  RawClient client = gateway.client();
  const Message answer = client.call(GetParam().bytes);
  EXPECT_TRUE(is_gateway_error(answer, GetParam().status, GetParam().code));
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.socket().receive(), "");
  EXPECT_FALSE(client.socket().was_reset()) << "or the answer might be lost";
  EXPECT_EQ(a.connection_count(), 0U);
  EXPECT_TRUE(eventually([&] {
    const std::string code = ",code=\"" + std::to_string(GetParam().status) + "\"} 1";
    return gateway.metrics().find(code) != std::string::npos;
  })) << "a refusal is counted like any other request";
}

}  // namespace
}  // namespace spillway::test
