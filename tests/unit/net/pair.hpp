#pragma once

#include <fcntl.h>

#include <memory>
#include <optional>
#include <string>

#include "loop_fixture.hpp"
#include "socket.hpp"
#include "spillway/net/socket_stream.hpp"

namespace spillway::net {

// A stream and, at the other end of a loopback connection, a plain blocking socket.
class StreamTest : public LoopTest {
 protected:
  static int take_descriptor(test::Socket& socket) {
    const int descriptor = ::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 0);
    socket.close();
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
  }
  // A connected descriptor for the stream; `peer` is its other end.
  int connect_pair(test::Socket& peer) {
    peer = test::Socket::connect(listening_.port());
    test::Socket accepted = listening_.accept();
    return take_descriptor(accepted);
  }

  awaitable<void> read_one(Stream& stream, TimePoint deadline) {
    char bytes[64];
    const asio::mutable_buffer room(bytes, sizeof bytes);
    io_.reset();
    const Io io = co_await stream.read_some(room, deadline);
    text_.assign(bytes, io.bytes);
    io_ = io;
  }
  // Reads once; the bytes are in text_.
  ErrorCode read(Stream& stream, TimePoint deadline = no_deadline) {
    run(read_one(stream, deadline));
    return io_ ? io_->error : ErrorCode(Errc::cancelled);
  }
  awaitable<void> write_all(Stream& stream, std::string_view bytes, Milliseconds idle) {
    written_.reset();
    const ErrorCode error = co_await stream.write(bytes, idle);
    written_ = error;
  }

  test::ListeningSocket listening_;
  std::optional<Io> io_;
  std::string text_;
  std::optional<ErrorCode> written_;
};

// Counts how often it is told.
struct Notice final : Watcher {
  void on_readable() override { ++times; }
  int times = 0;
};

}  // namespace spillway::net
