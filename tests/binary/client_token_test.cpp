#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"
#include "fake_tenant.hpp"

// What the log tells of clients that show access tokens.
namespace spillway::test {
namespace {

using nlohmann::json;
using routing::test::first_signer;

std::string shown_by(const std::string& token) {
  return request("POST", "/openai/v1/chat/completions", {{"Authorization", "Bearer " + token}}, "{}");
}

// The only line with this in it; waits for it.
json line_with(const Daemon& daemon, const std::string& text) {
  EXPECT_TRUE(eventually([&] { return daemon.lines_with(text) != 0; })) << text;
  std::istringstream lines(daemon.output());
  for (std::string line; std::getline(lines, line);)
    if (line.find(text) != std::string::npos) return json::parse(line);
  return {};
}

TEST(ClientTokenLog, NamesTheClientAndTheReasonButNeverTheToken) {
  FakeTenant issuer;
  const FakeBackend backend;
  const Daemon daemon(SPILLWAY_PROGRAM,
                      "clients: [{name: chat, entra: {tenant_id: " + issuer.id() +
                          ", audiences: [spillway], authority: \"" + issuer.authority() + "\"}}]\n" +
                          backends_yaml({backend.url()}) + pool_yaml("a"),
                      0, "level: debug, format: json, access: true");
  json claims = issuer.claims();
  const std::string good = first_signer().token(claims);
  claims["aud"] = "other";
  const std::string wrong = first_signer().token(claims);
  EXPECT_EQ(daemon.client().call(shown_by(good)).status(), 200);
  EXPECT_EQ(daemon.client().call(shown_by(wrong)).status(), 401);
  EXPECT_EQ(line_with(daemon, "\"status\":200")["client"], "chat");
  const json refused = line_with(daemon, "an access token is refused");
  EXPECT_EQ(refused["reason"], "wrong_audience");
  const json answered = line_with(daemon, "\"status\":401");
  EXPECT_EQ(answered["request_id"], refused["request_id"]);
  EXPECT_EQ(answered["client"], nullptr);
  const json fetched = line_with(daemon, "the keys of a tenant have been fetched");
  EXPECT_EQ(fetched["tenant"], issuer.id());
  EXPECT_EQ(fetched["keys"], 1);
  for (const std::string& token : {good, wrong}) {
    const std::size_t payload = token.find('.') + 1;
    EXPECT_EQ(daemon.output().find(token.substr(payload, 30)), std::string::npos);
    EXPECT_EQ(daemon.output().find(token.substr(token.rfind('.') + 1, 30)), std::string::npos);
  }
}

TEST(ClientTokenLog, TellsWhyKeysCannotBeFetched) {
  FakeTenant issuer;
  issuer.out_of_order(true);
  const FakeBackend backend;
  const Daemon daemon(SPILLWAY_PROGRAM, "clients: [{name: chat, entra: {tenant_id: " + issuer.id() +
                                            ", audiences: [spillway], authority: \"" + issuer.authority() + "\"}}]\n" +
                                            backends_yaml({backend.url()}) + pool_yaml("a"));
  const json line = line_with(daemon, "the keys of a tenant could not be fetched");
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["authority"], issuer.authority());
  EXPECT_EQ(line["keys"], 0);
  EXPECT_THAT(line["error"].get<std::string>(), testing::HasSubstr("its metadata: status 503"));
}

}  // namespace
}  // namespace spillway::test
