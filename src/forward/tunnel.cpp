#include "tunnel.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <random>
#include <utility>

#include "spillway/base/fault.hpp"

namespace spillway::forward {
namespace {

constexpr std::uint16_t going_away = 1001;  // RFC 6455 7.4.1
// How long one side may go on in silence once the other has ended.
constexpr Milliseconds half_closed_idle{10'000};
// A direction that never has to wait lets others have their turn after so many pieces.
constexpr int pieces_in_a_row = 16;

std::array<std::uint8_t, 4> new_mask() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  const auto bits = static_cast<std::uint32_t>(generator());
  std::array<std::uint8_t, 4> mask{};
  std::memcpy(mask.data(), &bits, mask.size());
  return mask;
}

}  // namespace

Tunnel::Tunnel(net::Loop& loop, net::Stream& client, net::Stream& backend, const Limits& limits)
    : loop_(loop),
      limits_(limits),
      up_(client, backend, limits.backend_write, EndedBy::client, EndedBy::backend),
      down_(backend, client, limits.client_write, EndedBy::backend, EndedBy::client),
      alarm_(
          loop.timers(), [](void* self) { static_cast<Tunnel*>(self)->expire(); }, this),
      joined_(loop) {}

awaitable<void> Tunnel::run(std::string early, std::string_view sent) {
  down_.frames.take(sent);
  down_.bytes = sent.size();
  progress();
  start(up_, down_, std::move(early));
  start(down_, up_, std::string());
  while (running_ != 0) co_await joined_.until(no_deadline);
  alarm_.clear();
}

void Tunnel::start(Way& way, Way& back, std::string first) {
  ++running_;
  loop_.spawn(pump(way, back, std::move(first)), [this](const std::exception_ptr& thrown) {
    report_fault("a tunnel ended in an exception", thrown);
    if (thrown) {
      broken(EndedBy::gateway, Errc::cancelled);
    }
    if (--running_ == 0) joined_.resume();
  });
}

awaitable<void> Tunnel::pump(Way& way, Way& back, std::string first) {
  net::Buffer buffer(loop_.buffers());
  std::string_view piece = first;
  int in_a_row = 0;
  while (!over_) {
    if (piece.empty()) {
      buffer.take();
      const net::Io io = way.from.try_read(asio::buffer(buffer.data(), buffer.size()));
      if (io.error == Errc::would_block) {
        buffer.release();
        in_a_row = 0;
        co_await way.from.wait(net::Ready::read, no_deadline);
        continue;
      }
      if (io.error) co_return source_ended(way, back, io.error);
      piece = {buffer.data(), io.bytes};
    }
    const asio::const_buffer out(piece.data(), piece.size());
    const std::span<const asio::const_buffer> parts(&out, 1);
    way.writing = true;
    const ErrorCode error = co_await way.to.write(parts, way.write_idle, limits_.deadline);
    way.writing = false;
    if (over_) co_return;
    if (error) co_return sink_refused(way, back, error);
    way.frames.take(piece);
    way.bytes += piece.size();
    piece = {};
    if (finished()) co_return;
    progress();
    if (++in_a_row < pieces_in_a_row) continue;
    in_a_row = 0;
    co_await loop_.let_others();
  }
}

// Everything this side sent has been delivered.
void Tunnel::source_ended(Way& way, const Way& back, ErrorCode error) noexcept {
  way.over = true;
  const bool closing = way.frames.closed() || back.frames.closed();
  const bool in_order = error == Errc::end_of_stream && !way.source_refused;
  if (!in_order && !closing) return broken(way.from_side, error == Errc::end_of_stream ? Errc::truncated : error);
  // A backend may end without a word between two messages; a client that does so has gone.
  const bool cut = !way.frames.at_boundary() || (way.from_side == EndedBy::client && !back.over);
  if (cut && !closing && ended_by_ == EndedBy::both) {
    ended_by_ = way.from_side;
    error_ = Errc::truncated;
  }
  way.to.shutdown_send();
  if (!finished()) progress();
}

// Both have said goodbye and one has hung up: there is nothing left to wait for.
bool Tunnel::finished() noexcept {
  if (!up_.frames.closed() || !down_.frames.closed() || !(up_.over || down_.over)) return false;
  over_ = true;
  up_.from.cancel();
  up_.to.cancel();
  return true;
}

void Tunnel::sink_refused(Way& way, Way& back, ErrorCode error) noexcept {
  way.over = true;
  if (error == Errc::timeout && loop_.now() >= limits_.deadline) return dismiss();
  if (error == Errc::timeout || error == Errc::cancelled) return broken(way.to_side, error);
  if (back.over) {
    if (!back.frames.closed()) broken(way.to_side, error);
    return;
  }
  // What it had sent before may still be here, a Close frame among it: the other direction tells how it ended.
  back.source_refused = true;
  progress();
}

void Tunnel::broken(EndedBy side, ErrorCode error) noexcept {
  if (over_) return;
  over_ = true;
  ended_by_ = side;
  error_ = error;
  up_.from.abort();
  up_.to.abort();
}

void Tunnel::dismiss() noexcept {
  if (over_) return;
  over_ = true;
  ended_by_ = EndedBy::gateway;
  part(down_, false);
  part(up_, true);
  up_.from.cancel();
  up_.to.cancel();
}

void Tunnel::part(Way& way, bool masked) noexcept {
  if (way.over) return;
  if (way.writing || !way.frames.at_boundary()) return way.to.abort();
  if (!way.frames.closed()) {
    std::optional<std::array<std::uint8_t, 4>> mask;
    if (masked) mask = new_mask();
    const std::string frame = http::close_frame(going_away, mask);
    const asio::const_buffer out(frame.data(), frame.size());
    way.to.try_write({&out, 1});
  }
  way.to.shutdown_send();
}

void Tunnel::progress() {
  Milliseconds idle = limits_.idle;
  if (up_.over || down_.over) idle = idle.count() == 0 ? half_closed_idle : std::min(idle, half_closed_idle);
  alarm_.set(earliest(limits_.deadline, deadline_after(loop_.now(), idle)));
}

void Tunnel::expire() {
  // Somebody who has bytes to take is given time for them by the write itself.
  if ((up_.writing || down_.writing) && loop_.now() < limits_.deadline) return progress();
  dismiss();
}

}  // namespace spillway::forward
