#include <gtest/gtest.h>
#include <poll.h>

#include <optional>
#include <vector>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"
#include "tls_client.hpp"

// Many slow clients at once, and one that is not: they are cut by their deadlines, and it is served meanwhile. How one
// slow client is treated stands in listener_deadline_test.cpp.
namespace spillway::test {
namespace {

constexpr char target[] = "/openai/deployments/gpt-4o/chat/completions";
constexpr std::size_t many = 150;

class SlowCrowd : public testing::Test {
 protected:
  // Room for one request at a time, so that whoever takes a place in vain is noticed.
  std::string yaml(const std::string& timeouts) {
    return clients_yaml() + "backends: [{name: a, url: \"" + backend_.url() + "\", limits: {max_connections: 1}}]\n" +
           pool_yaml("a") + "timeouts: {" + timeouts + "}\n";
  }
  static std::vector<RawClient> crowd(const TestGateway& gateway, std::size_t size, const std::string& start) {
    std::vector<RawClient> clients;
    while (clients.size() < size) {
      clients.push_back(gateway.client());
      clients.back().send(start);
    }
    return clients;
  }
  static bool is_readable(RawClient& client) {
    pollfd entry{client.socket().descriptor(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }
  static testing::AssertionResult all_are_gone(const TestGateway& gateway, double but) {
    return reaches(gateway, "spillway_client_connections", but);
  }
  FakeBackend backend_;
};

TEST_F(SlowCrowd, S01HeadsThatDripAreAllCutAndOthersServed) {
  const TestGateway gateway(yaml("request_header: 1s"));
  RawClient good = gateway.client();
  ASSERT_EQ(good.call(chat_request()).status(), 200);
  std::vector<RawClient> slow = crowd(gateway, many, "POST /openai HTTP/1.1\r\nHost: gateway.test\r\nx: ");
  std::size_t cut = 0;
  while (!slow.empty()) {
    ASSERT_EQ(good.call(chat_request()).status(), 200);
    std::erase_if(slow, [&](RawClient& client) {
      if (!is_readable(client)) {
        client.send("x");
        return false;
      }
      cut += is_gateway_error(client.receive(), 408, "request_timeout") ? 1 : 0;
      return true;
    });
  }
  EXPECT_EQ(cut, many);
  EXPECT_TRUE(all_are_gone(gateway, 1));
}

TEST_F(SlowCrowd, S02BodiesThatDoNotComeAreAllCutAndHoldNoPlaceAtTheBackend) {
  const TestGateway gateway(yaml("request_body_idle: 1s"));
  RawClient good = gateway.client();
  ASSERT_EQ(good.call(chat_request()).status(), 200);
  std::vector<RawClient> slow =
      crowd(gateway, many, request("POST", target, {{"api-key", "test-key"}, {"Content-Length", "100"}}) + "{");
  for (RawClient& client : slow) {
    ASSERT_EQ(good.call(chat_request()).status(), 200);
    EXPECT_TRUE(is_gateway_error(client.receive(), 408, "request_timeout"));
  }
  EXPECT_EQ(backend_.connection_count(), 1U);
  EXPECT_EQ(backend_.request_count(), many + 1) << "those of the good one";
}

TEST_F(SlowCrowd, S02BodiesThatDripHoldNoPlaceAtTheBackendUntilTheyAreWhole) {
  constexpr std::size_t size = 20;
  const TestGateway gateway(yaml("request_body_idle: 20s"));
  RawClient good = gateway.client();
  std::vector<RawClient> slow = crowd(
      gateway, 30, request("POST", target, {{"api-key", "test-key"}, {"Content-Length", std::to_string(size)}}) + "{}");
  for (std::size_t sent = 2; sent < size; ++sent) {
    ASSERT_EQ(good.call(chat_request()).status(), 200);
    ASSERT_EQ(backend_.request_count(), sent - 1);
    for (RawClient& client : slow) client.send(" ");
  }
  for (RawClient& client : slow) EXPECT_EQ(client.receive().status(), 200);
}

TEST_F(SlowCrowd, S04StalledHandshakesAreAllCutAndOthersServed) {
  const TestGateway gateway(yaml("request_header: 1s"), with_listeners(https_listener(make_certificate())));
  TlsClientSide side;
  std::optional<RawClient> good = side.connect(gateway.port());
  ASSERT_TRUE(good);
  ASSERT_EQ(good->call(chat_request()).status(), 200);
  std::vector<RawClient> silent = crowd(gateway, many / 2, "");
  std::vector<RawClient> half = crowd(gateway, many / 2, std::string("\x16\x03\x01\x02\x00\x01", 6));
  for (std::vector<RawClient>* slow : {&silent, &half}) {
    for (RawClient& client : *slow) {
      ASSERT_EQ(good->call(chat_request()).status(), 200);
      client.socket().receive_all();
      EXPECT_FALSE(client.socket().timed_out());
    }
  }
  EXPECT_TRUE(all_are_gone(gateway, 1));
}

TEST_F(SlowCrowd, S04StalledHandshakesCountAsConnectionsAndGiveTheirPlacesBack) {
  const TestGateway gateway(yaml("request_header: 1s") + "limits: {max_connections: 5}\n",
                            with_listeners(https_listener(make_certificate())));
  const std::vector<RawClient> stalled = crowd(gateway, 5, std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(eventually([&] { return TlsClientSide().is_served(gateway.port()); }));
}

TEST_F(SlowCrowd, S05IdleTlsConnectionsAreAllClosedInOrder) {
  const TestGateway gateway(yaml("keep_alive: 1s"), with_listeners(https_listener(make_certificate())));
  TlsClientSide side;
  std::vector<RawClient> idle;
  while (idle.size() < 50) {
    std::optional<RawClient> client = side.connect(gateway.port(), true);
    ASSERT_TRUE(client);
    ASSERT_EQ(client->call(chat_request()).status(), 200);
    idle.push_back(std::move(*client));
  }
  for (RawClient& client : idle) {
    EXPECT_EQ(client.socket().receive_all(), "");
    EXPECT_FALSE(client.socket().timed_out());
    EXPECT_FALSE(client.socket().was_reset());
  }
  EXPECT_TRUE(all_are_gone(gateway, 0));
}

}  // namespace
}  // namespace spillway::test
