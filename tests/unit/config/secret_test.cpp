#include "spillway/config/secret.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>

namespace spillway::config {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, T08CannotBePrintedOrConverted) {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
  SUCCEED();
}

TEST(Secret, ShowsItsValueOnlyWhenAsked) {
  const Secret secret("k-1");
  EXPECT_EQ(secret.reveal(), "k-1");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, T09IsEqualWhenTheBytesAre) {
  EXPECT_TRUE(Secret("abc") == Secret("abc"));
  EXPECT_FALSE(Secret("abc") == Secret("abd"));
  EXPECT_FALSE(Secret("abc") == Secret("abcd"));
  EXPECT_TRUE(Secret() == Secret(""));
}

TEST(Secret, T08LeavesNothingBehindWhenMoved) {
  for (const std::string& value : {std::string("short"), std::string(100, 'x')}) {
    Secret from(value);
    Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), value);
    EXPECT_TRUE(from.empty());  // NOLINT: what is left is the point
    Secret assigned("old");
    assigned = std::move(to);
    EXPECT_EQ(assigned.reveal(), value);
    EXPECT_TRUE(to.empty());  // NOLINT
  }
}

TEST(Secret, SurvivesAssignmentToItself) {
  Secret secret("value");
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.reveal(), "value");
}

}  // namespace
}  // namespace spillway::config
