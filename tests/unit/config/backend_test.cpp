#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificate.hpp"
#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using testing::ElementsAre;

Loaded with(const std::string& keys, const test::Map& contents = {}) {
  return test::load(test::with_backend(keys), {{"KEY", "k"}}, contents);
}

Lines wrong(const std::string& keys) {
  return test::lines(with(keys).problems);
}

Backend backend(const std::string& keys) {
  const Loaded loaded = with(keys);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << keys;
  return loaded.config ? loaded.config->backends.at(0) : Backend{};
}

Loaded with_url(const std::string& url) {
  return test::load(test::listeners + test::anonymous + "backends: [{name: one, url: '" + url +
                    "'}]\npools: [{name: main, members: [{backend: one}]}]\n");
}

BackendUrl url(const std::string& text) {
  const Loaded loaded = with_url(text);
  EXPECT_EQ(test::lines(loaded.problems), Lines{}) << text;
  return loaded.config ? loaded.config->backends.at(0).url : BackendUrl{};
}

TEST(Backends, HaveDefaults) {
  const Backend one = backend("");
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.region, "");
  EXPECT_EQ(one.kind, BackendKind::paygo);
  EXPECT_EQ(one.api_version, std::nullopt);
  EXPECT_EQ(one.auth.kind, AuthKind::none);
  EXPECT_EQ(one.deployments, std::nullopt);
  EXPECT_TRUE(one.tls.verify);
  EXPECT_EQ(one.max_connections, 512U);
  EXPECT_EQ(one.circuit_breaker, CircuitBreaker::defaults());
}

TEST(Backends, TakeEveryKey) {
  const Backend one = backend(
      ", region: East US, kind: ptu, api: azure, api_version: 2024-10-21, auth: {api_key: '${KEY}'}, deployments: "
      "{gpt-4o: "
      "four, '*': '*'}, tls: {verify: true, server_name: Inner.Example}, limits: {max_connections: 65535}");
  EXPECT_EQ(one.region, "East US");
  EXPECT_EQ(one.kind, BackendKind::ptu);
  EXPECT_EQ(one.api_version, "2024-10-21");
  EXPECT_EQ(one.auth.kind, AuthKind::api_key);
  EXPECT_EQ(one.auth.api_key.reveal(), "k");
  EXPECT_THAT(one.deployments,
              testing::Optional(ElementsAre(testing::Pair("*", "*"), testing::Pair("gpt-4o", "four"))));
  EXPECT_EQ(one.tls.server_name, "inner.example");
  EXPECT_EQ(one.max_connections, 65535U);
}

TEST(Backends, HaveUrlsWithHostPortAndPrefix) {
  EXPECT_TRUE(url("https://one.example").tls);
  EXPECT_EQ(url("https://one.example").port, 443);
  EXPECT_EQ(url("http://one.example").port, 80);
  EXPECT_FALSE(url("http://one.example").tls);
  EXPECT_EQ(url("HTTPS://One.Example:8443/").host, "one.example");
  EXPECT_EQ(url("https://one.example:8443").port, 8443);
  EXPECT_EQ(url("https://one.example/").path_prefix, "");
  EXPECT_EQ(url("https://one.example/apim/v2/").path_prefix, "/apim/v2");
  EXPECT_EQ(url("http://127.0.0.1:5001").host, "127.0.0.1");
  EXPECT_EQ(url("http://[::1]:5001").host, "::1");
  EXPECT_EQ(url("http://my_service:1").host, "my_service");
}

TEST(Backends, ShowTheirAuthorityAsTheHostFieldWantsIt) {
  EXPECT_EQ(url("https://one.example").authority(), "one.example");
  EXPECT_EQ(url("https://one.example:443").authority(), "one.example");
  EXPECT_EQ(url("https://one.example:80").authority(), "one.example:80");
  EXPECT_EQ(url("http://one.example:80").authority(), "one.example");
  EXPECT_EQ(url("http://[::1]").authority(), "[::1]");
  EXPECT_EQ(url("http://[::1]:5001").authority(), "[::1]:5001");
}

TEST(Backends, RefuseOtherUrls) {
  const auto message = [](const std::string& text) {
    const Loaded loaded = with_url(text);
    return loaded.problems.size() == 1 ? loaded.problems[0].message.substr(0, loaded.problems[0].message.find(" ("))
                                       : "";
  };
  EXPECT_EQ(message("one.example"), "the URL does not begin with https:// or http://");
  EXPECT_EQ(message("ftp://one.example"), "the URL does not begin with https:// or http://");
  EXPECT_EQ(message(""), "the URL is empty");
  EXPECT_EQ(message("https://one.example/?api-version=1"), "the URL has a query");
  EXPECT_EQ(message("https://one.example/#x"), "the URL has a fragment");
  EXPECT_EQ(message("https://u:p@one.example"), "the URL has a user name");
  EXPECT_EQ(message("https://one.example:0"), "the URL has no usable port");
  EXPECT_EQ(message("https://one.example:65536"), "the URL has no usable port");
  for (const char* text :
       {"https://", "https:///x", "https://one..example", "https://one.example.", "https://-one.example",
        "https://[::g]", "https://[::1", "https://1.2.3", "https://one.example:", "https://a b", "https://ä"}) {
    EXPECT_EQ(message(text), "the URL has no usable host") << text;
  }
  for (const char* text :
       {"https://one.example//x", "https://one.example/../x", "https://one.example/a b", "https://one.example/x//"}) {
    EXPECT_EQ(message(text), "the URL has no usable path") << text;
  }
}

TEST(Backends, HaveExactlyOneKindOfCredential) {
  EXPECT_EQ(backend(", auth: {passthrough: true}").auth.kind, AuthKind::passthrough);
  const std::string at = "f.yaml:4:50: backends[0].auth";
  EXPECT_THAT(
      wrong(", auth: {api_key: k, passthrough: true}"),
      ElementsAre("f.yaml:4:49: backends[0].auth: api_key and passthrough exclude each other (give exactly one)"));
  EXPECT_THAT(wrong(", auth: {}"),
              ElementsAre("f.yaml:4:49: backends[0].auth: says nothing (give exactly one of api_key, managed_identity, "
                          "workload_identity, client_secret, client_certificate, passthrough, or leave auth out)"));
  EXPECT_THAT(wrong(", auth: {api_key: '${NONE:-}'}"),
              ElementsAre("f.yaml:4:59: backends[0].auth.api_key: is empty (leave auth out to send no credential)"));
  EXPECT_THAT(
      wrong(", auth: {passthrough: false}"),
      ElementsAre("f.yaml:4:63: backends[0].auth.passthrough: must be true (leave auth out to send no credential)"));
}

TEST(Backends, RefuseWhatLaterVersionsBring) {
  EXPECT_THAT(wrong(", auth: {entra: {}}"),
              ElementsAre("f.yaml:4:50: backends[0].auth.entra: not supported in this version (use managed_identity, "
                          "workload_identity, client_secret or client_certificate)"));
  EXPECT_THAT(wrong(", auth: {apikey: k}"),
              ElementsAre("f.yaml:4:50: backends[0].auth.apikey: unknown key (did you mean \"api_key\"?)"));
}

TEST(Backends, SpeakOpenAiToo) {
  EXPECT_EQ(backend("").api, Api::azure);
  EXPECT_EQ(backend(", api: azure").api, Api::azure);
  EXPECT_EQ(backend(", api: openai").api, Api::openai);
  EXPECT_THAT(wrong(", api: opanai"),
              ElementsAre("f.yaml:4:48: backends[0].api: \"opanai\" is not known here (did you mean \"openai\"?)"));
  EXPECT_THAT(test::lines(with(", api: openai, api_version: 2024-10-21").warnings),
              ElementsAre("f.yaml:4:69: backends[0].api_version: has no effect (api: openai has no versions)"));
  EXPECT_THAT(test::lines(with(", api: azure, api_version: 2024-10-21").warnings), ElementsAre());
}

TEST(Backends, CheckTheirDeployments) {
  EXPECT_THAT(
      wrong(", deployments: {}"),
      ElementsAre("f.yaml:4:56: backends[0].deployments: is empty (name at least one model, or leave the key out)"));
  EXPECT_THAT(
      wrong(", deployments: {gpt-4o: '*'}"),
      ElementsAre(
          "f.yaml:4:65: backends[0].deployments.gpt-4o: \"*\" stands only for the key \"*\" (write the name of the "
          "deployment)"));
  EXPECT_THAT(
      wrong(", deployments: {'gpt-4*': x}"),
      ElementsAre(
          "f.yaml:4:57: backends[0].deployments.gpt-4*: not usable as a model (1 to 256 printable ASCII characters, no "
          "spaces, quotes, \\ or *; or \"*\" alone)"));
  EXPECT_THAT(wrong(", deployments: {a: , a: b}"),
              ElementsAre("f.yaml:4:57: backends[0].deployments.a: there is no value (expected: name of a deployment)",
                          "f.yaml:4:62: backends[0].deployments.a: duplicate key (given already in line 4)"));
  EXPECT_THAT(backend(", deployments: {'*': one}").deployments,
              testing::Optional(ElementsAre(testing::Pair("*", "one"))));
  EXPECT_THAT(backend(", deployments: {'${KEY}': '${KEY}'}").deployments,
              testing::Optional(ElementsAre(testing::Pair("k", "k"))));
}

TEST(Backends, CheckTextThatGoesIntoHeadersAndQueries) {
  EXPECT_THAT(wrong(", region: \"East\\nUS\""),
              ElementsAre("f.yaml:4:51: backends[0].region: \"East?US\" cannot stand in a header (1 to "
                          "128 printable ASCII characters, no space at either end)"));
  EXPECT_THAT(wrong(", api_version: '2024&x=1'"),
              ElementsAre("f.yaml:4:56: backends[0].api_version: \"2024&x=1\" is not an API version "
                          "(such as 2024-10-21 or 2025-01-01-preview)"));
  EXPECT_THAT(wrong(", limits: {max_connections: 0}"),
              ElementsAre("f.yaml:4:69: backends[0].limits.max_connections: \"0\" is out of "
                          "range (1 to 65535)"));
}

TEST(Backends, ReadTheirRoots) {
  const test::Certificate root = test::make_certificate();
  const Loaded good = with(", tls: {ca: /ca.pem}", {{"/ca.pem", root.certificate + root.certificate}});
  EXPECT_EQ(test::lines(good.problems), Lines{});
  ASSERT_NE(good.config, nullptr);
  EXPECT_EQ(good.config->backends[0].tls.ca, "/ca.pem");
  EXPECT_THAT(wrong(", tls: {ca: /ca.pem}"),
              ElementsAre("f.yaml:4:53: backends[0].tls.ca: \"/ca.pem\" cannot be read: No such file or "
                          "directory"));
}

TEST(Backends, T07WarnOfWhatIsUnsafeOrWithoutEffect) {
  EXPECT_THAT(
      test::lines(with(", tls: {verify: false}").warnings),
      ElementsAre(
          "f.yaml:4:57: backends[0].tls.verify: the backend's certificate is not verified: anyone in between can read "
          "and change everything (use ca instead)"));
  const auto warnings = [](const std::string& url, const std::string& keys) {
    return test::lines(test::load(test::listeners + test::anonymous + "backends:\n- {name: one, url: '" + url + "'" +
                                  keys + "}\npools: [{name: main, members: [{backend: one}]}]\n")
                           .warnings);
  };
  EXPECT_THAT(warnings("http://h", ", tls: {verify: false}"),
              ElementsAre("f.yaml:4:37: backends[0].tls: has no effect (the URL is http)"));
  EXPECT_THAT(warnings("http://h", ", auth: {api_key: k}"),
              ElementsAre("f.yaml:4:20: backends[0].url: credentials are sent without encryption (use https)"));
  EXPECT_THAT(warnings("http://127.0.0.1:5001", ", auth: {api_key: k}"), ElementsAre());
}

TEST(Backends, HaveUniqueNames) {
  EXPECT_THAT(test::problems(test::listeners + test::anonymous +
                             "backends:\n- {name: one, url: 'https://a'}\n- {name: one, url: 'https://b'}\n"
                             "pools: [{name: main, members: [{backend: one}]}]\n"),
              ElementsAre("f.yaml:5:10: backends[1].name: the name is taken by backends[0].name (line 4)"));
}

TEST(Backends, InNoPoolAreWorthAWarning) {
  const Loaded loaded = test::load(test::listeners + test::anonymous + test::backends +
                                   "pools: [{name: main, members: [{backend: one}]}]\n");
  EXPECT_THAT(test::lines(loaded.warnings), ElementsAre("f.yaml:3:53: backends[1]: is in no pool"));
}

}  // namespace
}  // namespace spillway::config
