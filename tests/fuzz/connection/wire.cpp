#include "wire.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/errc.hpp>
#include <cstdlib>
#include <cstring>

#include "spillway/base/failure.hpp"
#include "spillway/net/socket_stream.hpp"
#include "spillway/net/suspension.hpp"

// The gateway's own connect, seen from inside its room.
namespace spillway::net {
awaitable<ErrorCode> connect(Loop& loop, const asio::ip::tcp::endpoint& address, const std::shared_ptr<TlsClient>& tls,
                             TimePoint deadline, CancelSlot& slot, std::unique_ptr<Stream>& out, Stage& stage);
}

namespace spillway::fuzz {

Network* network = nullptr;

class MemoryStream final : public net::Stream {
 public:
  MemoryStream(net::Loop& loop, std::shared_ptr<Wire> wire)
      : loop_(loop), wire_(std::move(wire)), reader_(loop), writer_(loop) {
    wire_->stream_ = this;
  }
  ~MemoryStream() override {
    MemoryStream::close();
    wire_->stream_ = nullptr;
  }

  net::Io try_read(net::asio::mutable_buffer buffer) noexcept override {
    ++network->activity;
    if (!is_open()) return {Errc::cancelled, 0};
    if (wire_->reset_) return {make_error_code(boost::system::errc::connection_reset), 0};
    const std::size_t size = std::min(buffer.size(), wire_->arrived_.size());
    if (size != 0) {
      std::memcpy(buffer.data(), wire_->arrived_.data(), size);
      wire_->arrived_.erase(0, size);
      return {{}, size};
    }
    return {wire_->closed_ ? Errc::end_of_stream : Errc::would_block, 0};
  }

  net::Io try_write(std::span<const net::asio::const_buffer> buffers) noexcept override {
    ++network->activity;
    if (!is_open()) return {Errc::cancelled, 0};
    if (wire_->reset_) return {make_error_code(boost::system::errc::broken_pipe), 0};
    if (wire_->full_) return {Errc::would_block, 0};
    std::size_t room = wire_->most_ == 0 ? SIZE_MAX : wire_->most_;
    const std::size_t before = wire_->sent_.size();
    for (const net::asio::const_buffer& buffer : buffers) {
      const std::size_t size = std::min(room, buffer.size());
      wire_->full_ = wire_->full_ || size < buffer.size();
      wire_->sent_.append(static_cast<const char*>(buffer.data()), size);
      room -= size;
    }
    wire_->writes_.emplace_back(before, ++network->time);
    if (reader_.waiting() || watcher_ != nullptr) wire_->wanted();
    return {{}, wire_->sent_.size() - before};
  }

  void look_afresh() noexcept override {}
  bool has_buffered() const noexcept override { return false; }

  net::Suspension::Wait wait(net::Ready purpose, TimePoint deadline) override {
    ++network->activity;
    if (!is_open()) return net::Suspension::Wait(Errc::cancelled);
    if (purpose == net::Ready::write) {
      loop_.post([wire = wire_] { make_room(*wire); });
      return writer_.until(deadline);
    }
    if (readable()) return net::Suspension::Wait(ErrorCode());
    wire_->wanted();
    return reader_.until(deadline);
  }

  void watch(net::Watcher& watcher) override {
    ++network->activity;
    if (!is_open()) return;
    watcher_ = &watcher;
    if (readable())
      loop_.post([wire = wire_] { tell(*wire); });
    else
      wire_->wanted();
  }
  void unwatch() noexcept override { watcher_ = nullptr; }

  void cancel() noexcept override {
    reader_.cancel();
    writer_.cancel();
  }
  void close() noexcept override { end(Wire::Ended::in_order); }
  void abort() noexcept override { end(Wire::Ended::by_reset); }
  void shutdown_send() noexcept override { ++network->activity; }
  bool is_open() const noexcept override { return wire_->ended_ == Wire::Ended::not_yet; }
  bool peer_has_closed() const noexcept override { return !is_open() || wire_->closed_ || wire_->reset_; }
  bool is_tls() const noexcept override { return false; }
  std::string peer() const override { return "192.0.2.1:4711"; }

  // Something has come, or the end.
  void stirred() {
    if (reader_.waiting()) {
      reader_.resume();
      return;
    }
    if (net::Watcher* const watcher = std::exchange(watcher_, nullptr)) watcher->on_readable();
  }

 private:
  static void make_room(Wire& wire) {
    wire.full_ = false;
    if (wire.stream_ != nullptr) wire.stream_->writer_.resume();
  }
  static void tell(Wire& wire) {
    if (wire.stream_ != nullptr && wire.stream_->is_open() && wire.stream_->readable()) wire.stream_->stirred();
  }
  bool readable() const noexcept { return !wire_->arrived_.empty() || wire_->closed_ || wire_->reset_; }
  void end(Wire::Ended how) noexcept {
    if (!is_open()) return;
    ++network->activity;
    wire_->ended_ = how;
    watcher_ = nullptr;
    MemoryStream::cancel();
  }

  net::Loop& loop_;
  std::shared_ptr<Wire> wire_;
  net::Suspension reader_;
  net::Suspension writer_;
  net::Watcher* watcher_ = nullptr;
};

Wire::Wire(net::Loop& loop, std::vector<Step> steps, std::size_t most, bool hasty)
    : loop_(loop), steps_(steps.begin(), steps.end()), most_(most), hasty_(hasty) {}

bool Wire::can_step() const noexcept {
  if (steps_.empty() || closed_ || reset_) return false;
  return !steps_.front().after_more || (sent_.size() > sent_before_ && (hasty_ || !full_));
}

// The gateway would like something to come.
void Wire::wanted() {
  if (stepping_ || !can_step()) return;
  stepping_ = true;
  loop_.post([self = shared_from_this()] {
    self->stepping_ = false;
    self->step();
  });
}

void Wire::step() {
  if (!can_step()) return;
  ++network->activity;
  const Step step = std::move(steps_.front());
  steps_.pop_front();
  sent_before_ = sent_.size();
  arrived_ += step.bytes;
  closed_ = step.kind == Step::Kind::close;
  reset_ = step.kind == Step::Kind::reset;
  if (stream_ != nullptr && stream_->is_open()) stream_->stirred();
}

void Wire::close() {
  steps_.clear();
  if (closed_ || reset_) return;
  closed_ = true;
  ++network->activity;
  if (stream_ != nullptr && stream_->is_open()) stream_->stirred();
}

std::uint64_t Wire::when(std::size_t place) const noexcept {
  std::uint64_t time = 0;
  for (const auto& [begin, written] : writes_) {
    if (begin <= place) time = written;
  }
  return time;
}

}  // namespace spillway::fuzz

namespace spillway::net {

std::unique_ptr<Stream> adopt(Loop& loop, int) {
  return std::make_unique<fuzz::MemoryStream>(loop, fuzz::network->client);
}

awaitable<Result<std::unique_ptr<Stream>>> accept_tls(Loop&, int, std::shared_ptr<TlsServer>, TimePoint,
                                                      Cancellable**) {
  std::abort();
  co_return ErrorCode(Errc::cancelled);
}

awaitable<ErrorCode> connect(Loop& loop, const asio::ip::tcp::endpoint&, const std::shared_ptr<TlsClient>&, TimePoint,
                             CancelSlot& slot, std::unique_ptr<Stream>& out, Stage& stage) {
  stage = Stage::connect;
  if (slot.cancelled()) co_return Errc::cancelled;
  fuzz::Network& there = *fuzz::network;
  if (there.backends.empty()) co_return make_error_code(boost::system::errc::connection_refused);
  there.called.push_back(there.backends.front());
  there.backends.pop_front();
  out = std::make_unique<fuzz::MemoryStream>(loop, there.called.back());
  co_return ErrorCode();
}

}  // namespace spillway::net
