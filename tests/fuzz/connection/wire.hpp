#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spillway/net/loop.hpp"

// Connections without sockets: a stream whose other end is a script. `wire.cpp` defines what makes the gateway's
// streams (net::adopt, net::accept_tls, net::connect), so a program that links it has no others.
namespace spillway::fuzz {

class MemoryStream;

// What the other end does next, once the gateway waits for it.
struct Step {
  enum class Kind { bytes, close, reset } kind = Kind::bytes;
  std::string bytes{};
  // Not before the gateway has sent more than it had at the step before, and is not in the middle of a write.
  bool after_more = false;
};

// One connection: what the other end does and what it got.
class Wire : public std::enable_shared_from_this<Wire> {
 public:
  enum class Ended { not_yet, in_order, by_reset };

  // `most`: bytes that go through at a time, before the gateway has to wait for room; 0 = any number. `hasty`: the
  // other end goes on in the middle of a write.
  Wire(net::Loop& loop, std::vector<Step> steps, std::size_t most, bool hasty = false);

  // The other end closes now, whatever it had still to do.
  void close();

  const std::string& sent() const noexcept { return sent_; }  // by the gateway
  Ended ended() const noexcept { return ended_; }             // by the gateway
  bool was_reset() const noexcept { return reset_; }          // by the other end
  // When the byte at this place of `sent` was sent, in writes of all wires together.
  std::uint64_t when(std::size_t place) const noexcept;

 private:
  friend class MemoryStream;
  bool can_step() const noexcept;
  void step();
  void wanted();

  net::Loop& loop_;
  std::deque<Step> steps_;
  std::size_t most_;
  bool hasty_;
  MemoryStream* stream_ = nullptr;  // while the gateway has it
  std::string arrived_;             // and not read yet
  bool closed_ = false;
  bool reset_ = false;
  bool stepping_ = false;
  bool full_ = false;
  std::size_t sent_before_ = 0;  // when the last step was made
  std::string sent_;
  std::vector<std::pair<std::size_t, std::uint64_t>> writes_;  // place and time
  Ended ended_ = Ended::not_yet;
};

// Where a gateway under test gets its connections from: one client, and a backend for each call.
struct Network {
  std::shared_ptr<Wire> client;
  std::deque<std::shared_ptr<Wire>> backends;  // in the order they answer; a call after the last one is refused
  std::vector<std::shared_ptr<Wire>> called;
  std::uint64_t time = 0;      // counts writes
  std::uint64_t activity = 0;  // counts whatever happens
};
// The one there is just now. Set it before a connection is made.
extern Network* network;

}  // namespace spillway::fuzz
