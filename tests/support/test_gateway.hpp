#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http_message.hpp"
#include "socket.hpp"
#include "tls_files.hpp"

namespace spillway::app {
class Gateway;
}

namespace spillway::test {

// A client of the gateway on one connection. Sends exact bytes; reads whole answers.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(Socket::connect(port)) {}
  explicit RawClient(Socket socket) : socket_(std::move(socket)) {}

  bool send(std::string_view bytes) { return socket_.send(bytes); }
  // One answer; an incomplete one (`complete` false) or an empty one (status 0) when the connection ended before.
  Message receive(bool to_head = false);
  // Reads until the unread input holds `text`; false when the connection ended first.
  bool receive_until(std::string_view text);
  Message call(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  // Bytes that have come and were not taken by `receive`.
  const std::string& unread() const noexcept { return unread_; }
  Socket& socket() noexcept { return socket_; }

 private:
  Socket socket_;
  std::string unread_;
};

// A whole gateway in this process, configured by text, on a port of its own. Stops when it dies.
class TestGateway {
 public:
  // `yaml` is everything but `listeners`, `admin`, `log` and `workers`, which are put in front: one plain listener on
  // 127.0.0.1, an admin listener, no access log, two workers.
  explicit TestGateway(const std::string& yaml);
  struct Options {
    std::string server = "";  // replaces the lines for `listeners`, `admin`, `log` and `workers`
    std::map<std::string, std::string> environment;
    std::chrono::milliseconds look_every{2'000};  // at the files the configuration refers to
  };
  TestGateway(const std::string& yaml, const Options& options);
  ~TestGateway();

  std::uint16_t port(std::size_t listener = 0) const;
  std::uint16_t admin_port() const;
  RawClient client() const { return RawClient(port()); }

  // One request on a connection of its own.
  Message call(std::string_view bytes) const;
  // A chat request for `model` on the classic surface.
  Message chat(const std::string& model = "gpt-4o") const;
  Message admin(std::string_view method, std::string_view path) const;
  std::string metrics() const;
  std::string status() const;

  // Writes the configuration anew and reloads; the answer of `POST /reload`.
  Message reload(const std::string& yaml);
  // As SIGTERM does.
  void stop();
  // After `stop`: waits for the end; its exit code.
  int wait();

 private:
  std::string server_;
  TemporaryFolder folder_;
  std::string file_;
  std::unique_ptr<app::Gateway> gateway_;
  std::thread thread_;
  int code_ = -1;
};

// A chat request as an SDK sends it, with the client key `test-key`.
std::string chat_request(const std::string& model = "gpt-4o", const Headers& more = {});

// `clients: [{name: app, keys: [test-key]}]`, one backend for each URL named a, b, c, … with regions `Region A`, …
std::string clients_yaml();
std::string backends_yaml(const std::vector<std::string>& urls);

// One pool named openai. `members` is `a, b`, all alike, or a list of YAML mappings; `more` follows, such as
// `retry: {max_attempts: 2}`.
std::string pool_yaml(const std::string& members, const std::string& more = "");

// Circuits that never open, for `pool_yaml`.
inline constexpr char no_circuits[] = "circuit_breaker: {rules: []}";

// Polls until `condition` holds, at most `patience`. For what can only be seen from outside, such as /status.
bool eventually(const std::function<bool()>& condition);

}  // namespace spillway::test
