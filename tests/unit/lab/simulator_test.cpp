#include "lab/simulator.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <thread>
#include <utility>

#include "lab/certificate.hpp"
#include "lab/http_client.hpp"
#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

constexpr std::string_view two_resources = R"(
control: {address: 127.0.0.1:0}
resources:
  - {name: east, region: East US, keys: [k], deployments: [{name: gpt-4o}]}
  - {name: west, region: West US, keys: [k], deployments: [{name: gpt-4o}]}
)";

class SimulatorTest : public ::testing::Test {
 protected:
  SimulatorTest() : simulator(load_lab_text(two_resources).config) {
    std::string problem;
    EXPECT_TRUE(simulator.open(problem)) << problem;
    loop = std::jthread([this] { simulator.run(); });
  }
  ~SimulatorTest() override { stop(); }

  void stop() {
    if (!std::exchange(stopped, true)) simulator.stop();
  }

  static HttpClient::Target at(const std::string& address) {
    HttpClient::Target target;
    target.port = parse_number<std::uint16_t>(std::string_view(address).substr(address.rfind(':') + 1)).value_or(0);
    return target;
  }
  HttpClient::Target resource(std::size_t index) const { return at(simulator.addresses().at(index)); }
  static HttpReply chat(HttpClient& client, std::string_view members = "") {
    const std::string body = R"({"messages":[{"role":"user","content":"hello"}])" + std::string(members) + "}";
    return client.send("POST", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
                       {{"api-key", "k"}, {"content-type", "application/json"}}, body);
  }
  void order(const std::string& fault) {
    HttpClient client(at(simulator.control_address()));
    EXPECT_EQ(client.send("POST", "/faults", {}, R"({"resource":"east","fault":)" + fault + "}").status, 200);
  }

  Simulator simulator;
  std::jthread loop;
  bool stopped = false;
};

TEST_F(SimulatorTest, EveryResourceAnswersAtItsOwnAddress) {
  HttpClient east(resource(0));
  HttpClient west(resource(1));
  EXPECT_EQ(chat(east).field("x-ms-region"), "East US");
  EXPECT_EQ(chat(west).field("x-ms-region"), "West US");
  EXPECT_EQ(chat(east).status, 200) << "on the connection of before";
}

TEST_F(SimulatorTest, StreamsInChunks) {
  HttpClient client(resource(0));
  const HttpReply reply = chat(client, R"(,"stream":true)");
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.field("transfer-encoding"), "chunked");
  EXPECT_EQ(reply.body.substr(reply.body.size() - 14), "data: [DONE]\n\n");
}

TEST_F(SimulatorTest, TransportFaultsAreSwitchedWhileItRuns) {
  HttpClient client(resource(0));
  order(R"("reset")");
  EXPECT_EQ(chat(client).error, "the connection was closed without an answer");
  order(R"({"kind":"cut","after":1})");
  EXPECT_EQ(chat(client, R"(,"stream":true)").error, "the answer was cut");
  order(R"({"kind":"slow","bytes":1000,"every_ms":1})");
  EXPECT_EQ(chat(client).status, 200);
  order("null");
  EXPECT_EQ(chat(client).status, 200);
  HttpClient west(resource(1));
  EXPECT_EQ(chat(west).status, 200);
}

TEST_F(SimulatorTest, RefusingClosesTheListenerAndItsConnections) {
  HttpClient kept(resource(0));
  EXPECT_EQ(chat(kept).status, 200);
  order(R"("refuse")");
  EXPECT_EQ(chat(kept).error, "cannot connect: Connection refused");
  order("null");
  EXPECT_EQ(chat(kept).status, 200);
}

TEST_F(SimulatorTest, StopsWhileARequestIsStalled) {
  order(R"("stall")");
  std::jthread caller([this] {
    HttpClient client(resource(0));
    EXPECT_EQ(chat(client).error, "the connection was closed without an answer");
  });
  for (std::uint64_t stalled = 0; stalled == 0;) {
    simulator.with_resources([&](std::vector<Resource>& resources) { stalled = resources[0].count("stall"); });
  }
  stop();
}

TEST(Certificate, IsForLoopbackAndSignsItself) {
  const SelfSigned pair = self_signed_certificate();
  BIO* memory = BIO_new_mem_buf(pair.certificate.data(), static_cast<int>(pair.certificate.size()));
  X509* certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_host(certificate, "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate, "example.com", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
  X509_free(certificate);
  BIO_free(memory);
  EXPECT_NE(pair.private_key.find("PRIVATE KEY"), std::string::npos);
  EXPECT_NE(random_key(), random_key());
  EXPECT_EQ(random_key().size(), 48U);
}

}  // namespace
}  // namespace spillway::lab
