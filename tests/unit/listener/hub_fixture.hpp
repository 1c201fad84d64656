#pragma once

#include <fcntl.h>

#include <functional>
#include <memory>
#include <string>

#include "http_message.hpp"
#include "socket.hpp"
#include "spillway/listener/listener.hpp"
#include "unit/net/loop_fixture.hpp"

namespace spillway::listener {

// Answers as the test wants it.
struct ScriptedHandler final : Handler {
  using Step = std::function<awaitable<void>(Exchange&)>;

  awaitable<void> handle(Exchange& exchange) override {
    ++handled;
    const std::string target(exchange.head().path);
    targets.push_back(target);
    return step(exchange);
  }
  Reply refuse(const http::Rejection& rejection, const std::string&) override {
    refused.push_back(rejection.status);
    return {rejection.status, "text/plain", rejection.reason};
  }

  static awaitable<void> say_ok(Exchange& exchange) {
    const Reply reply(200, "text/plain", "ok");
    co_await exchange.send(reply);
  }

  Step step = say_ok;
  int handled = 0;
  std::vector<std::string> targets;
  std::vector<int> refused;
};

// A hub on a loop that the test runs itself, and plain blocking sockets as its clients.
class HubTest : public net::LoopTest {
 protected:
  test::Socket connect(bool overloaded = false) {
    test::Socket client = test::Socket::connect(listening_.port());
    test::Socket accepted = listening_.accept();
    const int descriptor = ::fcntl(accepted.descriptor(), F_DUPFD_CLOEXEC, 0);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    limit_.enter();
    hub_.adopt_from_elsewhere({descriptor, nullptr, &limit_, overloaded});
    return client;
  }
  // Runs the loop until the client has a whole answer, or the connection has ended.
  test::Message receive(test::Socket& client, std::string& unread) {
    for (;;) {
      if (auto message = test::take_message(unread)) return *message;
      run_until([&] { return is_readable(client); });
      const std::string bytes = client.receive();
      if (bytes.empty()) return test::take_message(unread, false, true).value_or(test::Message());
      unread += bytes;
    }
  }
  test::Message call(test::Socket& client, std::string_view bytes) {
    client.send(bytes);
    std::string unread;
    return receive(client, unread);
  }
  // Runs the loop until the client's connection has ended; what came before that is returned.
  std::string rest(test::Socket& client) {
    std::string all;
    for (;;) {
      run_until([&] { return is_readable(client); });
      const std::string bytes = client.receive();
      if (bytes.empty()) return all;
      all += bytes;
    }
  }

  static std::string get(const std::string& target, const test::Headers& headers = {}) {
    return test::request("GET", target, headers);
  }

  test::ListeningSocket listening_;
  ScriptedHandler handler_;
  ConnectionLimit limit_{100};
  SessionOptions options_;
  BodyMemory bodies_{1 << 20};
  Hub hub_{loop_, handler_, options_, &bodies_};

 private:
  static bool is_readable(const test::Socket& client);
};

}  // namespace spillway::listener
