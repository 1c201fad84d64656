#include "spillway/identity/http_call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_backend.hpp"
#include "unit/net/loop_fixture.hpp"

namespace spillway::identity {
namespace {

using spillway::test::FakeBackend;
using testing::HasSubstr;

class Call : public net::LoopTest {
 protected:
  static net::awaitable<void> make(Caller& caller, const HttpRequest& request, TimePoint deadline,
                                   net::CancelSlot& slot, HttpAnswer& out) {
    out = co_await caller.call(request, deadline, slot);
  }

  HttpAnswer call(const HttpRequest& request, TimePoint deadline = no_deadline,
                  std::optional<std::string> ca = std::nullopt) {
    Caller caller(loop_, resolver_, std::move(ca));
    net::CancelSlot slot;
    HttpAnswer answer;
    run(make(caller, request, deadline, slot, answer));
    return answer;
  }

  static HttpRequest to(const std::string& url) {
    HttpRequest request;
    request.url = config::parse_url(url).value();
    request.path = "/token";
    return request;
  }

  net::Resolver resolver_;
  FakeBackend server_;
};

TEST_F(Call, SendsExactlyWhatItSays) {
  HttpRequest request = to(server_.url());
  request.method = "POST";
  request.query = "a=b";
  request.fields.emplace_back("X-One", "1");
  request.body = "c=d";
  EXPECT_EQ(call(request).status, 200);
  const auto sent = server_.last_request();
  EXPECT_EQ(sent.raw_head.substr(0, sent.raw_head.find("\r\n\r\n")),
            "POST /token?a=b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_.port()) +
                "\r\nX-One: 1\r\nAccept: application/json\r\nContent-Length: 3\r\nConnection: close");
  EXPECT_EQ(sent.body, "c=d");
}

TEST_F(Call, ReadsAnswersOfEveryFraming) {
  server_.then_reply(400, {{"X-Two", "2"}}, "with a length");
  server_.then([](auto& turn) {
    turn.begin_stream();
    turn.chunk("in ");
    turn.chunk("chunks");
    turn.end_stream();
  });
  server_.then([](auto& turn) {
    turn.socket().send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nup to the end");
    turn.close();
  });
  const HttpAnswer first = call(to(server_.url()));
  EXPECT_EQ(first.problem, "");
  EXPECT_EQ(first.status, 400);
  EXPECT_EQ(first.field("x-two"), "2");
  EXPECT_EQ(first.body, "with a length");
  EXPECT_EQ(call(to(server_.url())).body, "in chunks");
  const HttpAnswer last = call(to(server_.url()));
  EXPECT_EQ(last.problem, "");
  EXPECT_EQ(last.body, "up to the end");
}

TEST_F(Call, RefusesAnswersThatAreCutBrokenOrTooLarge) {
  const auto raw = [&](std::string bytes) {
    server_.then([bytes = std::move(bytes)](auto& turn) {
      turn.socket().send(bytes);
      turn.close();
    });
    return call(to(server_.url())).problem;
  };
  EXPECT_THAT(raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), HasSubstr("no answer from http://127.0.0.1"));
  EXPECT_THAT(raw("HTTP/1.1 200 OK\r\n"), HasSubstr("no answer from"));
  EXPECT_THAT(raw("SSH-2.0-x\r\n\r\n"), HasSubstr("the answer is no HTTP"));
  EXPECT_THAT(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), HasSubstr("body is no HTTP"));
  EXPECT_THAT(raw("HTTP/1.1 200 OK\r\nContent-Length: 262145\r\n\r\n"), HasSubstr("too large"));
  EXPECT_THAT(raw("HTTP/1.1 200 OK\r\n\r\n" + std::string(262145, 'x')), HasSubstr("too large"));
  EXPECT_EQ(raw("HTTP/1.1 200 OK\r\n\r\n" + std::string(262144, 'x')), "");
}

TEST_F(Call, EndsAtItsDeadline) {
  server_.always([](auto& turn) { turn.wait_for_close(); });
  EXPECT_THAT(call(to(server_.url()), net::in(30)).problem, HasSubstr("no answer from"));
}

TEST_F(Call, SaysWhoCannotBeReached) {
  const std::string url = server_.url();
  server_.refuse_connections();
  EXPECT_THAT(call(to(url)).problem, HasSubstr("cannot connect to " + url + ": Connection refused"));
}

TEST_F(Call, VerifiesWhomItSpeaksTo) {
  FakeBackend::Options options;
  options.tls = true;
  FakeBackend server(options);
  EXPECT_EQ(call(to(server.url()), no_deadline, spillway::test::test_ca_file()).status, 200);
  EXPECT_THAT(call(to(server.url())).problem, HasSubstr("no TLS connection to https://"));
}

}  // namespace
}  // namespace spillway::identity
