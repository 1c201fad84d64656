#include "spillway/base/base64url.hpp"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Base64url, WritesBytesWithoutPadding) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foo"), "Zm9v");
  EXPECT_EQ(base64url("\xFB\xFF\xFE"), "-__-");
}

TEST(Base64url, HasOneWayOfWritingEachValue) {
  EXPECT_EQ(decode_base64url("QQ"), "A");
  for (const char* other : {"QR", "Qf", "QQ==", "Q", "QUJ", "QUL"})
    EXPECT_EQ(decode_base64url(other), std::nullopt) << other;
  EXPECT_EQ(decode_base64url("QUI"), "AB");
  EXPECT_EQ(decode_base64url("-_-_"), "\xfb\xff\xbf");
  EXPECT_EQ(decode_base64url(""), "");
}

}  // namespace
}  // namespace spillway
