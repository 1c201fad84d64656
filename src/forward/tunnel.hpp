#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spillway/base/error.hpp"
#include "spillway/base/time.hpp"
#include "spillway/http/websocket.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/stream.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::forward {

namespace asio = boost::asio;
using net::awaitable;

// A WebSocket between a client and a backend, relayed byte for byte in both directions at once. In each the next bytes
// are read when the ones before have been taken, so whoever is slow slows the other side down; a buffer is held only
// while there are bytes in it.
//
// When one side ends its sending in order, so is the sending to the other side, and the other direction may go on for a
// while. A side that breaks resets the other, so that what was cut does not look whole. What comes after a Close frame
// does not matter any more, a reset included (RFC 6455 7.1.1).
class Tunnel final : public listener::Dismissible {
 public:
  struct Limits {
    Milliseconds idle{};           // without a byte in either direction; 0 = none
    Milliseconds client_write{};   // for the client to take something; 0 = none
    Milliseconds backend_write{};  // for the backend to
    TimePoint deadline = no_deadline;
  };
  // Who ended it before both had: nobody, a side that broke, or the gateway (a deadline or a dismissal).
  enum class EndedBy { both, client, backend, gateway };

  Tunnel(net::Loop& loop, net::Stream& client, net::Stream& backend, const Limits& limits);

  // Until both directions have ended. `early` is what the client sent before; `sent` are bytes of the backend that have
  // gone to the client already.
  awaitable<void> run(std::string early, std::string_view sent);

  // Says goodbye to both sides with a Close frame 1001 where one may stand, and ends.
  void dismiss() noexcept override;

  EndedBy ended_by() const noexcept { return ended_by_; }
  // What broke, when a side did. Errc::truncated: it ended in the middle of a frame, or after refusing bytes.
  ErrorCode error() const noexcept { return error_; }
  std::uint64_t bytes_in() const noexcept { return up_.bytes; }
  std::uint64_t bytes_out() const noexcept { return down_.bytes; }

 private:
  // One direction.
  struct Way {
    Way(net::Stream& source, net::Stream& sink, Milliseconds write, EndedBy source_side, EndedBy sink_side)
        : from(source), to(sink), write_idle(write), from_side(source_side), to_side(sink_side) {}
    net::Stream& from;
    net::Stream& to;
    Milliseconds write_idle;
    EndedBy from_side;
    EndedBy to_side;
    http::FrameTracker frames;  // as far as `to` has taken them
    std::uint64_t bytes = 0;
    bool writing = false;
    bool over = false;
    bool source_refused = false;  // `from` has refused bytes of the other direction
  };

  void start(Way& way, Way& back, std::string first);
  awaitable<void> pump(Way& way, Way& back, std::string first);
  void source_ended(Way& way, const Way& back, ErrorCode error) noexcept;
  void sink_refused(Way& way, Way& back, ErrorCode error) noexcept;
  void broken(EndedBy side, ErrorCode error) noexcept;
  void part(Way& way, bool masked) noexcept;
  bool finished() noexcept;
  void progress();
  void expire();

  net::Loop& loop_;
  Limits limits_;
  Way up_;
  Way down_;
  net::Alarm alarm_;
  net::Suspension joined_;
  int running_ = 0;
  bool over_ = false;
  EndedBy ended_by_ = EndedBy::both;
  ErrorCode error_;
};

}  // namespace spillway::forward
