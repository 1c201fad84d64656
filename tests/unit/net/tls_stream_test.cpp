#include <array>
#include <thread>

#include "net/socket_base.hpp"
#include "pair.hpp"
#include "spillway/net/tls.hpp"
#include "tls_files.hpp"

namespace spillway::net {
namespace {

class TlsStreamTest : public StreamTest {
 protected:
  static std::shared_ptr<TlsServer> server() {
    const test::CertificateFiles files = test::make_certificate();
    std::string problem;
    TlsServer::Options options;
    options.certificate = files.certificate;
    options.private_key = files.private_key;
    return TlsServer::make(options, problem).value();
  }
  static std::shared_ptr<TlsClient> client(const std::string& name = "localhost") {
    std::string problem;
    TlsClient::Options options;
    options.ca = test::test_ca_file();
    options.server_name = name;
    return TlsClient::make(options, problem).value();
  }

  awaitable<void> accept(std::shared_ptr<TlsServer> tls, int descriptor, TimePoint deadline) {
    Result<std::unique_ptr<Stream>> accepted =
        co_await accept_tls(loop_, descriptor, std::move(tls), deadline, &handshaking_);
    if (accepted)
      stream_ = std::move(*accepted);
    else
      error_ = accepted.error();
  }
  // A TLS stream of the server's side; `peer_` is the client.
  void accept_one() {
    const int descriptor = connect_pair(peer_);
    std::thread other([&] { EXPECT_TRUE(peer_.start_tls_client(test::test_ca_file(), "localhost")); });
    run(accept(server(), descriptor, in(20'000)));
    other.join();
    ASSERT_TRUE(stream_);
  }

  awaitable<void> connect_to(std::uint16_t port, std::shared_ptr<TlsClient> tls, TimePoint deadline) {
    const asio::ip::tcp::endpoint address(asio::ip::address_v4::loopback(), port);
    error_ = co_await connect(loop_, address, tls, deadline, slot_, stream_, stage_);
  }

  test::Socket peer_;
  std::unique_ptr<Stream> stream_;
  Cancellable* handshaking_ = nullptr;
  ErrorCode error_;
  CancelSlot slot_;
  Stage stage_ = Stage::resolve;
};

TEST_F(TlsStreamTest, BytesPassBothWays) {
  accept_one();
  EXPECT_TRUE(stream_->is_tls());
  peer_.send("ping");
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "ping");
  const std::array<asio::const_buffer, 3> parts = {asio::buffer("a", 1), asio::const_buffer(), asio::buffer("bc", 2)};
  EXPECT_EQ(stream_->try_write(parts).bytes, 3U);
  EXPECT_EQ(peer_.receive(), "abc") << "in one record";
}

TEST_F(TlsStreamTest, WhatTheTlsLayerHoldsIsTold) {
  accept_one();
  peer_.send("hello");
  char byte = 0;
  Io io;
  run_until([&] {
    io = stream_->try_read(asio::buffer(&byte, 1));
    return !io.error;
  });
  EXPECT_TRUE(stream_->has_buffered());
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "ello");
  EXPECT_FALSE(stream_->has_buffered());
}

TEST_F(TlsStreamTest, MoreThanTheSocketHoldsIsWrittenRecordByRecord) {
  accept_one();
  std::string bytes;
  for (int i = 0; bytes.size() < (8 << 20); ++i) bytes += std::to_string(i);
  std::string received;
  std::thread reader([&] {
    while (received.size() < bytes.size()) received += peer_.receive();
  });
  run(write_all(*stream_, bytes, Milliseconds(20'000)));
  reader.join();
  EXPECT_EQ(written_, ErrorCode());
  EXPECT_TRUE(received == bytes);
}

TEST_F(TlsStreamTest, GatheredPiecesOfAnySizeArriveInOrder) {
  accept_one();
  for (const std::size_t size : {1U, 16'383U, 16'384U, 16'385U, 100'000U}) {
    const std::string head(100, 'h');
    const std::string body(size, 'b');
    const std::string tail(30'000, 't');
    std::string received;
    std::thread reader([&] {
      while (received.size() < head.size() + size + tail.size()) received += peer_.receive();
    });
    const std::array<asio::const_buffer, 3> parts = {asio::buffer(head), asio::buffer(body), asio::buffer(tail)};
    const auto write = [](Stream& to, std::span<const asio::const_buffer> what) -> awaitable<void> {
      EXPECT_FALSE(co_await to.write(what, Milliseconds(20'000)));
    };
    run(write(*stream_, parts));
    reader.join();
    EXPECT_TRUE(received == head + body + tail) << size;
  }
}

TEST_F(TlsStreamTest, AnEndWithTheCloseAlertIsOrderlyAndOneWithoutIsACut) {
  accept_one();
  peer_.close();
  EXPECT_EQ(read(*stream_), Errc::end_of_stream);
  accept_one();
  peer_.shutdown_send();
  EXPECT_EQ(read(*stream_), Errc::truncated);
}

TEST_F(TlsStreamTest, ClosingSaysGoodbyeAndAbortingDoesNot) {
  accept_one();
  stream_->close();
  EXPECT_EQ(peer_.receive(), "");
  EXPECT_FALSE(peer_.was_reset());
  accept_one();
  stream_->abort();
  EXPECT_EQ(peer_.receive(), "");
  EXPECT_TRUE(peer_.was_reset());
}

TEST_F(TlsStreamTest, AClosedStreamIsNotReadThroughItsDescriptorsNumber) {
  accept_one();
  const auto closed = std::move(stream_);
  closed->close();
  accept_one();
  peer_.send("not yours");
  char bytes[16];
  EXPECT_EQ(closed->try_read(asio::buffer(bytes)).error, Errc::cancelled);
  const std::array<asio::const_buffer, 1> part = {asio::buffer("x", 1)};
  EXPECT_EQ(closed->try_write(part).error, Errc::cancelled);
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "not yours");
}

TEST_F(TlsStreamTest, AStalledHandshakeEndsAtItsDeadline) {
  const int descriptor = connect_pair(peer_);
  run(accept(server(), descriptor, in(5)));
  EXPECT_EQ(error_, Errc::timeout);
  EXPECT_EQ(peer_.receive(), "");
}

TEST_F(TlsStreamTest, AHandshakeCanBeCancelled) {
  bool ended = false;
  spawn(accept(server(), connect_pair(peer_), no_deadline), [&] { ended = true; });
  run_until([&] { return handshaking_ != nullptr; });
  handshaking_->cancel();
  run_until([&] { return ended; });
  EXPECT_EQ(error_, Errc::cancelled);
}

TEST_F(TlsStreamTest, ARefusedClientCanReadWhy) {
  const int descriptor = connect_pair(peer_);
  std::string alert;
  std::thread other([&] {
    peer_.send(std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10));
    alert = peer_.receive();
  });
  run(accept(server(), descriptor, in(20'000)));
  other.join();
  EXPECT_EQ(error_, Errc::tls_handshake);
  EXPECT_TRUE(alert.starts_with("\x15")) << "an alert, not a reset";
}

TEST_F(TlsStreamTest, AConnectionIsVerifiedByName) {
  test::TlsServerContext context;
  for (const char* name : {"localhost", "127.0.0.1", "other.test", "127.0.0.2"}) {
    std::thread other([&] {
      peer_ = listening_.accept();
      peer_.start_tls_server(context.get());
    });
    run(connect_to(listening_.port(), client(name), in(20'000)));
    const bool right = name == std::string("localhost") || name == std::string("127.0.0.1");
    EXPECT_EQ(error_, right ? ErrorCode() : ErrorCode(Errc::tls_handshake)) << name;
    EXPECT_EQ(stage_, Stage::handshake);
    stream_.reset();
    other.join();
  }
}

TEST_F(TlsStreamTest, AServerThatSaysNothingIsATimeoutOfTheHandshake) {
  run(connect_to(listening_.port(), client(), in(5)));
  EXPECT_EQ(error_, Errc::timeout);
  EXPECT_EQ(stage_, Stage::handshake);
}

TEST_F(TlsStreamTest, ARefusedConnectionFailsBeforeTheHandshake) {
  listening_.close();
  run(connect_to(listening_.port(), client(), in(20'000)));
  EXPECT_EQ(error_, boost::system::errc::connection_refused);
  EXPECT_EQ(stage_, Stage::connect);
}

TEST_F(TlsStreamTest, AConnectionCanBeCancelled) {
  bool ended = false;
  spawn(connect_to(listening_.port(), client(), no_deadline), [&] { ended = true; });
  settle();
  slot_.cancel();
  run_until([&] { return ended; });
  EXPECT_EQ(error_, Errc::cancelled);
  EXPECT_FALSE(stream_);
}

}  // namespace
}  // namespace spillway::net
