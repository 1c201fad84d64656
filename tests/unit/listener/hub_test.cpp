#include <functional>
#include <new>
#include <stdexcept>
#include <thread>

#include "hub_fixture.hpp"
#include "spillway/base/fault.hpp"

namespace spillway::listener {
namespace {

// Thrown by the handler before it waits for anything, and after that.
void throw_one(int which) {
  if (which == 0) throw std::bad_alloc();
  if (which == 1) throw std::length_error("a string too long");
  if (which == 2) throw std::bad_function_call();
  throw which;
}

TEST_F(HubTest, Q13AHandlerThatThrowsEndsItsConnectionAndNoOther) {
  test::Socket bystander = connect();
  EXPECT_EQ(call(bystander, get("/")).status(), 200);
  const std::uint64_t before = faults();
  for (int which = 0; which < 4; ++which) {
    const auto at_once = [](Exchange&, int what) -> awaitable<void> {
      throw_one(what);
      co_return;
    };
    const auto in_the_answer = [](Exchange& exchange, int what) -> awaitable<void> {
      Exchange::AnswerBody body;
      body.kind = Exchange::AnswerBody::Kind::unknown;
      exchange.begin(200, "HTTP/1.1 200 OK\r\n", body);
      EXPECT_FALSE(co_await exchange.write("beginning"));
      throw_one(what);
    };
    handler_.step = [&](Exchange& exchange) { return at_once(exchange, which); };
    test::Socket victim = connect();
    EXPECT_EQ(call(victim, get("/")).status(), 0);
    handler_.step = [&](Exchange& exchange) { return in_the_answer(exchange, which); };
    test::Socket cut = connect();
    EXPECT_FALSE(call(cut, get("/")).complete);
    run_until([&] { return hub_.size() == 1; });
  }
  EXPECT_EQ(faults() - before, 8U);
  handler_.step = ScriptedHandler::say_ok;
  EXPECT_EQ(call(bystander, get("/")).status(), 200);
}

TEST_F(HubTest, S08ABodyThatFindsNoMemoryEndsInAnErrorAndGivesBackWhatItTook) {
  ErrorCode error;
  const auto read = [&error](Exchange& exchange) -> awaitable<void> {
    const BodyResult body = co_await exchange.read_body(4U << 20);
    error = body.error;
    const Reply reply(body.error ? 503 : 200, "text/plain", "read");
    co_await exchange.send(reply);
  };
  handler_.step = read;
  for (const bool chunked : {false, true}) {
    const std::string body((1U << 20) + 1, 'x');
    const std::string large =
        chunked ? test::request("POST", "/", {{"Transfer-Encoding", "chunked"}}) + "100001\r\n" + body + "\r\n0\r\n\r\n"
                : test::request("POST", "/", {}, body);
    test::Socket client = connect();
    std::thread sender([&] { client.send(large); });
    std::string unread;
    EXPECT_EQ(receive(client, unread).status(), 503);
    EXPECT_EQ(error, Errc::no_memory);
    sender.join();
    test::Socket next = connect();
    EXPECT_EQ(call(next, test::request("POST", "/", {}, std::string(200'000, 'x'))).status(), 200);
  }
}

TEST_F(HubTest, AHandlerThatDoesNotAnswerBreaksTheConnection) {
  handler_.step = [](Exchange&) -> awaitable<void> { co_return; };
  test::Socket client = connect();
  EXPECT_EQ(call(client, get("/")).status(), 0);
  EXPECT_TRUE(client.was_reset());
}

TEST_F(HubTest, AnAnswerCutInTheMiddleDoesNotLookWhole) {
  for (const auto kind : {Exchange::AnswerBody::Kind::length, Exchange::AnswerBody::Kind::unknown}) {
    const auto cut = [](Exchange& exchange, Exchange::AnswerBody::Kind how) -> awaitable<void> {
      Exchange::AnswerBody body;
      body.kind = how;
      body.length = 100;
      exchange.begin(200, "HTTP/1.1 200 OK\r\n", body);
      EXPECT_FALSE(co_await exchange.write("beginning"));
      exchange.break_off();
    };
    handler_.step = [cut, kind](Exchange& exchange) { return cut(exchange, kind); };
    for (const char* version : {"HTTP/1.1", "HTTP/1.0"}) {
      test::Socket client = connect();
      std::string bytes = get("/");
      bytes.replace(bytes.find("HTTP/1.1"), 8, version);
      const test::Message answer = call(client, bytes);
      const bool until_close = !answer.chunked && !answer.header("content-length");
      EXPECT_TRUE(until_close ? client.was_reset() : !answer.complete);
    }
  }
}

TEST_F(HubTest, AnAnswerLongerOrShorterThanAnnouncedIsBrokenOff) {
  for (const char* text : {"12345", "123"}) {
    const auto wrong = [](Exchange& exchange, const char* what) -> awaitable<void> {
      Exchange::AnswerBody body;
      body.kind = Exchange::AnswerBody::Kind::length;
      body.length = 4;
      exchange.begin(200, "HTTP/1.1 200 OK\r\n", body);
      EXPECT_TRUE(co_await exchange.finish(what));
    };
    handler_.step = [wrong, text](Exchange& exchange) { return wrong(exchange, text); };
    test::Socket client = connect();
    EXPECT_EQ(call(client, get("/")).status(), 0);
  }
}

TEST_F(HubTest, AnOverloadedConnectionIsToldSoAndClosed) {
  test::Socket client = connect(true);
  const test::Message answer = call(client, get("/"));
  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(rest(client), "");
  EXPECT_EQ(handler_.handled, 0);
  test::Socket asking = connect(true);
  asking.send(test::request("HEAD", "/", {}));
  std::string unread;
  run_until([&] { return !handler_.refused.empty() && handler_.refused.size() == 2; });
  const std::string head = rest(asking);
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "a HEAD gets no body";
}

TEST_F(HubTest, TheBodyCanBeReadInPartAndThenInPieces) {
  std::string seen;
  const auto read = [](Exchange& exchange, std::string& all) -> awaitable<void> {
    BodyResult part = co_await exchange.read_body(5);
    EXPECT_EQ(part.bytes.size(), 5U);
    EXPECT_FALSE(part.complete);
    part = co_await exchange.read_body(10);
    EXPECT_EQ(part.bytes.size(), 10U);
    all = part.bytes;
    while (!part.complete && !part.error) {
      part = co_await exchange.read_piece();
      all.append(part.bytes);
    }
    EXPECT_EQ(exchange.body_bytes(), all.size());
    co_await ScriptedHandler::say_ok(exchange);
  };
  handler_.step = [&](Exchange& exchange) { return read(exchange, seen); };
  std::string body;
  for (int i = 0; body.size() < 300'000; ++i) body += std::to_string(i);
  test::Socket client = connect();
  EXPECT_EQ(call(client, test::request("POST", "/", {}, body)).status(), 200);
  EXPECT_TRUE(seen == body);
  seen.clear();
  std::string chunks = test::request("POST", "/", {{"Transfer-Encoding", "chunked"}});
  for (std::size_t at = 0; at < body.size(); at += 1000) {
    const std::string piece = body.substr(at, 1000);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunks.append(size).append(piece).append("\r\n");
  }
  EXPECT_EQ(call(client, chunks + "0\r\n\r\n").status(), 200);
  EXPECT_TRUE(seen == body);
}

TEST_F(HubTest, TheHeadAndTheBodyStayWhereTheyAreWhileMoreComesIn) {
  std::string target;
  std::string body;
  net::Suspension pause(loop_);
  const auto hold = [&](Exchange& exchange) -> awaitable<void> {
    const BodyResult read = co_await exchange.read_body(1 << 20);
    net::CancelSlot slot;
    exchange.on_client_gone(&slot);
    EXPECT_FALSE(co_await pause.until(no_deadline));
    exchange.on_client_gone(nullptr);
    target = exchange.head().path;
    body = read.bytes;
    co_await ScriptedHandler::say_ok(exchange);
  };
  handler_.step = hold;
  const std::string wanted(30'000, 'b');
  test::Socket client = connect();
  client.send(test::request("POST", "/first", {}, wanted));
  run_until([&] { return pause.waiting(); });
  client.send(get("/" + std::string(20'000, 'x')) + std::string(40'000, 'y'));
  for (int i = 0; i < 50; ++i) settle();
  pause.resume();
  EXPECT_EQ(target, "/first");
  EXPECT_TRUE(body == wanted);
}

TEST_F(HubTest, DrainingClosesIdleConnectionsAndWaitsForTheOthers) {
  net::Suspension pause(loop_);
  const auto hold = [&](Exchange& exchange) -> awaitable<void> {
    EXPECT_FALSE(co_await pause.until(no_deadline));
    co_await ScriptedHandler::say_ok(exchange);
  };
  test::Socket idle = connect();
  EXPECT_EQ(call(idle, get("/")).status(), 200);
  handler_.step = hold;
  test::Socket busy = connect();
  busy.send(get("/"));
  run_until([&] { return pause.waiting(); });
  bool empty = false;
  hub_.drain([&] { empty = true; });
  EXPECT_EQ(rest(idle), "");
  EXPECT_FALSE(idle.was_reset());
  EXPECT_FALSE(empty);
  pause.resume();
  std::string unread;
  const test::Message answer = receive(busy, unread);
  EXPECT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.header("connection"), "close");
  busy.close();
  run_until([&] { return empty; });
}

TEST_F(HubTest, ARequestThatArrivedBeforeTheDrainIsAnswered) {
  test::Socket used = connect();
  EXPECT_EQ(call(used, get("/")).status(), 200);
  test::Socket fresh = connect();
  used.send(get("/used"));
  fresh.send(get("/fresh"));
  // The fresh one is still on its way to the hub.
  loop_.post([&] { hub_.drain([] {}); });
  std::string unread;
  for (test::Socket* client : {&used, &fresh}) {
    const test::Message answer = receive(*client, unread);
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(rest(*client), "") << "and then the connection ends";
  }
}

TEST_F(HubTest, AbortingEndsEverythingAtOnce) {
  net::Suspension pause(loop_);
  const auto hold = [&](Exchange& exchange) -> awaitable<void> {
    exchange.on_client_gone(&pause);
    EXPECT_EQ(co_await pause.until(no_deadline), Errc::cancelled);
    exchange.break_off();
  };
  handler_.step = hold;
  test::Socket idle = connect();
  test::Socket busy = connect();
  busy.send(get("/"));
  run_until([&] { return pause.waiting(); });
  bool empty = false;
  hub_.drain([&] { empty = true; });
  hub_.abort_all();
  run_until([&] { return empty; });
  EXPECT_EQ(busy.receive(), "");
}

}  // namespace
}  // namespace spillway::listener
