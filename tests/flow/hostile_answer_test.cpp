#include <gtest/gtest.h>

#include <atomic>

#include "fake_backend.hpp"
#include "http_cases.hpp"
#include "servers.hpp"
#include "test_gateway.hpp"

// What a client sees, and what becomes of the connection, when a backend answers in every way of the table.
namespace spillway::test {
namespace {

// Statuses are passed on as they are, and nothing is remembered between cases.
std::string pool_of(const std::string& members) {
  return pool_yaml(members, std::string(no_circuits) + ", retry: {status_codes: [598]}");
}

// The gateway takes more fields from a backend than from a client.
bool is_within_limits(const ResponseCase& which) {
  return which.name == "H24 101 fields";
}

// Behind bytes of the body that are good, so that they have been passed on.
bool breaks_in_the_body(const ResponseCase& which) {
  return which.bytes.find("\r\n\r\n2\r\n{}") != std::string::npos;
}

FakeBackend::Step answer_with(const ResponseCase& which) {
  return [&which](FakeBackend::Turn& turn) {
    turn.socket().send(which.bytes);
    // A connection that could be taken for reusable stays open.
    if (!which.reusable && which.stray == 0) turn.close();
  };
}

std::string ask(const ResponseCase& which) {
  const std::string target = "/openai/deployments/gpt-4o/chat/completions";
  return request(which.to_head ? "HEAD" : "POST", target, {{"api-key", "test-key"}}, which.to_head ? "" : "{}");
}

int status_of(const ResponseCase& which) {
  // The final one, behind the interim ones.
  std::size_t at = 0;
  for (std::size_t i = 0; i < which.interim; ++i) at = which.bytes.find("HTTP/", at + 1);
  return std::atoi(which.bytes.c_str() + at + 9);
}

class HostileAnswer : public testing::Test {
 protected:
  FakeBackend a_;
  FakeBackend b_;
};

TEST_F(HostileAnswer, H24H25ALegalAnswerIsPassedOnAndItsConnectionReusedOnlyWhenItIsClean) {
  const TestGateway gateway(clients_yaml() + backends_yaml({a_.url()}) + pool_of("a"), one_worker());
  for (const ResponseCase& which : response_cases()) {
    if (!which.accepted) continue;
    SCOPED_TRACE(which.name);
    a_.then(answer_with(which));
    RawClient client = gateway.client();
    const Message answer = [&] {
      client.send(ask(which));
      return client.receive(which.to_head);
    }();
    EXPECT_EQ(answer.status(), status_of(which));
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, which.body);
    const std::size_t framings = answer.count("content-length") + answer.count("transfer-encoding");
    const bool bodyless = which.to_head || answer.status() == 204 || answer.status() == 304;
    EXPECT_LE(framings, answer.status() == 204 ? 0U : 1U);
    EXPECT_GE(framings, bodyless ? 0U : 1U);
    const std::size_t connections = a_.connection_count();
    const Message next = client.call(chat_request());
    EXPECT_EQ(next.status(), 200);
    EXPECT_EQ(next.body, "{\"backend\":" + std::to_string(a_.port()) + "}") << "bytes of the answer before";
    EXPECT_EQ(a_.connection_count(), connections + (which.reusable ? 0 : 1));
  }
}

TEST_F(HostileAnswer, H24H25ABrokenAnswerNeverReachesTheClient) {
  const TestGateway gateway(clients_yaml() + backends_yaml({a_.url()}) + pool_of("a"));
  for (const ResponseCase& which : response_cases()) {
    if (which.accepted || is_within_limits(which)) continue;
    SCOPED_TRACE(which.name);
    a_.then(answer_with(which));
    RawClient client = gateway.client();
    client.send(ask(which));
    const Message answer = client.receive(which.to_head);
    if (breaks_in_the_body(which)) {
      EXPECT_FALSE(answer.complete) << "a cut answer must not look whole";
      EXPECT_TRUE(client.socket().receive().empty());
      continue;
    }
    EXPECT_EQ(answer.status(), 503);
    EXPECT_NE(answer.body.find("no_backend_available"), std::string::npos);
    const Message next = client.call(chat_request());
    EXPECT_EQ(next.body, "{\"backend\":" + std::to_string(a_.port()) + "}");
  }
}

TEST_F(HostileAnswer, H24H25ABrokenHeadSendsTheRequestToTheNextMember) {
  const TestGateway gateway(clients_yaml() + backends_yaml({a_.url(), b_.url()}) +
                            pool_of("{backend: a, priority: 1}, {backend: b, priority: 2}") +
                            "response_headers: {attempts: true}\n");
  std::size_t tried = 0;
  for (const ResponseCase& which : response_cases()) {
    if (which.accepted || is_within_limits(which) || breaks_in_the_body(which)) continue;
    SCOPED_TRACE(which.name);
    a_.then(answer_with(which));
    const Message answer = gateway.call(ask(which));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.header("x-attempts"), "a;invalid_response, b;200");
    EXPECT_EQ(b_.request_count(), ++tried);
  }
  EXPECT_GE(tried, 50U);
}

TEST_F(HostileAnswer, H24MoreThanAThousandFieldsAreNoAnswer) {
  const TestGateway gateway(clients_yaml() + backends_yaml({a_.url()}) + pool_of("a"));
  std::string fields;
  for (int i = 0; i < 1001; ++i) fields += "x: 1\r\n";
  a_.then([&](FakeBackend::Turn& turn) { turn.socket().send("HTTP/1.1 200 OK\r\n" + fields + "\r\n"); });
  EXPECT_EQ(gateway.chat().status(), 503);
}

TEST_F(HostileAnswer, H25InterimAnswersWithoutEndAreNoAnswer) {
  const TestGateway gateway(clients_yaml() + backends_yaml({a_.url(), b_.url()}) +
                            pool_of("{backend: a, priority: 1}, {backend: b, priority: 2}"));
  std::string interim;
  for (int i = 0; i < 10; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  a_.then([&](FakeBackend::Turn& turn) {
    turn.socket().send(interim);
    turn.reply(200, {}, "ten");
  });
  EXPECT_EQ(gateway.chat().body, "ten");
  a_.then([&](FakeBackend::Turn& turn) {
    turn.socket().send(interim + "HTTP/1.1 102 Processing\r\n\r\n");
    turn.reply(200, {}, "eleven");
  });
  EXPECT_EQ(gateway.chat().header("x-routed-backend"), "b");
}

// One worker, so that the next request would find the connection.
class PollutedConnection : public testing::Test {
 protected:
  static constexpr char poison[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
  FakeBackend a_;
  TestGateway gateway_{clients_yaml() + backends_yaml({a_.url()}) + pool_of("a"), one_worker()};
};

TEST_F(PollutedConnection, H25AnAnswerNobodyAskedForClosesAnIdleConnection) {
  a_.then([](FakeBackend::Turn& turn) {
    turn.reply(200, {}, "first");
    turn.wait_for_release();
    turn.socket().send(poison);
    turn.wait_for_close();
  });
  EXPECT_EQ(gateway_.chat().body, "first");
  a_.release();
  EXPECT_TRUE(a_.wait_for_closed(1));
  EXPECT_NE(gateway_.chat().body, "poison");
  EXPECT_EQ(a_.connection_count(), 2U);
}

TEST_F(PollutedConnection, H25AnAnswerThatComesJustBeforeTheNextRequestIsNotTakenForItsAnswer) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> sent = false;
    a_.then([&](FakeBackend::Turn& turn) {
      turn.reply(200, {}, "first");
      turn.wait_for_release();
      turn.socket().send(poison);
      sent = true;
      turn.wait_for_close();
    });
    RawClient client = gateway_.client();
    EXPECT_EQ(client.call(chat_request()).body, "first");
    a_.release();
    ASSERT_TRUE(eventually([&] { return sent.load(); }));
    EXPECT_NE(client.call(chat_request()).body, "poison");
  }
}

TEST_F(PollutedConnection, H25BytesBehindABodyInTheSameSegmentAreThrownAway) {
  a_.then([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" + std::string(poison));
  });
  RawClient client = gateway_.client();
  EXPECT_EQ(client.call(chat_request()).body, "{}");
  EXPECT_NE(client.call(chat_request()).body, "poison");
  EXPECT_TRUE(client.unread().empty());
}

}  // namespace
}  // namespace spillway::test
