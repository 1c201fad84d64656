#include "spillway/net/stream.hpp"

#include <array>
#include <vector>

namespace spillway::net {

awaitable<Io> Stream::read_some(asio::mutable_buffer buffer, TimePoint deadline) {
  for (;;) {
    const Io io = try_read(buffer);
    if (io.error != Errc::would_block) co_return io;
    const ErrorCode error = co_await wait(Ready::read, deadline);
    if (error) co_return Io(error, 0);
  }
}

awaitable<ErrorCode> Stream::write(std::span<const asio::const_buffer> buffers, Milliseconds idle, TimePoint deadline) {
  std::array<asio::const_buffer, 8> rest;
  std::size_t count = 0;
  for (const asio::const_buffer& buffer : buffers) {
    if (buffer.size() != 0)
      rest[count++] = buffer;  // callers gather head, framing and one piece: never more than eight
  }
  std::size_t first = 0;
  while (first < count) {
    const std::span<const asio::const_buffer> offered(rest.data() + first, count - first);
    Io io = try_write(offered);
    if (io.error == Errc::would_block) {
      const TimePoint limit = earliest(deadline, deadline_after(Clock::now(), idle));
      const ErrorCode error = co_await wait(Ready::write, limit);
      if (error) co_return error;
      continue;
    }
    if (io.error) co_return io.error;
    while (first < count && io.bytes >= rest[first].size()) io.bytes -= rest[first++].size();
    if (first < count) rest[first] += io.bytes;
  }
  co_return ErrorCode();
}

awaitable<ErrorCode> Stream::write(std::string_view bytes, Milliseconds idle) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  const std::span<const asio::const_buffer> buffers(&buffer, 1);
  const ErrorCode error = co_await write(buffers, idle);
  co_return error;
}

}  // namespace spillway::net
