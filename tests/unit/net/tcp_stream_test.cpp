#include <array>
#include <thread>

#include "pair.hpp"

namespace spillway::net {
namespace {

class TcpStreamTest : public StreamTest {
 protected:
  test::Socket peer_;
  std::unique_ptr<Stream> stream_ = adopt(loop_, connect_pair(peer_));
};

TEST_F(TcpStreamTest, ReadsWhatHasCome) {
  peer_.send("hello");
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "hello");
}

TEST_F(TcpStreamTest, WaitsForWhatWillCome) {
  spawn(read_one(*stream_, no_deadline), [] {});
  settle();
  EXPECT_FALSE(io_);
  peer_.send("later");
  run_until([&] { return io_.has_value(); });
  EXPECT_EQ(text_, "later");
}

TEST_F(TcpStreamTest, TellsAnOrderlyEndFromAReset) {
  peer_.shutdown_send();
  EXPECT_EQ(read(*stream_), Errc::end_of_stream);
  test::Socket other;
  const auto second = adopt(loop_, connect_pair(other));
  other.reset();
  EXPECT_EQ(read(*second), boost::system::errc::connection_reset);
}

TEST_F(TcpStreamTest, AReadEndsAtItsDeadlineAndAnotherCanFollow) {
  EXPECT_EQ(read(*stream_, in(1)), Errc::timeout);
  peer_.send("x");
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "x");
}

TEST_F(TcpStreamTest, AReadEndsWhenCancelledAndAnotherCanFollow) {
  spawn(read_one(*stream_, no_deadline), [] {});
  settle();
  stream_->cancel();
  run_until([&] { return io_.has_value(); });
  EXPECT_EQ(io_->error, Errc::cancelled);
  peer_.send("x");
  EXPECT_FALSE(read(*stream_));
}

TEST_F(TcpStreamTest, AReadEndsWhenTheStreamIsClosed) {
  spawn(read_one(*stream_, no_deadline), [] {});
  settle();
  stream_->close();
  run_until([&] { return io_.has_value(); });
  EXPECT_EQ(io_->error, Errc::cancelled);
  EXPECT_FALSE(stream_->is_open());
}

TEST_F(TcpStreamTest, SeveralBuffersGoOutTogetherAndInOrder) {
  const std::array<asio::const_buffer, 4> parts = {asio::buffer("head|", 5), asio::const_buffer(),
                                                   asio::buffer("body|", 5), asio::buffer("end", 3)};
  const Io io = stream_->try_write(parts);
  EXPECT_FALSE(io.error);
  EXPECT_EQ(io.bytes, 13U);
  EXPECT_EQ(peer_.receive(), "head|body|end");
}

TEST_F(TcpStreamTest, MoreThanTheSocketHoldsIsWrittenPieceByPiece) {
  std::string bytes;
  for (int i = 0; bytes.size() < (16 << 20); ++i) bytes += std::to_string(i);
  std::string received;
  std::thread reader([&] {
    while (received.size() < bytes.size()) received += peer_.receive();
  });
  run(write_all(*stream_, bytes, Milliseconds(20'000)));
  reader.join();
  EXPECT_EQ(written_, ErrorCode());
  EXPECT_TRUE(received == bytes);
}

TEST_F(TcpStreamTest, AWriteEndsWhenThePeerTakesNothingForTooLong) {
  const std::string bytes(64 << 20, 'x');
  run(write_all(*stream_, bytes, Milliseconds(5)));
  EXPECT_EQ(written_, ErrorCode(Errc::timeout));
}

TEST_F(TcpStreamTest, AWriteEndsWhenCancelled) {
  const std::string bytes(64 << 20, 'x');
  spawn(write_all(*stream_, bytes, Milliseconds(0)), [] {});
  settle();
  stream_->cancel();
  run_until([&] { return written_.has_value(); });
  EXPECT_EQ(written_, ErrorCode(Errc::cancelled));
}

TEST_F(TcpStreamTest, AWriteToAPeerThatHasGoneIsAnErrorAndNoSignal) {
  peer_.reset();
  const std::string bytes(64 << 20, 'x');
  run(write_all(*stream_, bytes, Milliseconds(20'000)));
  EXPECT_TRUE(written_.value_or(ErrorCode()));
}

TEST_F(TcpStreamTest, AWatcherIsToldOnceWhenBytesCome) {
  Notice notice;
  stream_->watch(notice);
  settle();
  EXPECT_EQ(notice.times, 0);
  peer_.send("a");
  run_until([&] { return notice.times != 0; });
  peer_.send("b");
  settle();
  EXPECT_EQ(notice.times, 1);
}

TEST_F(TcpStreamTest, AWatcherIsToldOfBytesThatAreThereAlreadyAndOfTheEnd) {
  Notice notice;
  peer_.send("a");
  stream_->watch(notice);
  run_until([&] { return notice.times == 1; });
  char byte = 0;
  EXPECT_EQ(stream_->try_read(asio::buffer(&byte, 1)).bytes, 1U);
  stream_->watch(notice);
  settle();
  EXPECT_EQ(notice.times, 1) << "what was read is not told of again";
  peer_.close();
  run_until([&] { return notice.times == 2; });
}

TEST_F(TcpStreamTest, AnUnwatchedStreamTellsNobodyAndKeepsItsBytes) {
  Notice notice;
  stream_->watch(notice);
  stream_->unwatch();
  peer_.send("a");
  settle();
  EXPECT_EQ(notice.times, 0);
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "a");
}

TEST_F(TcpStreamTest, AWatchGoesOnWhileAWriteWaits) {
  Notice notice;
  const std::string bytes(64 << 20, 'x');
  spawn(write_all(*stream_, bytes, Milliseconds(0)), [] {});
  settle();
  stream_->watch(notice);
  peer_.send("a");
  run_until([&] { return notice.times == 1; });
  EXPECT_FALSE(written_);
  stream_->cancel();
  run_until([&] { return written_.has_value(); });
}

TEST_F(TcpStreamTest, AWatchEndsWithTheStream) {
  Notice notice;
  stream_->watch(notice);
  peer_.send("a");
  stream_->close();
  settle();
  stream_.reset();
  settle();
  EXPECT_EQ(notice.times, 0);
}

TEST_F(TcpStreamTest, AStreamMayDieWhileItIsWatched) {
  Notice notice;
  stream_->watch(notice);
  peer_.send("a");
  stream_.reset();
  settle();
  EXPECT_EQ(notice.times, 0);
  EXPECT_EQ(peer_.receive(), "") << "and its peer sees that";
}

// The kernel gives the lowest free number to the next descriptor, which may be somebody else's connection.
TEST_F(TcpStreamTest, AClosedStreamNeverTouchesTheDescriptorThatGotItsNumber) {
  stream_->close();
  test::Socket other_peer;
  const auto other = adopt(loop_, connect_pair(other_peer));
  other_peer.send("not yours");
  char bytes[16];
  EXPECT_EQ(stream_->try_read(asio::buffer(bytes)).error, Errc::cancelled);
  const std::array<asio::const_buffer, 1> part = {asio::buffer("x", 1)};
  EXPECT_EQ(stream_->try_write(part).error, Errc::cancelled);
  stream_->shutdown_send();
  stream_->abort();
  EXPECT_FALSE(read(*other));
  EXPECT_EQ(text_, "not yours");
}

TEST_F(TcpStreamTest, AnAbortIsAReset) {
  stream_->abort();
  EXPECT_EQ(peer_.receive(), "");
  EXPECT_TRUE(peer_.was_reset());
}

TEST_F(TcpStreamTest, OnlyTheSendingSideCanBeClosed) {
  stream_->shutdown_send();
  EXPECT_EQ(peer_.receive(), "");
  EXPECT_FALSE(peer_.was_reset());
  peer_.send("still read");
  EXPECT_FALSE(read(*stream_));
  EXPECT_EQ(text_, "still read");
}

TEST_F(TcpStreamTest, NamesItsPeer) {
  EXPECT_TRUE(stream_->peer().starts_with("127.0.0.1:"));
}

}  // namespace
}  // namespace spillway::net
