#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "memory.hpp"
#include "test_gateway.hpp"

// Bounds on what clients may send, and on how many there may be.
namespace spillway::test {
namespace {

constexpr char target[] = "/openai/deployments/gpt-4o/chat/completions";

class ListenerLimits : public testing::Test {
 protected:
  std::string yaml(const std::string& limits) {
    return clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a") + "limits: {" + limits + "}\n";
  }
  static void expect_end(RawClient& client) {
    EXPECT_EQ(client.socket().receive_all(), "");
    EXPECT_FALSE(client.socket().timed_out());
    EXPECT_FALSE(client.socket().was_reset()) << "the answer could have been lost";
  }
  FakeBackend backend_;
};

TEST_F(ListenerLimits, H23ABodyOfExactlyTheLimitPassesAndOneByteMoreDoesNot) {
  const TestGateway gateway(yaml("max_request_body: 1000"));
  const std::string fits = "{}" + std::string(998, ' ');
  EXPECT_EQ(gateway.call(request("POST", target, {{"api-key", "test-key"}}, fits)).status(), 200);
  RawClient client = gateway.client();
  client.send(request("POST", target, {{"api-key", "test-key"}}, fits + " "));
  EXPECT_TRUE(is_gateway_error(client.receive(), 413, "request_too_large"));
  expect_end(client);
  EXPECT_EQ(backend_.request_count(), 1U);
}

TEST_F(ListenerLimits, H23AChunkedBodyOfExactlyTheLimitPassesAndOneByteMoreDoesNot) {
  const TestGateway gateway(yaml("max_request_body: 1000"));
  const std::string start = request("POST", target, {{"api-key", "test-key"}, {"Transfer-Encoding", "chunked"}}) +
                            "2\r\n{}\r\n" + "3e6\r\n" + std::string(998, ' ') + "\r\n";
  EXPECT_EQ(gateway.call(start + "0\r\n\r\n").status(), 200);
  for (const char* rest : {"1\r\n", "1\r\n \r\n0\r\n\r\n"}) {
    RawClient client = gateway.client();
    client.send(start + rest);
    const Message answer = client.receive();
    EXPECT_TRUE(is_gateway_error(answer, 413, "request_too_large")) << "before the byte itself has come";
    EXPECT_EQ(answer.header("connection"), "close");
    expect_end(client);
  }
}

TEST_F(ListenerLimits, H23TheRefusalCanBeReadByAClientThatSendsTheWholeBodyFirst) {
  const TestGateway gateway(yaml("max_request_body: 1000"));
  for (const bool chunked : {false, true}) {
    RawClient client = gateway.client();
    const std::string body(3 << 20, ' ');
    std::string bytes;
    if (chunked) {
      bytes = request("POST", target, {{"api-key", "test-key"}, {"Transfer-Encoding", "chunked"}}) + "300000\r\n" +
              body + "\r\n0\r\n\r\n";
    } else {
      bytes = request("POST", target, {{"api-key", "test-key"}}, body);
    }
    EXPECT_TRUE(client.send(bytes));
    EXPECT_TRUE(is_gateway_error(client.receive(), 413, "request_too_large"));
    expect_end(client);
  }
}

TEST_F(ListenerLimits, H23AStreamedBodyThatPassesTheLimitIsRefusedAndTheBackendGetsNoWholeRequest) {
  const TestGateway gateway(yaml("max_request_body: 100KiB, replay_buffer: 1KiB"));
  RawClient client = gateway.client();
  client.send(request("POST", target, {{"api-key", "test-key"}, {"Transfer-Encoding", "chunked"}}));
  std::string piece = "{}" + std::string(0x1000 - 2, ' ');
  for (int i = 0; i < 25; ++i) client.send("1000\r\n" + piece + "\r\n");
  client.send("1\r\n");
  EXPECT_TRUE(is_gateway_error(client.receive(), 413, "request_too_large"));
  EXPECT_TRUE(backend_.wait_for_closed(1)) << "the half request is broken off";
  EXPECT_EQ(backend_.request_count(), 0U);
}

TEST_F(ListenerLimits, H22AHeadOverTheLimitIsRefusedWhileTheClientIsStillSending) {
  const TestGateway gateway(yaml("max_header_size: 4KiB"));
  RawClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: gateway.test\r\nx: " + std::string(2 << 20, 'x'));
  EXPECT_TRUE(is_gateway_error(client.receive(), 431, "headers_too_large"));
  expect_end(client);
}

TEST_F(ListenerLimits, H22FieldsSentOnePerSegmentAreCountedTogether) {
  const TestGateway gateway(yaml("max_header_size: 4KiB, max_header_fields: 1000"));
  RawClient client = gateway.client();
  client.send("GET / HTTP/1.1\r\nHost: gateway.test\r\n");
  for (int i = 0; i < 600; ++i) client.send("x: 123\r\n");
  EXPECT_TRUE(is_gateway_error(client.receive(), 431, "headers_too_large"));
}

// In this process are the gateway and its clients, which hold one piece between them.
TEST_F(ListenerLimits, H22ManyLargeHeadsAtOnceAreNotKept) {
  const TestGateway gateway(yaml("max_connections: 1000"));
  const std::string field = "x: " + std::string(1000, 'v') + "\r\n";
  const std::size_t before = resident_bytes();
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(gateway.client());
    clients.back().send("GET / HTTP/1.1\r\nHost: gateway.test\r\n");
    for (int sent = 0; sent < 1000; ++sent) clients.back().send(field);
  }
  EXPECT_LT(resident_bytes(), before + (50U << 20)) << "of 100 MB";
  for (RawClient& client : clients) EXPECT_TRUE(is_gateway_error(client.receive(), 431, "headers_too_large"));
  EXPECT_EQ(backend_.connection_count(), 0U);
}

TEST_F(ListenerLimits, H22TooManyFieldsAreRefused) {
  const TestGateway gateway(yaml("max_header_fields: 5"));
  const Headers three = {{"api-key", "test-key"}, {"x-one", "1"}, {"x-two", "2"}};
  EXPECT_EQ(gateway.call(request("POST", target, three, "{}")).status(), 200);
  Headers more = three;
  more.emplace_back("x-three", "3");
  EXPECT_TRUE(is_gateway_error(gateway.call(request("POST", target, more, "{}")), 431, "headers_too_large"));
}

TEST_F(ListenerLimits, S06AListenersOwnLimitLeavesTheOthersAlone) {
  TestGateway::Options options;
  options.server =
      "listeners: [{address: \"127.0.0.1:0\", max_connections: 1}, {address: \"127.0.0.1:0\"}]\nworkers: 2\n"
      "log: {level: error, access: false}\n";
  const TestGateway gateway(yaml("max_connections: 100"), options);
  RawClient served(gateway.port(0));
  EXPECT_EQ(served.call(chat_request()).status(), 200);
  RawClient over(gateway.port(0));
  const Message refusal = over.call(chat_request());
  EXPECT_TRUE(is_gateway_error(refusal, 503, "overloaded"));
  EXPECT_TRUE(refusal.header("retry-after"));
  RawClient elsewhere(gateway.port(1));
  EXPECT_EQ(elsewhere.call(chat_request()).status(), 200);
  EXPECT_EQ(served.call(chat_request()).status(), 200);
}

TEST_F(ListenerLimits, S06AClientWithAsManyRequestsAsItMayHaveIsToldToWaitAndOthersAreNot) {
  backend_.always([](FakeBackend::Turn& turn) {
    if (turn.request().body.find("wait") != std::string::npos) turn.wait_for_release();
    turn.reply(200);
  });
  const TestGateway gateway(
      "clients:\n  - {name: one, keys: [test-key], max_concurrent_requests: 2}\n  - {name: two, keys: [test-key-2]}\n" +
      backends_yaml({backend_.url()}) + pool_yaml("a"));
  const auto ask = [](const char* key, const char* body) { return request("POST", target, {{"api-key", key}}, body); };
  std::vector<RawClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(gateway.client());
    busy.back().send(ask("test-key", R"({"wait":1})"));
  }
  ASSERT_TRUE(backend_.wait_for_requests(2));
  RawClient over = gateway.client();
  const Message refusal = over.call(ask("test-key", "{}"));
  EXPECT_TRUE(is_gateway_error(refusal, 429, "too_many_concurrent_requests"));
  EXPECT_EQ(refusal.header("retry-after"), "1");
  EXPECT_EQ(gateway.call(ask("test-key-2", "{}")).status(), 200);
  backend_.release();
  backend_.release();
  for (RawClient& each : busy) EXPECT_EQ(each.receive().status(), 200);
  EXPECT_EQ(over.call(ask("test-key", "{}")).status(), 200) << "on the same connection, once there is a place";
}

TEST_F(ListenerLimits, S08BodiesBeyondTheMemoryForThemAreRefusedUntilOthersAreDone) {
  const TestGateway gateway(yaml("body_memory: 1MiB"));
  const std::string body = "{}" + std::string(900'000, ' ');
  const std::string whole = request("POST", target, {{"api-key", "test-key"}}, body);
  RawClient first = gateway.client();
  first.send(whole.substr(0, whole.size() - 1));
  ASSERT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_request_body_memory_bytes") >= 900'000; }));
  RawClient second = gateway.client();
  second.send(whole);
  const Message refusal = second.receive();
  EXPECT_TRUE(is_gateway_error(refusal, 503, "overloaded"));
  EXPECT_TRUE(refusal.header("retry-after"));
  EXPECT_EQ(gateway.call(chat_request()).status(), 200) << "small ones need none of it";
  first.send(whole.substr(whole.size() - 1));
  EXPECT_EQ(first.receive().status(), 200);
  EXPECT_EQ(gateway.call(whole).status(), 200);
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), "spillway_request_body_memory_bytes") == 0; }));
}

TEST_F(ListenerLimits, OneClientConnectionTooManyIsToldSo) {
  const TestGateway gateway(yaml("max_connections: 3"));
  std::vector<RawClient> served;
  for (int i = 0; i < 3; ++i) {
    served.push_back(gateway.client());
    EXPECT_EQ(served.back().call(chat_request()).status(), 200);
  }
  {
    RawClient over = gateway.client();
    const Message refusal = over.call(chat_request());
    EXPECT_TRUE(is_gateway_error(refusal, 503, "overloaded"));
    EXPECT_TRUE(refusal.header("retry-after"));
    expect_end(over);
  }
  for (RawClient& each : served) EXPECT_EQ(each.call(chat_request()).status(), 200) << "the others are unharmed";
  served.pop_back();
  EXPECT_TRUE(eventually([&] { return gateway.chat().status() == 200; })) << "a place is free again";
}

TEST_F(ListenerLimits, FarTooManyClientConnectionsWaitUntilThereIsRoom) {
  const TestGateway gateway(yaml("max_connections: 2"));
  std::vector<RawClient> all;
  for (int i = 0; i < 60; ++i) all.push_back(gateway.client());
  for (RawClient& each : all) each.send(chat_request());
  all.clear();
  EXPECT_TRUE(eventually([&] { return gateway.chat().status() == 200; }));
}

TEST_F(ListenerLimits, AReloadChangesTheLimitsOfRequestsToCome) {
  TestGateway gateway(yaml("max_request_body: 1000"));
  RawClient client = gateway.client();
  const std::string large = request("POST", target, {{"api-key", "test-key"}}, "{}" + std::string(2000, ' '));
  EXPECT_EQ(client.call(chat_request()).status(), 200);
  EXPECT_EQ(gateway.reload(yaml("max_request_body: 10000")).status(), 200);
  EXPECT_EQ(client.call(large).status(), 200) << "on the same connection";
}

}  // namespace
}  // namespace spillway::test
