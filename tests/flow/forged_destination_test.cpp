#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"
#include "websocket.hpp"

// Where the gateway connects is the configuration's affair: nothing that a client or a backend writes leads elsewhere.
namespace spillway::test {
namespace {

class ForgedDestination : public testing::Test {
 protected:
  // As an authority.
  std::string elsewhere() const { return "127.0.0.1:" + std::to_string(elsewhere_.port()); }
  void expect_nobody_led_astray() {
    EXPECT_EQ(elsewhere_.connection_count(), 0U);
    for (const Message& request : backend_.requests()) {
      EXPECT_EQ(request.header("host"), "127.0.0.1:" + std::to_string(backend_.port()));
      EXPECT_TRUE(request.target().starts_with("/openai/")) << request.start_line;
    }
  }

  FakeBackend backend_;
  FakeBackend elsewhere_;
  TestGateway gateway_{clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a")};
};

TEST_F(ForgedDestination, T16HeadersThatNameAHostAreNotFollowed) {
  for (const char* name : {"X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-For", "X-Original-Host", "X-Host",
                           "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Host-Override", "Forwarded", "Referer", "Origin",
                           "Destination", "X-Real-IP", "True-Client-IP", "Proxy-Host", "Via", "x-routed-backend"}) {
    for (const std::string& value : {elsewhere(), "http://" + elsewhere() + "/openai", "host=" + elsewhere()})
      EXPECT_EQ(gateway_.call(chat_request("gpt-4o", {{name, value}})).status(), 200) << name;
  }
  std::string other_host = chat_request();
  other_host.replace(other_host.find("gateway.test"), 12, elsewhere());
  EXPECT_EQ(gateway_.call(other_host).status(), 200);
  expect_nobody_led_astray();
}

TEST_F(ForgedDestination, T16TargetsThatNameAHostAreRefusedOrGoToTheBackend) {
  const auto ask = [&](const std::string& target, const std::string& host) {
    return gateway_
        .call("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\napi-key: test-key\r\nConnection: close\r\n\r\n")
        .status();
  };
  for (const std::string& target :
       {"http://" + elsewhere() + "/openai/x", elsewhere(), "//" + elsewhere() + "/openai/x", "@" + elsewhere(),
        "/openai/..//" + elsewhere(), "http://gateway.test@" + elsewhere() + "/openai/x",
        "/openai/http://" + elsewhere(), "ftp://" + elsewhere() + "/openai/x", "/\\" + elsewhere() + "/openai/x"}) {
    EXPECT_EQ(ask(target, "gateway.test"), 400) << target;
  }
  EXPECT_EQ(backend_.connection_count(), 0U);
  EXPECT_EQ(ask("http://" + elsewhere() + "/openai/x", elsewhere()), 200) << "its own authority as far as it can know";
  for (const std::string& target : {"/openai/x?url=http://" + elsewhere(), "/openai/@" + elsewhere() + "/x",
                                    "/openai/deployments/" + elsewhere() + "/x", "/openai/http:/" + elsewhere()}) {
    EXPECT_EQ(ask(target, "gateway.test"), 200) << target;
  }
  expect_nobody_led_astray();
}

TEST_F(ForgedDestination, T16ARedirectIsTheClientsToFollow) {
  for (const int status : {300, 301, 302, 303, 307, 308}) {
    const std::string location = "http://" + elsewhere() + "/openai/x";
    backend_.then_reply(status, {{"Location", location},
                                 {"Content-Location", location},
                                 {"Refresh", "0; url=" + location},
                                 {"Alt-Svc", "h2=\"" + elsewhere() + "\""},
                                 {"Link", "<" + location + ">; rel=preload"}});
    const Message answer = gateway_.chat();
    EXPECT_EQ(answer.status(), status);
    EXPECT_EQ(answer.header("location"), location);
  }
  backend_.then_reply(302, {{"Location", "ws://" + elsewhere() + "/openai/realtime"}});
  EXPECT_EQ(gateway_.call(handshake()).status(), 302);
  EXPECT_EQ(gateway_.chat().status(), 200);
  expect_nobody_led_astray();
}

TEST_F(ForgedDestination, T16UrlsInABodyAreTheBackendsAffair) {
  const std::string url = "http://" + elsewhere() + "/";
  const std::string body = "{\"model\":\"" + url + "\",\"input\":[{\"type\":\"input_image\",\"image_url\":\"" + url +
                           "\"}],\"tools\":[{\"type\":\"mcp\",\"server_url\":\"" + url + "\"}],\"base_url\":\"" + url +
                           "\",\"previous_response_id\":\"" + url + "\"}";
  EXPECT_EQ(gateway_.call(request("POST", "/openai/v1/responses", {{"api-key", "test-key"}}, body)).status(), 200);
  EXPECT_EQ(backend_.last_request().body, body);
  expect_nobody_led_astray();
}

}  // namespace
}  // namespace spillway::test
