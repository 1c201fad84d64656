// The least a gateway could do: every client connection gets a backend connection, and bytes are passed on. It reads no
// HTTP, so it is a lower bound and no contender. Prints `ports P` once it listens.
//
//   bench_relay [--port P] --backends P1,P2 [--threads 2] [--certificate PEM --key PEM] [--ca PEM]
#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "loop.hpp"
#include "stream.hpp"

namespace bench {
namespace {

struct Plan {
  TlsContext server;
  TlsContext client;
  std::vector<std::uint16_t> backends;
};

std::atomic<std::size_t> turn = 0;

class Pair;

class Side : public Handler {
 public:
  Side(int fd, const TlsContext& tls, bool server, Pair& pair) : stream(fd, tls, server), plain(!tls), pair_(pair) {}
  Stream stream;
  bool plain;
  std::string pending;  // for this side, not yet taken

 private:
  void on_ready() override;
  Pair& pair_;
};

// A client, its backend and the bytes between them.
class Pair : public Handler {
 public:
  Pair(Loop& loop, int client, int backend, const Plan& plan)
      : loop_(loop), client_(client, plan.server, true, *this), backend_(backend, plan.client, false, *this) {}
  void start(std::unique_ptr<Handler> self) {
    self_ = std::move(self);
    loop_.add(client_.stream.fd(), client_);
    loop_.add(backend_.stream.fd(), backend_);
  }

  // Moves what can be moved from and to this side; the other one has its own events.
  void ready(Side& side) {
    Side& other = &side == &client_ ? backend_ : client_;
    if (!self_) return;
    const bool was_stuck = !side.pending.empty();
    if (!flush(side) || !pump(side, other) || (was_stuck && side.pending.empty() && !pump(other, side))) {
      loop_.retire(std::move(self_));
    }
  }

 private:
  void on_ready() override {}

  static bool flush(Side& side) {
    std::size_t sent = 0;
    while (sent < side.pending.size()) {
      const ssize_t count = side.stream.write(side.pending.data() + sent, side.pending.size() - sent);
      if (count < 0) return false;
      if (count == 0) break;
      sent += static_cast<std::size_t>(count);
    }
    side.pending.erase(0, sent);
    return true;
  }

  // Reads no more while the other side does not take what there is.
  static bool pump(Side& from, Side& to) {
    thread_local std::array<char, 64 * 1024> buffer;
    while (to.pending.empty()) {
      const ssize_t count = from.stream.read(buffer.data(), buffer.size());
      if (count < 0) return false;
      if (count == 0) return true;
      to.pending.assign(buffer.data(), static_cast<std::size_t>(count));
      if (!flush(to)) return false;
      // A plain socket that gave less than was asked for is empty; the next event tells of more.
      if (from.plain && count < static_cast<ssize_t>(buffer.size()) && !from.peer_done()) return true;
    }
    return true;
  }

  Loop& loop_;
  std::unique_ptr<Handler> self_;
  Side client_;
  Side backend_;
};

void Side::on_ready() {
  pair_.ready(*this);
}

class Listener : public Handler {
 public:
  Listener(Loop& loop, int fd, const Plan& plan) : loop_(loop), fd_(fd), plan_(plan) { loop_.add_listener(fd, *this); }

 private:
  // One at a time, so that the threads get about as many each.
  void on_ready() override {
    const int client = accept_from(fd_);
    if (client < 0) return;
    const int backend = connect_to(plan_.backends[turn++ % plan_.backends.size()]);
    if (backend < 0) fail("a backend cannot be reached");
    auto made = std::make_unique<Pair>(loop_, client, backend, plan_);
    Pair& pair = *made;
    pair.start(std::move(made));
  }

  Loop& loop_;
  int fd_;
  const Plan& plan_;
};

void serve(int listener, const Plan& plan) {
  Loop loop;
  const Listener handler(loop, listener, plan);
  loop.run();
}

}  // namespace

void run(Arguments& arguments) {
  Plan plan{server_tls(arguments.text("certificate"), arguments.text("key")), client_tls(arguments.text("ca")), {}};
  const auto port = static_cast<std::uint16_t>(arguments.count("port", 0));
  const std::size_t threads = arguments.count("threads", 2);
  std::istringstream ports(arguments.text("backends"));
  for (std::string one; std::getline(ports, one, ',');) {
    plan.backends.push_back(static_cast<std::uint16_t>(std::strtoul(one.c_str(), nullptr, 10)));
  }
  arguments.check();
  if (plan.backends.empty()) fail("no --backends");
  allow_many_files();
  const int listener = listen_on(port);
  std::cout << "ports " << port_of(listener) << std::endl;
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(serve, listener, std::cref(plan));
  serve(listener, plan);
}

}  // namespace bench
