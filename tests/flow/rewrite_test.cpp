#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// A request as the backend sees it.
namespace spillway::test {
namespace {

// One backend with further settings, reached through a route.
std::string one(const FakeBackend& a, const std::string& settings = "", const std::string& url_prefix = "",
                const std::string& more = "") {
  return clients_yaml() + "backends:\n  - {name: a, url: \"" + a.url() + url_prefix + "\"" +
         (settings.empty() ? "" : ", ") + settings + "}\n" + pool_yaml("a") + more;
}

Headers json_headers() {
  return {{"api-key", "test-key"}, {"Content-Type", "application/json"}};
}

// What the backend got for one request.
Message seen(const std::string& yaml, FakeBackend& a, const std::string& bytes) {
  const TestGateway gateway(yaml);
  const Message answer = gateway.call(bytes);
  EXPECT_EQ(answer.status(), 200) << answer.body;
  const std::vector<Message> got = a.requests();
  return got.empty() ? Message() : got.back();
}

Message seen_target(const std::string& yaml, FakeBackend& a, const std::string& target) {
  return seen(yaml, a, request("POST", target, json_headers(), "{\"model\":\"gpt-4o\"}"));
}

TEST(Rewrite, AnUnmappedRequestKeepsItsTargetAndBodyByteForByte) {
  FakeBackend a;
  const std::string target =
      "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&include%5B%5D=x&include%5B%5D=y&n=%20+";
  const std::string body = "{ \"model\" : \"gpt-4o\",\n\t\"big\": 12345678901234567890, \"x\":[1.0e5, null] }";
  const Message got = seen(one(a), a, request("POST", target, json_headers(), body));
  EXPECT_EQ(got.start_line, "POST " + target + " HTTP/1.1");
  EXPECT_EQ(got.body, body);
}

TEST(Rewrite, TheHostIsTheBackendsAndStandsFirst) {
  FakeBackend a;
  const Message got = seen(one(a), a, chat_request());
  EXPECT_EQ(got.headers.at(0), (std::pair<std::string, std::string>("Host", "127.0.0.1:" + std::to_string(a.port()))));
  EXPECT_EQ(got.count("host"), 1U);
}

TEST(Rewrite, TheApiVersionOfTheBackendReplacesTheClientsOnClassicPathsOnly) {
  FakeBackend a;
  const std::string yaml = one(a, "api_version: 2024-10-21");
  EXPECT_EQ(seen_target(yaml, a, "/openai/deployments/gpt-4o/chat/completions?api-version=2023-05-15&x=1").target(),
            "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21&x=1");
  EXPECT_EQ(seen_target(yaml, a, "/openai/responses").target(), "/openai/responses?api-version=2024-10-21");
  EXPECT_EQ(seen_target(yaml, a, "/openai/v1/responses?api-version=preview").target(),
            "/openai/v1/responses?api-version=preview");
  EXPECT_EQ(seen_target(yaml, a, "/openai/v1/responses").target(), "/openai/v1/responses");
}

TEST(Rewrite, RewritePathReplacesTheMatchedPrefix) {
  FakeBackend a;
  const std::string yaml =
      one(a, "api_version: 2024-10-21", "",
          "routes: [{name: seed, match: {path: /routing}, rewrite_path: /openai, pool: openai}]\n");
  EXPECT_EQ(seen_target(yaml, a, "/routing/responses?x=1").target(), "/openai/responses?x=1&api-version=2024-10-21");
  EXPECT_EQ(seen_target(yaml, a, "/routing").target(), "/openai");
}

TEST(Rewrite, ThePrefixOfTheUrlStandsInFront) {
  FakeBackend a;
  EXPECT_EQ(
      seen_target(one(a, "", "/team-a/x"), a, "/openai/deployments/gpt-4o/chat/completions?api-version=1").target(),
      "/team-a/x/openai/deployments/gpt-4o/chat/completions?api-version=1");
}

constexpr char mapped[] = "deployments: {gpt-4o: gpt-4o-ptu, \"a+b\": \"c%d/e\", \"*\": \"*\"}";

TEST(Rewrite, AMappedDeploymentIsReplacedInPathAndBodyAndNothingElse) {
  FakeBackend a;
  const std::string front =
      "{\"messages\":[{\"model\":\"gpt-4o\"}], \"big\":12345678901234567890,\r\n  \"model\" :  \"";
  const std::string back = "\" , \"meta\":{\"model\":\"gpt-4o\"},\"s\":\"\\\"model\\\":\\\"gpt-4o\\\"\"}\n";
  const Message got = seen(one(a, mapped), a,
                           request("POST", "/openai/deployments/gpt-4o/chat/completions?api-version=1&model=gpt-4o",
                                   json_headers(), front + "gpt-4o" + back));
  EXPECT_EQ(got.target(), "/openai/deployments/gpt-4o-ptu/chat/completions?api-version=1&model=gpt-4o");
  EXPECT_EQ(got.body, front + "gpt-4o-ptu" + back);
  EXPECT_EQ(got.header("content-length"), std::to_string(got.body.size()));
}

TEST(Rewrite, AMappedModelIsReplacedInABodyOnV1) {
  FakeBackend a;
  const std::string input = long_chat_body(200'000, "gpt-4o");
  const Message got = seen(one(a, mapped), a, request("POST", "/openai/v1/responses", json_headers(), input));
  EXPECT_EQ(got.body, input.substr(0, input.size() - 8) + "gpt-4o-ptu\"}");
}

TEST(Rewrite, AnEncodedDeploymentIsMatchedDecodedAndWrittenEncoded) {
  FakeBackend a;
  EXPECT_EQ(seen_target(one(a, mapped), a, "/openai/deployments/a%2Bb/chat/completions").target(),
            "/openai/deployments/c%25d%2Fe/chat/completions");
}

TEST(Rewrite, EscapesInTheModelAreUnderstood) {
  FakeBackend a;
  const Message got = seen(one(a, mapped), a,
                           request("POST", "/openai/v1/responses", json_headers(),
                                   "{\"mod\\u0065l\":\"gpt\\u002d4o\",\"input\":\"\\u0041\"}"));
  EXPECT_EQ(got.body, "{\"mod\\u0065l\":\"gpt-4o-ptu\",\"input\":\"\\u0041\"}");
}

TEST(Rewrite, AModelOutsideTheMappingKeepsItsNameThroughTheStar) {
  FakeBackend a;
  const std::string body = "{\"model\":\"o3-mini\"}";
  EXPECT_EQ(seen(one(a, mapped), a, request("POST", "/openai/v1/responses", json_headers(), body)).body, body);
}

TEST(Rewrite, EachMemberGetsItsOwnNameForTheModel) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(clients_yaml() + "backends:\n  - {name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: first}}\n  - {name: b, url: \"" + b.url() +
                            "\", deployments: {gpt-4o: the-second-name}}\n" + pool_yaml("ab"));
  EXPECT_EQ(
      gateway.call(request("POST", "/openai/v1/responses", json_headers(), "{\"model\":\"gpt-4o\",\"x\":1}")).status(),
      200);
  EXPECT_EQ(a.requests().at(0).body, "{\"model\":\"first\",\"x\":1}");
  EXPECT_EQ(b.requests().at(0).body, "{\"model\":\"the-second-name\",\"x\":1}");
}

std::string form(const std::string& model, const std::string& file) {
  return "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: "
         "audio/wav\r\n\r\n" +
         file + "\r\n--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + model +
         "\r\n--XyZ\r\nContent-Disposition: form-data; name=\"response_format\"\r\n\r\ntext\r\n--XyZ--\r\n";
}

TEST(Rewrite, AMappedModelOfAFormIsReplacedAndTheFileIsUntouched) {
  FakeBackend a;
  const std::string file = noise(200'000) + "name=\"model\"\r\n\r\ngpt-4o\r\n";
  const Headers headers = {{"api-key", "test-key"}, {"Content-Type", "multipart/form-data; boundary=XyZ"}};
  for (const char* target : {"/openai/v1/audio/transcriptions", "/openai/deployments/gpt-4o/audio/transcriptions"}) {
    const Message got = seen(one(a, mapped), a, request("POST", target, headers, form("gpt-4o", file)));
    EXPECT_EQ(sha256_hex(got.body), sha256_hex(form("gpt-4o-ptu", file))) << target;
    EXPECT_EQ(got.header("content-type"), "multipart/form-data; boundary=XyZ");
  }
}

TEST(Rewrite, ABodyThatCannotBeReadPassesWhenThePathNamesTheDeployment) {
  FakeBackend a;
  const std::string packed = noise(10'000);
  Headers headers = json_headers();
  headers.emplace_back("Content-Encoding", "gzip");
  const Message got =
      seen(one(a, mapped), a, request("POST", "/openai/deployments/gpt-4o/chat/completions", headers, packed));
  EXPECT_EQ(got.target(), "/openai/deployments/gpt-4o-ptu/chat/completions");
  EXPECT_EQ(sha256_hex(got.body), sha256_hex(packed));
}

TEST(Rewrite, T11TheClientsCredentialsAreTakenOutOfHeadersAndQuery) {
  FakeBackend a;
  const Message got = seen(one(a, "auth: {api_key: own-key}"), a,
                           request("POST", "/openai/v1/responses?x=1&api-key=q1&Subscription-Key=q2&y=2&api%2Dkey=q3",
                                   {{"API-Key", "test-key"},
                                    {"Authorization", "Bearer test-key"},
                                    {"Ocp-Apim-Subscription-Key", "test-key"},
                                    {"Content-Type", "application/json"},
                                    {"Cookie", "session=1"}},
                                   "{}"));
  EXPECT_EQ(got.target(), "/openai/v1/responses?x=1&y=2");
  EXPECT_EQ(got.count("api-key"), 1U);
  EXPECT_EQ(got.header("api-key"), "own-key");
  EXPECT_EQ(got.count("authorization"), 0U);
  EXPECT_EQ(got.count("ocp-apim-subscription-key"), 0U);
  EXPECT_EQ(got.header("cookie"), "session=1");
  EXPECT_EQ(got.raw_head.find("test-key"), std::string::npos);
}

TEST(Rewrite, T11WithoutAuthNoCredentialIsSent) {
  FakeBackend a;
  const Message got = seen(one(a), a, chat_request());
  EXPECT_EQ(got.count("api-key"), 0U);
  EXPECT_EQ(got.count("authorization"), 0U);
}

TEST(Rewrite, T11PassthroughForwardsTheCallersTokenButNeverAKeyOfTheGateway) {
  FakeBackend a;
  const std::string yaml = one(a, "auth: {passthrough: true}");
  const auto with = [&](const std::string& authorization) {
    return seen(
        yaml, a,
        request("POST", "/openai/v1/responses", {{"api-key", "test-key"}, {"Authorization", authorization}}, "{}"));
  };
  EXPECT_EQ(with("Bearer their.own.token").header("authorization"), "Bearer their.own.token");
  for (const char* own : {"Bearer test-key", "bearer  test-key", "test-key", "Basic test-key", "Bearer\ttest-key"}) {
    const Message got = with(own);
    EXPECT_EQ(got.count("authorization"), 0U) << own;
    EXPECT_EQ(got.raw_head.find("test-key"), std::string::npos) << own;
  }
}

TEST(Rewrite, PassthroughWithoutClientsForwardsTheToken) {
  FakeBackend a;
  const std::string yaml = "allow_anonymous: true\nbackends: [{name: a, url: \"" + a.url() +
                           "\", auth: {passthrough: true}}]\n" + pool_yaml("a");
  const Message got =
      seen(yaml, a,
           request("POST", "/openai/v1/responses", {{"Authorization", "Bearer token"}, {"api-key", "theirs"}}, "{}"));
  EXPECT_EQ(got.header("authorization"), "Bearer token");
  EXPECT_EQ(got.count("api-key"), 0U);
}

TEST(Rewrite, T11EverythingElseKeepsItsOrderAndNothingIsAdded) {
  FakeBackend a;
  const Headers sent = {{"user-agent", "AzureOpenAI/JS 7.57.0"},
                        {"x-stainless-retry-count", "0"},
                        {"X-Stainless-Lang", "js"},
                        {"api-key", "test-key"},
                        {"accept", "application/json"},
                        {"x-ms-client-request-id", "11"},
                        {"accept", "text/event-stream"},
                        {"content-type", "application/json"},
                        {"x-forwarded-for", "192.0.2.1"},
                        {"accept-language", "*"}};
  const Message got = seen(one(a), a, request("POST", "/openai/v1/responses", sent, "{}"));
  Headers expected = {{"Host", "127.0.0.1:" + std::to_string(a.port())}};
  for (const auto& header : sent)
    if (header.first != "api-key") expected.push_back(header);
  expected.emplace_back("Content-Length", "2");
  EXPECT_EQ(got.headers, expected);
}

TEST(Rewrite, H16HopByHopFieldsAndThoseNamedInConnectionAreDropped) {
  FakeBackend a;
  const Message got = seen(one(a), a,
                           request("POST", "/openai/v1/responses",
                                   {{"api-key", "test-key"},
                                    {"Connection", "keep-alive, X-Private, TE"},
                                    {"X-Private", "1"},
                                    {"Keep-Alive", "timeout=5"},
                                    {"TE", "trailers"},
                                    {"Proxy-Authorization", "Basic x"},
                                    {"Proxy-Connection", "keep-alive"},
                                    {"X-Public", "2"}},
                                   "{}"));
  for (const char* dropped : {"connection", "x-private", "keep-alive", "te", "proxy-authorization", "proxy-connection"})
    EXPECT_EQ(got.count(dropped), 0U) << dropped;
  EXPECT_EQ(got.header("x-public"), "2");
}

TEST(Rewrite, H16ConnectionCannotTakeTheCredentialOrTheFramingAway) {
  FakeBackend a;
  const Message got = seen(one(a, "auth: {api_key: own-key}"), a,
                           request("POST", "/openai/v1/responses",
                                   {{"api-key", "test-key"},
                                    {"Connection", "api-key, Content-Length, Host, content-type"},
                                    {"Content-Type", "application/json"}},
                                   "{}"));
  EXPECT_EQ(got.header("api-key"), "own-key");
  EXPECT_EQ(got.header("content-length"), "2");
  EXPECT_EQ(got.body, "{}");
}

TEST(Rewrite, MethodsWithoutABodyGetNoneAndAnEmptyPostSaysSo) {
  FakeBackend a;
  const std::string yaml = one(a);
  const Message get = seen(yaml, a, request("GET", "/openai/v1/models", {{"api-key", "test-key"}}));
  EXPECT_EQ(get.start_line, "GET /openai/v1/models HTTP/1.1");
  EXPECT_EQ(get.count("content-length"), 0U);
  EXPECT_EQ(get.count("transfer-encoding"), 0U);
  const Message post = seen(yaml, a, request("POST", "/openai/v1/responses/resp_1/cancel", {{"api-key", "test-key"}}));
  EXPECT_EQ(post.header("content-length"), "0");
  const Message gone = seen(yaml, a, request("DELETE", "/openai/v1/responses/resp_1", {{"api-key", "test-key"}}));
  EXPECT_EQ(gone.count("content-length"), 0U);
}

TEST(Rewrite, H18ExpectIsAnsweredHereAndNotForwarded) {
  FakeBackend a;
  const TestGateway gateway(one(a));
  RawClient client = gateway.client();
  client.send(
      "POST /openai/v1/responses HTTP/1.1\r\nHost: x\r\napi-key: test-key\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  ASSERT_TRUE(client.receive_until("HTTP/1.1 100 Continue\r\n\r\n"));
  EXPECT_EQ(a.connection_count(), 0U);
  EXPECT_EQ(client.receive().status(), 100);
  EXPECT_EQ(client.call("{}").status(), 200);
  EXPECT_EQ(a.requests().at(0).count("expect"), 0U);
}

}  // namespace
}  // namespace spillway::test
