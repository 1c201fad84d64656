#include "lab/load_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "lab/load_request.hpp"
#include "support/http_message.hpp"
#include "support/socket.hpp"
#include "support/tls_files.hpp"

// The engine against a server that does as it is told.
namespace spillway::lab {
namespace {

using test::ListeningSocket;
using test::Socket;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-routed-backend: eastus\r\nx-ms-region: East US\r\n"
    "x-routing-strategy: priority\r\nx-attempts: westus;429, eastus;200\r\n\r\n{}";

// False: the caller has gone.
bool read_request(Socket& socket) {
  std::string bytes;
  while (!test::take_message(bytes)) {
    const std::string more = socket.receive();
    if (more.empty()) return false;
    bytes += more;
  }
  return true;
}

LoadTarget target_at(std::uint16_t port) {
  LoadTarget target;
  target.host = "127.0.0.1";
  target.port = port;
  target.request = post_request("127.0.0.1", "/p", {}, "{}");
  target.timeout = Milliseconds{20'000};
  return target;
}

LoadPlan requests(std::uint64_t count, std::uint32_t at_once = 1) {
  LoadPlan plan;
  plan.requests = count;
  plan.in_flight = at_once;
  return plan;
}

std::vector<Sent> run(LoadEngine& engine, const LoadPlan& plan) {
  std::vector<Sent> all;
  engine.run(plan, [&](Sent&& sent) { all.push_back(std::move(sent)); });
  return all;
}

TEST(LoadEngine, TellsWhatTheAnswerTold) {
  ListeningSocket server;
  std::jthread backend([&] {
    Socket socket = server.accept();
    while (read_request(socket)) socket.send(answer);
  });
  {
    LoadEngine engine(target_at(server.port()));
    const std::vector<Sent> all = run(engine, requests(3));
    ASSERT_EQ(all.size(), 3U);
    for (std::uint64_t i = 0; i < 3; ++i) {
      EXPECT_EQ(all[i].number, i + 1);
      EXPECT_EQ(all[i].status, 200);
      EXPECT_EQ(all[i].backend, "eastus");
      EXPECT_EQ(all[i].region, "East US");
      EXPECT_EQ(all[i].strategy, "priority");
      EXPECT_EQ(all[i].attempts, "westus;429, eastus;200");
      EXPECT_TRUE(all[i].succeeded());
      EXPECT_GT(all[i].first_byte_ms, 0);
      EXPECT_GE(all[i].milliseconds, all[i].first_byte_ms);
    }
    EXPECT_EQ(run(engine, requests(1)).size(), 1U) << "a second run, on the same connection";
  }
}

TEST(LoadEngine, AnOpenLoopDoesNotWaitForAnswers) {
  ListeningSocket server;
  std::jthread backend([&] {
    std::vector<Socket> sockets;
    for (int i = 0; i < 5; ++i) {
      sockets.push_back(server.accept());
      read_request(sockets.back());
    }
    for (Socket& socket : sockets) socket.send(answer);
  });
  LoadPlan plan = requests(5, 100);
  plan.rate = 1000;
  LoadEngine engine(target_at(server.port()));
  const std::vector<Sent> all = run(engine, plan);
  EXPECT_EQ(all.size(), 5U) << "none was answered before all had come";
  EXPECT_EQ(engine.held_back(), 0U);
}

TEST(LoadEngine, HoldsBackWhatIsOverTheLimitAndCountsItsWaiting) {
  ListeningSocket server;
  LoadEngine engine(target_at(server.port()));
  std::jthread backend([&] {
    Socket socket = server.accept();
    read_request(socket);
    while (engine.held_back() == 0) std::this_thread::yield();
    socket.send(answer);
    read_request(socket);
    socket.send(answer);
  });
  LoadPlan plan = requests(2, 1);
  plan.rate = 1000;
  const std::vector<Sent> all = run(engine, plan);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(engine.held_back(), 1U);
  EXPECT_GT(all[1].waited_ms, 0);
  EXPECT_GE(all[1].milliseconds, all[1].waited_ms) << "from when it was due";
}

TEST(LoadEngine, ReplacesAKeptConnectionThatIsClosedBeforeTheAnswer) {
  ListeningSocket server;
  std::jthread backend([&] {
    Socket first = server.accept();
    read_request(first);
    first.send(answer);
    read_request(first);
    first.close();
    Socket second = server.accept();
    read_request(second);
    second.send(answer);
  });
  LoadEngine engine(target_at(server.port()));
  const std::vector<Sent> all = run(engine, requests(2));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].error, "");
}

TEST(LoadEngine, SaysHowATransportFailed) {
  ListeningSocket server;
  std::jthread backend([&] {
    Socket cut = server.accept();
    read_request(cut);
    cut.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nx-routed-backend: eastus\r\n\r\n{");
    cut.close();
    Socket closed = server.accept();
    read_request(closed);
    closed.close();
    Socket other = server.accept();
    read_request(other);
    other.send("SSH-2.0-x\r\n");
  });
  LoadEngine engine(target_at(server.port()));
  const std::vector<Sent> all = run(engine, requests(3));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].error, "the answer was cut");
  EXPECT_EQ(all[0].backend, "eastus");
  EXPECT_EQ(all[1].error, "the connection was closed without an answer");
  EXPECT_EQ(all[1].status, 0);
  EXPECT_EQ(all[2].error, "the answer is no HTTP");
}

TEST(LoadEngine, SaysThatNobodyIsThere) {
  std::uint16_t port = 0;
  {
    const ListeningSocket gone;
    port = gone.port();
  }
  LoadEngine engine(target_at(port));
  EXPECT_THAT(run(engine, requests(1)).at(0).error, StartsWith("cannot connect: Connection refused"));
}

TEST(LoadEngine, ARequestEndsWhenItsTimeIsOver) {
  ListeningSocket server;
  LoadTarget target = target_at(server.port());
  target.timeout = Milliseconds{30};
  LoadEngine engine(target);
  EXPECT_EQ(run(engine, requests(1)).at(0).error, "no whole answer within 30 ms");
}

TEST(LoadEngine, FinishWaitsForWhatIsInFlight) {
  ListeningSocket server;
  std::optional<LoadEngine> engine(std::in_place, target_at(server.port()));
  std::jthread backend([&] {
    Socket socket = server.accept();
    read_request(socket);
    engine->finish();
    do socket.send(answer);
    while (read_request(socket));
  });
  EXPECT_GE(run(*engine, requests(0)).size(), 1U);
  engine.reset();
}

TEST(LoadEngine, AbandonGivesUpWhatIsInFlight) {
  ListeningSocket server;
  LoadEngine engine(target_at(server.port()));
  std::jthread backend([&] {
    Socket socket = server.accept();
    read_request(socket);
    engine.abandon();
    EXPECT_FALSE(read_request(socket));
  });
  EXPECT_EQ(run(engine, requests(0)).size(), 0U);
}

TEST(LoadEngine, VerifiesTheServer) {
  ListeningSocket server;
  const test::TlsServerContext context;
  std::jthread backend([&] {
    Socket stranger = server.accept();
    EXPECT_FALSE(stranger.start_tls_server(context.get()));
    stranger.close();
    Socket known = server.accept();
    if (known.start_tls_server(context.get()) && read_request(known)) known.send(answer);
  });
  net::TlsClient::Options options;
  options.server_name = "127.0.0.1";
  std::string problem;
  LoadTarget target = target_at(server.port());
  target.tls = *net::TlsClient::make(options, problem);
  LoadEngine careful(target);
  EXPECT_THAT(run(careful, requests(1)).at(0).error, StartsWith("no TLS connection: "));
  options.ca = test::test_ca_file();
  target.tls = *net::TlsClient::make(options, problem);
  LoadEngine trusting(target);
  EXPECT_EQ(run(trusting, requests(1)).at(0).error, "");
}

TEST(LoadEngine, ReadsAStreamToItsEnd) {
  ListeningSocket server;
  std::jthread backend([&] {
    Socket socket = server.accept();
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    read_request(socket);
    socket.send(head + "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
    read_request(socket);
    socket.send(head + "a\r\ndata: {}\n\n\r\n0\r\n\r\n");
  });
  LoadEngine engine(target_at(server.port()));
  const std::vector<Sent> all = run(engine, requests(2));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].error, "");
  EXPECT_EQ(all[1].error, "the stream ended early");
}

}  // namespace
}  // namespace spillway::lab
