#include <array>
#include <thread>

#include "net/socket_base.hpp"
#include "pair.hpp"
#include "spillway/net/tls.hpp"
#include "tls_files.hpp"

namespace spillway::net {
namespace {

std::string pattern(std::size_t size, char first) {
  std::string bytes(size, first);
  for (std::size_t i = 0; i < size; i += 97) bytes[i] = static_cast<char>('0' + i / 97 % 10);
  return bytes;
}

// One coroutine reads a stream while another writes to it. The parameter: over TLS.
class DuplexTest : public StreamTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    const int descriptor = connect_pair(peer_);
    if (!GetParam()) {
      stream_ = adopt(loop_, descriptor);
      return;
    }
    const test::CertificateFiles files = test::make_certificate();
    TlsServer::Options options;
    options.certificate = files.certificate;
    options.private_key = files.private_key;
    std::string problem;
    const std::shared_ptr<TlsServer> tls = TlsServer::make(options, problem).value();
    std::thread other([&] { EXPECT_TRUE(peer_.start_tls_client(test::test_ca_file(), "localhost")); });
    run(accept(tls, descriptor));
    other.join();
    ASSERT_TRUE(stream_);
  }

  awaitable<void> accept(std::shared_ptr<TlsServer> tls, int descriptor) {
    Cancellable* handshaking = nullptr;
    const TimePoint deadline = in(20'000);
    Result<std::unique_ptr<Stream>> accepted =
        co_await accept_tls(loop_, descriptor, std::move(tls), deadline, &handshaking);
    if (accepted) stream_ = std::move(*accepted);
  }

  awaitable<void> read_all(std::string& into) {
    char bytes[8192];
    const asio::mutable_buffer room(bytes, sizeof bytes);
    for (;;) {
      const Io io = co_await stream_->read_some(room, no_deadline);
      if (io.error) {
        read_error_ = io.error;
        co_return;
      }
      into.append(bytes, io.bytes);
    }
  }

  test::Socket peer_;
  std::unique_ptr<Stream> stream_;
  std::optional<ErrorCode> read_error_;
};

INSTANTIATE_TEST_SUITE_P(Streams, DuplexTest, testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "Tls" : "Tcp"; });

class TlsDuplexTest : public DuplexTest {};
INSTANTIATE_TEST_SUITE_P(Streams, TlsDuplexTest, testing::Values(true));

TEST_P(DuplexTest, AReaderGoesOnWhileAWriterWaitsForRoom) {
  const std::string out(64 << 20, 'x');
  std::string received;
  spawn(write_all(*stream_, out, Milliseconds(0)), [] {});
  spawn(read_all(received), [] {});
  settle();
  ASSERT_FALSE(written_) << "the peer takes nothing";
  peer_.send("hello");
  run_until([&] { return received == "hello"; });
  peer_.send("again");
  run_until([&] { return received == "helloagain"; });
  EXPECT_FALSE(written_);
  stream_->cancel();
  run_until([&] { return written_ && read_error_; });
}

TEST_P(DuplexTest, AWriterGoesOnWhileAReaderWaitsForBytes) {
  std::string received;
  spawn(read_all(received), [] {});
  settle();
  const std::string out = pattern(8 << 20, 'w');
  std::string got;
  std::thread reader([&] {
    while (got.size() < out.size()) got += peer_.receive();
  });
  run(write_all(*stream_, out, Milliseconds(20'000)));
  reader.join();
  EXPECT_EQ(written_, ErrorCode());
  EXPECT_TRUE(got == out);
  EXPECT_FALSE(read_error_);
  stream_->cancel();
  run_until([&] { return read_error_.has_value(); });
}

TEST_P(DuplexTest, BothDirectionsArriveWholeAndInOrder) {
  const std::string out = pattern(8 << 20, 'o');
  const std::string in_bytes = pattern(8 << 20, 'i');
  std::string received;
  std::string got;
  spawn(write_all(*stream_, out, Milliseconds(20'000)), [] {});
  spawn(read_all(received), [] {});
  // The peer's own socket is used by one thread: it writes a piece, then reads one.
  std::thread other([&] {
    constexpr std::size_t piece = 64 << 10;
    for (std::size_t at = 0; at < in_bytes.size(); at += piece) {
      peer_.send(std::string_view(in_bytes).substr(at, piece));
      const std::size_t wanted = std::min(out.size(), at + piece);
      while (got.size() < wanted) got += peer_.receive();
    }
  });
  run_until([&] { return written_ && received.size() == in_bytes.size(); });
  other.join();
  EXPECT_TRUE(got == out);
  EXPECT_TRUE(received == in_bytes);
  stream_->cancel();
  run_until([&] { return read_error_.has_value(); });
}

TEST_P(DuplexTest, CancellingEndsBothWaits) {
  const std::string out(64 << 20, 'x');
  std::string received;
  spawn(write_all(*stream_, out, Milliseconds(0)), [] {});
  spawn(read_all(received), [] {});
  settle();
  stream_->cancel();
  run_until([&] { return written_ && read_error_; });
  EXPECT_EQ(*written_, ErrorCode(Errc::cancelled));
  EXPECT_EQ(*read_error_, ErrorCode(Errc::cancelled));
}

TEST_P(DuplexTest, ClosingEndsBothWaits) {
  const std::string out(64 << 20, 'x');
  std::string received;
  spawn(write_all(*stream_, out, Milliseconds(0)), [] {});
  spawn(read_all(received), [] {});
  settle();
  stream_->close();
  run_until([&] { return written_ && read_error_; });
  EXPECT_EQ(*read_error_, ErrorCode(Errc::cancelled));
}

TEST_P(DuplexTest, ADeadlineEndsOneWaitOnly) {
  const std::string out(64 << 20, 'x');
  std::string received;
  spawn(read_all(received), [] {});
  run(write_all(*stream_, out, Milliseconds(5)));
  EXPECT_EQ(*written_, ErrorCode(Errc::timeout));
  EXPECT_FALSE(read_error_);
  peer_.send("hello");
  run_until([&] { return received == "hello"; });
  stream_->cancel();
  run_until([&] { return read_error_.has_value(); });
}

TEST_P(DuplexTest, BytesStillComeAfterOurSideHasEnded) {
  std::string received;
  spawn(read_all(received), [] {});
  settle();
  stream_->shutdown_send();
  EXPECT_EQ(peer_.receive(), "");
  EXPECT_FALSE(peer_.was_reset());
  peer_.send("still read");
  run_until([&] { return received == "still read"; });
  stream_->cancel();
  run_until([&] { return read_error_.has_value(); });
}

// RFC 8446 4.6.3: the answer to a key update stands in the way of further writes, of which one is under way here.
TEST_P(TlsDuplexTest, AKeyUpdateDisturbsNeitherDirection) {
  const std::string out = pattern(16 << 20, 'o');
  std::string received;
  spawn(write_all(*stream_, out, Milliseconds(20'000)), [] {});
  spawn(read_all(received), [] {});
  settle();
  ASSERT_FALSE(written_) << "the peer takes nothing";
  ASSERT_EQ(SSL_key_update(peer_.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
  peer_.send("hello");
  for (int i = 0; i < 100 && received.empty(); ++i) settle();
  std::string got;
  std::thread reader([&] {
    while (got.size() < out.size()) {
      const std::string piece = peer_.receive();
      if (piece.empty()) break;
      got += piece;
    }
  });
  run_until([&] { return written_ && received == "hello"; });
  reader.join();
  EXPECT_EQ(*written_, ErrorCode());
  EXPECT_TRUE(got == out);
  stream_->cancel();
  run_until([&] { return read_error_.has_value(); });
}

// The reader destroys the stream from inside its wake-up, while the descriptor is ready for the writer too.
TEST_P(DuplexTest, WhoeverGoesOnFirstMayCloseTheStream) {
  const std::string out(64 << 20, 'x');
  std::string received;
  spawn(write_all(*stream_, out, Milliseconds(0)), [] {});
  spawn(read_all(received), [&] { stream_->close(); });
  settle();
  peer_.close();
  run_until([&] { return written_ && read_error_; });
  EXPECT_TRUE(*written_);
}

}  // namespace
}  // namespace spillway::net
