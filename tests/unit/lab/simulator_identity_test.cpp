#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "lab/http_client.hpp"
#include "lab/simulator.hpp"
#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

constexpr std::string_view lab = R"(
control: {address: 127.0.0.1:0}
resources:
  - {name: east, region: East US, tokens: true, deployments: [{name: gpt-4o}]}
identity:
  imds: {}
  entra: {}
  key_vault: {secrets: {chat-key: value}}
)";

class SimulatorIdentityTest : public ::testing::Test {
 protected:
  SimulatorIdentityTest() : simulator(load_lab_text(lab).config) {
    std::string problem;
    EXPECT_TRUE(simulator.open(problem)) << problem;
    loop = std::jthread([this] { simulator.run(); });
  }
  ~SimulatorIdentityTest() override { simulator.stop(); }

  static HttpClient::Target at(const std::string& address) {
    HttpClient::Target target;
    target.port = parse_number<std::uint16_t>(std::string_view(address).substr(address.rfind(':') + 1)).value_or(0);
    return target;
  }
  HttpClient::Target service(std::string_view name) const {
    for (const IdentityStand& stand : simulator.identity()->stands()) {
      if (stand.name() == name) return at(stand.address().text());
    }
    return {};
  }
  std::string token(const std::string& resource) {
    HttpClient client(service("imds"));
    const HttpReply reply =
        client.send("GET", "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + resource,
                    {{"Metadata", "true"}}, "");
    return text_of(member(parse_json(reply.body).value_or(Json()), "access_token"));
  }
  HttpReply models(const std::string& bearer) {
    HttpClient client(at(simulator.addresses().at(0)));
    return client.send("GET", "/openai/v1/models", {{"Authorization", "Bearer " + bearer}}, "");
  }

  Simulator simulator;
  std::jthread loop;
};

TEST_F(SimulatorIdentityTest, ATokenOpensTheResourceAndTheVault) {
  EXPECT_EQ(models(token("https://cognitiveservices.azure.com")).status, 200);
  EXPECT_EQ(models(token("https://vault.azure.net")).status, 401);
  HttpClient vault(service("key_vault"));
  const HttpReply secret = vault.send("GET", "/secrets/chat-key?api-version=7.4",
                                      {{"Authorization", "Bearer " + token("https://vault.azure.net")}}, "");
  EXPECT_EQ(secret.status, 200);
  EXPECT_EQ(text_of(member(parse_json(secret.body).value_or(Json()), "value")), "value");
}

TEST_F(SimulatorIdentityTest, TheControlListenerCountsAndRevokes) {
  const std::string before = token("https://cognitiveservices.azure.com");
  HttpClient control(at(simulator.control_address()));
  EXPECT_EQ(control.send("POST", "/identity/revoke", {}, "").status, 200);
  EXPECT_EQ(models(before).status, 401);
  EXPECT_EQ(models(token("https://cognitiveservices.azure.com")).status, 200);
  std::uint64_t calls = 0;
  simulator.with_identity([&](Identity& identity) { calls = identity.find("imds")->count("token", "200"); });
  EXPECT_EQ(calls, 2U);
  EXPECT_EQ(control.send("POST", "/reset", {}, "").status, 200);
  simulator.with_identity([&](Identity& identity) { calls = identity.find("imds")->count("token", "200"); });
  EXPECT_EQ(calls, 0U);
}

TEST_F(SimulatorIdentityTest, AServiceThatIsOutRefusesConnections) {
  HttpClient control(at(simulator.control_address()));
  EXPECT_EQ(control.send("POST", "/identity/faults", {}, R"({"service":"imds","fault":"refuse"})").status, 200);
  EXPECT_EQ(token("r"), "");
  HttpClient entra(service("entra"));
  EXPECT_EQ(entra.send("GET", "/nothing", {}, "").status, 404);
  EXPECT_EQ(control.send("POST", "/identity/faults", {}, R"({"fault":null})").status, 200);
  EXPECT_NE(token("r"), "");
}

}  // namespace
}  // namespace spillway::lab
