#include <gtest/gtest.h>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// A backend that breaks in the middle of its answer: the client sees a cut, and nothing is tried again.
namespace spillway::test {
namespace {

struct Cut {
  const char* name;
  const char* head;  // with its empty line
  const char* begun;
  const char* kind;
  bool reset;
  const char* tail = "";  // sent once the client has the beginning
};
void PrintTo(const Cut& cut, std::ostream* out) {
  *out << cut.name;
}

class CutAnswer : public testing::TestWithParam<Cut> {};

constexpr char sized[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
constexpr char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr char events[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr char open_ended[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(Each, CutAnswer,
                         testing::Values(Cut{"U18LengthEnded", sized, "some", "reset", false},
                                         Cut{"U17LengthReset", sized, "some", "reset", true},
                                         Cut{"U18ChunkedEnded", chunked, "4\r\nsome\r\n", "reset", false},
                                         Cut{"U17ChunkedReset", chunked, "4\r\nsome\r\n", "reset", true},
                                         Cut{"U18ChunkedEndedInsideAChunk", chunked, "ff\r\nsome", "reset", false},
                                         Cut{"U22ChunkedBroken", chunked, "4\r\nsome\r\n", "invalid_response", false,
                                             "2\r\nokzz\r\n"},
                                         Cut{"U18EventsEnded", events, "c\r\ndata: some\n\n\r\n", "reset", false},
                                         Cut{"U17EventsReset", events, "c\r\ndata: some\n\n\r\n", "reset", true},
                                         Cut{"U17OpenEndedReset", open_ended, "data: some\n\n", "reset", true}),
                         [](const testing::TestParamInfo<Cut>& tested) { return tested.param.name; });

TEST_P(CutAnswer, U17U18U22NeverLooksWholeAndIsNotTriedAgain) {
  FakeBackend a, b;
  a.always([cut = GetParam()](FakeBackend::Turn& turn) {
    turn.socket().send(std::string(cut.head) + cut.begun);
    if (!turn.wait_for_release()) return;
    turn.socket().send(cut.tail);
    cut.reset ? turn.reset() : turn.close();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab", no_circuits));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("some"));
  a.release();
  const Message answer = client.receive();
  EXPECT_EQ(answer.status(), 200);
  const bool ended_in_order = answer.complete && !client.socket().was_reset();
  EXPECT_FALSE(ended_in_order) << answer.raw_head << answer.body;
  EXPECT_NE(answer.body.find("some"), std::string::npos);
  EXPECT_EQ(b.connection_count(), 0U);
  const std::string series =
      std::string("spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"") + GetParam().kind + "\"}";
  EXPECT_TRUE(eventually([&] { return metric(gateway.metrics(), series) == 1; }))
      << "a broken answer is a failure also after a good head";
}

TEST(BrokenAnswer, U20AStreamThatFallsSilentIsCutAfterItsIdleTime) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk("data: one\n\n");
    turn.wait_for_close();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) +
                            pool_yaml("a", std::string(no_circuits) + ", timeouts: {stream_idle: 600ms}"));
  const Message answer = gateway.chat();
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(answer.body, "data: one\n\n");
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"timeout\"}", 1));
}

TEST(BrokenAnswer, U20CommentsOfAStreamAreASignOfLife) {
  FakeBackend a;
  constexpr int comments = 15;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    for (int i = 0; i < comments; ++i) {
      // Well within the limit; all of them together are beyond it.
      turn.socket().closed_within(std::chrono::milliseconds(200));
      turn.chunk(": still here\n\n");
    }
    turn.chunk("data: one\n\n");
    turn.end_stream();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) +
                            pool_yaml("a", std::string(no_circuits) + ", timeouts: {stream_idle: 2s}"));
  const Message answer = gateway.chat();
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(answer.body.ends_with(": still here\n\ndata: one\n\n"));
}

TEST(BrokenAnswer, U28AnErrorEventInAGoodStreamIsRelayedAndIsNoReasonToTryAgain) {
  FakeBackend a, b;
  const std::string event = "event: error\ndata: {\"error\":{\"code\":\"server_error\"}}\n\n";
  a.always([&](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    turn.chunk(event);
    turn.end_stream();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"));
  const Message answer = gateway.chat();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, event);
  EXPECT_EQ(b.connection_count(), 0U);
  EXPECT_TRUE(reaches(gateway, "spillway_attempts_total{pool=\"openai\",backend=\"a\",outcome=\"success\"}", 1));
}

TEST(BrokenAnswer, U16ABreakBetweenTheHeadAndTheBodyIsRetriedAlsoWhenTheyComeApart) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    // Long enough for the head to be read alone, most of the time.
    turn.socket().closed_within(std::chrono::milliseconds(20));
    turn.reset();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) +
                            pool_yaml("{backend: a, priority: 1}, {backend: b, priority: 2}") +
                            "response_headers: {attempts: true}\n");
  EXPECT_EQ(gateway.chat().header("x-attempts"), "a;reset, b;200");
}

TEST(BrokenAnswer, U17ABreakAfterTheHeadHasBeenPassedOnIsACut) {
  FakeBackend a, b;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream({{"Content-Type", "text/event-stream"}});
    if (turn.wait_for_release()) turn.reset();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url(), b.url()}) + pool_yaml("ab"));
  RawClient client = gateway.client();
  client.send(chat_request());
  ASSERT_TRUE(client.receive_until("\r\n\r\n")) << "the head does not wait for ever";
  a.release();
  EXPECT_FALSE(client.receive().complete);
  EXPECT_EQ(b.connection_count(), 0U);
}

TEST(BrokenAnswer, TheTimeOfTheWholeRequestCutsAStream) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    while (turn.chunk("tick")) std::this_thread::yield();
  });
  const TestGateway gateway(clients_yaml() + backends_yaml({a.url()}) + pool_yaml("a", "timeouts: {total: 800ms}"));
  const Message answer = gateway.chat();
  EXPECT_EQ(answer.status(), 200);
  EXPECT_FALSE(answer.complete);
  EXPECT_TRUE(a.wait_for_closed(1));
  EXPECT_EQ(member_of(gateway.status(), 0)["failures"], 0) << "the limit is ours, not the backend's failure";
}

TEST(BrokenAnswer, U17ThreeBrokenStreamsOpenTheCircuit) {
  FakeBackend a;
  a.always([](FakeBackend::Turn& turn) {
    turn.begin_stream();
    turn.chunk("one");
    turn.reset();
  });
  const TestGateway gateway(clients_yaml() + "backends: [{name: a, url: \"" + a.url() +
                            "\", deployments: {gpt-4o: gpt-4o}}]\n" + pool_yaml("a"));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(gateway.chat().complete);
  EXPECT_TRUE(eventually([&] { return member_of(gateway.status(), 0)["circuits"][0]["state"] == "open"; }));
}

}  // namespace
}  // namespace spillway::test
