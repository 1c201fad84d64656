#include "spillway/base/failure.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

ErrorKind kind(Stage stage, ErrorCode error) {
  Failure failure;
  failure.stage = stage;
  failure.error = error;
  return failure.kind();
}

TEST(Failure, BeforeTheConnectionStandsIsConnect) {
  EXPECT_EQ(kind(Stage::resolve, Errc::name_not_found), ErrorKind::connect);
  EXPECT_EQ(kind(Stage::connect, make_error_code(boost::system::errc::connection_refused)), ErrorKind::connect);
  EXPECT_EQ(kind(Stage::connect, make_error_code(boost::system::errc::connection_reset)), ErrorKind::connect);
}

TEST(Failure, InTheHandshakeIsTls) {
  EXPECT_EQ(kind(Stage::handshake, Errc::tls_handshake), ErrorKind::tls);
  EXPECT_EQ(kind(Stage::handshake, Errc::end_of_stream), ErrorKind::tls);
}

TEST(Failure, ADeadlineIsTimeoutAtEveryStage) {
  for (const Stage stage :
       {Stage::resolve, Stage::connect, Stage::handshake, Stage::send, Stage::read_head, Stage::read_body}) {
    EXPECT_EQ(kind(stage, Errc::timeout), ErrorKind::timeout);
  }
}

TEST(Failure, AnAnswerThatBreaksTheProtocolIsInvalidResponse) {
  EXPECT_EQ(kind(Stage::read_head, Errc::bad_message), ErrorKind::invalid_response);
  EXPECT_EQ(kind(Stage::read_head, Errc::too_large), ErrorKind::invalid_response);
  EXPECT_EQ(kind(Stage::read_body, Errc::bad_message), ErrorKind::invalid_response);
}

TEST(Failure, AConnectionThatBreaksIsReset) {
  for (const Stage stage : {Stage::send, Stage::read_head, Stage::read_body}) {
    EXPECT_EQ(kind(stage, Errc::end_of_stream), ErrorKind::reset);
    EXPECT_EQ(kind(stage, Errc::truncated), ErrorKind::reset);
    EXPECT_EQ(kind(stage, Errc::tls_protocol), ErrorKind::reset);
    EXPECT_EQ(kind(stage, make_error_code(boost::system::errc::connection_reset)), ErrorKind::reset);
  }
}

TEST(Failure, KindsAreCalledAsTheConfigurationWritesThem) {
  EXPECT_EQ(name(ErrorKind::connect), "connect");
  EXPECT_EQ(name(ErrorKind::tls), "tls");
  EXPECT_EQ(name(ErrorKind::timeout), "timeout");
  EXPECT_EQ(name(ErrorKind::reset), "reset");
  EXPECT_EQ(name(ErrorKind::invalid_response), "invalid_response");
}

TEST(Errc, EveryErrorHasItsOwnMessage) {
  std::vector<std::string> messages;
  for (int value = 1; value <= static_cast<int>(Errc::no_connection_slot); ++value) {
    const ErrorCode error = static_cast<Errc>(value);
    EXPECT_TRUE(error.failed());
    EXPECT_STREQ(error.category().name(), "spillway");
    EXPECT_NE(error.message(), "unknown error") << value;
    for (const std::string& other : messages) EXPECT_NE(error.message(), other);
    messages.push_back(error.message());
  }
}

}  // namespace
}  // namespace spillway
