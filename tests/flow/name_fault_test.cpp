#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "system_faults.hpp"
#include "test_gateway.hpp"

// A backend whose name cannot be looked up, as the running gateway sees it.
namespace spillway::test {
namespace {

std::string port_of(const FakeBackend& backend) {
  return ":" + std::to_string(backend.port());
}

std::string yaml(const std::string& url, const FakeBackend& b) {
  return clients_yaml() + backends_yaml({url, b.url()}) +
         pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}",
                   std::string(no_circuits) + ", timeouts: {connect: 600ms}") +
         "response_headers: {attempts: true}\n";
}

TEST(BackendName, U04ThatDoesNotExistAtTheStartIsAskedForAgainNowAndThen) {
  FakeBackend a, b;
  ScriptedName name("later.test");
  const TestGateway gateway(yaml("http://later.test" + port_of(a), b));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(gateway.chat().header("x-attempts"), "a;connect, b;200");
  // getaddrinfo is called twice for one look-up that finds nothing; the next one comes a second later.
  EXPECT_LE(name.times(), 20) << "not for each request";
  name.has({"127.0.0.1"});
  EXPECT_TRUE(eventually([&] { return gateway.chat().header("x-attempts") == "a;200"; }));
}

TEST(BackendName, U05WhoseServerIsSilentHoldsUpNoOtherBackend) {
  FakeBackend a, b;
  ScriptedName name("silent.test");
  name.silent();
  const TestGateway gateway(yaml("http://silent.test" + port_of(a), b));
  RawClient waiting = gateway.client();
  waiting.send(chat_request());
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;timeout, b;200");
  EXPECT_EQ(waiting.receive().header("x-attempts"), "a;timeout, b;200");
  EXPECT_EQ(name.times(), 1) << "one question, however many wait";
  name.has({"127.0.0.1"});
  EXPECT_TRUE(eventually([&] { return gateway.chat().header("x-attempts") == "a;200"; }));
}

}  // namespace
}  // namespace spillway::test
