#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "checks.hpp"
#include "fault.hpp"
#include "system_faults.hpp"
#include "test_gateway.hpp"

// A backend that fails before the first byte of its answer's body, in each way there is.
namespace spillway::test {
namespace {

std::string name_of(const testing::TestParamInfo<Fault>& tested) {
  return tested.param.test_name();
}

// As long as the rules for waiting allow, where nothing else can be tested; generous where it does not matter.
std::string timeouts(const Fault& fault, const char* slow) {
  const std::string time = fault.is_slow() ? slow : "15s";
  return "timeouts: {connect: " + time + ", first_byte: " + time + "}";
}

std::string healthy_yaml(const std::string& name, const FakeBackend& backend) {
  return "  - {name: " + name + ", url: \"" + backend.url() + "\", deployments: {gpt-4o: gpt-4o}}\n";
}

class BrokenBackend : public testing::TestWithParam<Fault> {
 protected:
  // The broken one is asked first.
  std::string yaml(const std::string& pool_more) const {
    return clients_yaml() + "backends:\n" + a_.yaml("a") + healthy_yaml("b", b_) +
           pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}",
                     timeouts(GetParam(), "200ms") + ", " + pool_more) +
           "response_headers: {attempts: true}\n";
  }
  Faulty a_ = GetParam().make(GetParam());
  FakeBackend b_;
};
INSTANTIATE_TEST_SUITE_P(Each, BrokenBackend, testing::ValuesIn(faults_of(Fault::Way::broken)), name_of);

TEST_P(BrokenBackend, IsReplacedByTheNextMemberAndLeftAloneAfterThreeFailures) {
  const TestGateway gateway(yaml("retry: {}"));
  const std::string& outcome = GetParam().outcome;
  for (int i = 0; i < 3; ++i) {
    const Message answer = gateway.chat();
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.header("x-attempts"), "a;" + outcome + ", b;200");
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.chat().header("x-attempts"), "b;200");
  // A fresh connection that fails is not tried again, and who is not trusted gets no request.
  const std::size_t at_most = outcome == "tls" ? 0 : 3;
  EXPECT_LE(a_.backend ? a_.backend->request_count() : 0, at_most);
  EXPECT_TRUE(
      reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"" + outcome + "\"}", 3));
  const auto member = member_of(gateway.status(), 0);
  EXPECT_EQ(member["failures"], 3);
  EXPECT_EQ(member["circuits"][0]["state"], "open");
}

TEST_P(BrokenBackend, EndsTheRequestWithAGeneralErrorWhenTheRulesSaySo) {
  const std::string& outcome = GetParam().outcome;
  std::string others;
  for (const char* each : {"connect", "tls", "timeout", "reset", "invalid_response"})
    if (outcome != each) others += std::string(others.empty() ? "" : ", ") + each;
  const bool late = outcome == "timeout";
  for (const std::string& rules : {std::string("max_attempts: 1"), "on_errors: [" + others + "]"}) {
    const TestGateway gateway(yaml("retry: {" + rules + "}"));
    EXPECT_TRUE(is_gateway_error(gateway.chat(), late ? 504 : 502, late ? "upstream_timeout" : "upstream_error"));
  }
  EXPECT_EQ(b_.connection_count(), 0U);
}

// What became of one request, over all backends that got it whole.
struct Executions {
  int answered = 0;
  int unanswered = 0;
};

class FailingMember : public testing::TestWithParam<Fault> {
 protected:
  static constexpr int clients = 8;
  static constexpr int requests = 200;

  void count(const FakeBackend& backend) {
    const std::vector<Message> got = backend.requests();
    const std::vector<int> statuses = backend.statuses();
    for (std::size_t i = 0; i < got.size(); ++i) {
      Executions& executions = executions_[got[i].header("x-number").value_or("none")];
      if (statuses[i] == 200) ++executions.answered;
      if (statuses[i] == 0) ++executions.unanswered;
    }
  }
  void run_client(const TestGateway& gateway, int client) {
    RawClient connection = gateway.client();
    for (int i = client; i < requests; i += clients) {
      const Message answer = connection.call(chat_request("gpt-4o", {{"x-number", std::to_string(i)}}));
      const std::string attempts = answer.header("x-attempts").value_or("");
      if (answer.status() == 200 && answer.complete) ++served_;
      if (attempts.find("a;") != std::string::npos) ++met_;
    }
  }

  std::map<std::string, Executions> executions_;
  std::atomic<int> served_{0};
  std::atomic<int> met_{0};
};
INSTANTIATE_TEST_SUITE_P(Each, FailingMember, testing::ValuesIn(faults()), name_of);

TEST_P(FailingMember, IsNoticedByNoClientAndNothingIsExecutedTwice) {
  const Fault& fault = GetParam();
  Faulty a = fault.make(fault);
  FakeBackend b, c;
  const std::string share = fault.is_slow() || fault.way == Fault::Way::mended ? "9" : "1";
  const TestGateway gateway(
      clients_yaml() + "backends:\n" + a.yaml("a") + healthy_yaml("b", b) + healthy_yaml("c", c) +
      pool_yaml("{backend: a, weight: 1}, {backend: b, weight: " + share + "}, {backend: c, weight: " + share + "}",
                std::string(no_circuits) + ", " + timeouts(fault, "1s")) +
      "response_headers: {attempts: true}\n");
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) threads.emplace_back([&, i] { run_client(gateway, i); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served_, requests) << "failures that clients have seen";
  EXPECT_GE(met_, requests / 25) << "requests that met the fault";
  for (const FakeBackend* backend : {a.backend.get(), &b, &c})
    if (backend != nullptr) count(*backend);
  EXPECT_EQ(executions_.size(), static_cast<std::size_t>(requests));
  for (const auto& [number, executions] : executions_) {
    EXPECT_EQ(executions.answered, 1) << "request " << number;
    EXPECT_LE(executions.unanswered, 1) << "request " << number;
  }
}

TEST(NoLocalPort, U03CostsOneTryARequestAndNobodyIsBlamed) {
  FakeBackend a, b;
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}"));
  {
    const FailingConnect no_port(a.port(), EADDRNOTAVAIL);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(gateway.chat().header("x-routed-backend"), "b");
    EXPECT_EQ(no_port.times(), 10) << "no spin";
    const FailingConnect none_either(b.port(), EADDRNOTAVAIL);
    EXPECT_EQ(gateway.chat().header("x-routed-backend"), "b") << "a kept connection needs no port";
  }
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0);
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "a") << "at once, when there are ports again";
}

TEST(NoLocalPort, U03EverywhereIsAnOverload) {
  FakeBackend a, b;
  const FailingConnect not_to_a(a.port(), EADDRNOTAVAIL);
  const FailingConnect not_to_b(b.port(), EADDRNOTAVAIL);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 503, "overloaded"));
  EXPECT_EQ(not_to_a.times() + not_to_b.times(), 2);
}

}  // namespace
}  // namespace spillway::test
