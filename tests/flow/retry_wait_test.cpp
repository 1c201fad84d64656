#include <gtest/gtest.h>

#include <chrono>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

namespace spillway::test {
namespace {

using std::chrono::milliseconds;

// One request with three members, of which the first two refuse.
struct Call {
  Message answer;
  milliseconds took{};
};

Call call_with(const std::string& retry) {
  FakeBackend a, b, c;
  a.always_reply(500, {}, "from a");
  b.always_reply(500, {}, "from b");
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url(), c.url()}) +
                            pool_yaml("abc", std::string(no_circuits) + ", retry: {" + retry + "}") +
                            "response_headers: {attempts: true}\n");
  RawClient client = gateway.client();
  const auto begun = std::chrono::steady_clock::now();
  Call call;
  call.answer = client.call(chat_request());
  call.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
  return call;
}

TEST(RetryWait, TheFirstRetryIsImmediateAndTheSecondWaits) {
  const Call call = call_with("interval: 200ms");
  EXPECT_EQ(call.answer.header("x-attempts"), "a;500, b;500, c;200");
  EXPECT_GE(call.took, milliseconds(200));
}

TEST(RetryWait, WithoutFirstFastRetryEachRetryWaits) {
  const Call call = call_with("interval: 150ms, first_fast_retry: false");
  EXPECT_EQ(call.answer.header("x-attempts"), "a;500, b;500, c;200");
  EXPECT_GE(call.took, milliseconds(300));
}

TEST(RetryWait, DeltaMakesTheWaitsGrow) {
  const Call call = call_with("interval: 50ms, delta: 200ms, first_fast_retry: false");
  EXPECT_EQ(call.answer.status(), 200);
  EXPECT_GE(call.took, milliseconds(50 + 250));
}

TEST(RetryWait, MaxIntervalCapsTheWaits) {
  const Call call = call_with("interval: 50ms, delta: 1h, max_interval: 100ms, first_fast_retry: false");
  EXPECT_EQ(call.answer.header("x-attempts"), "a;500, b;500, c;200") << "an hour would not have been waited for";
  EXPECT_GE(call.took, milliseconds(50 + 100));
}

TEST(RetryWait, NoAttemptStartsAfterTheDeadline) {
  const Call call = call_with("interval: 1h, first_fast_retry: false, deadline: 10s");
  EXPECT_EQ(call.answer.header("x-attempts"), "a;500") << "the wait would end after it, so it is not begun";
  EXPECT_EQ(call.answer.body, "from a");
}

TEST(RetryWait, TheTimeOfTheWholeRequestCoversWaits) {
  FakeBackend a, b;
  a.always_reply(500);
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("ab", std::string(no_circuits) +
                                                ", retry: {interval: 1h, first_fast_retry: false}, "
                                                "timeouts: {total: 200ms}"));
  EXPECT_TRUE(is_gateway_error(gateway.chat(), 504, "upstream_timeout"));
  EXPECT_EQ(b.connection_count(), 0U);
}

}  // namespace
}  // namespace spillway::test
