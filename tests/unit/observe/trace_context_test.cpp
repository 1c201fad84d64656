#include "spillway/observe/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

#include "spillway/base/text.hpp"

namespace spillway::observe {
namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string span = "00f067aa0ba902b7";
const std::string usual = "00-" + trace + "-" + span + "-01";

TEST(TraceParentText, IsReadAndWrittenTheSame) {
  const auto parent = parse_traceparent(usual);
  ASSERT_TRUE(parent);
  EXPECT_EQ(to_hex(parent->trace), trace);
  EXPECT_EQ(to_hex(parent->span), span);
  EXPECT_TRUE(parent->sampled);
  EXPECT_FALSE(parent->random);
  EXPECT_EQ(format_traceparent(*parent), usual);
}

TEST(TraceParentText, KeepsTheFlagsThatAreDefinedAndNoOther) {
  const auto flags = [](const std::string& text) {
    return format_traceparent(parse_traceparent("00-" + trace + "-" + span + "-" + text).value()).substr(53);
  };
  EXPECT_EQ(flags("00"), "00");
  EXPECT_EQ(flags("02"), "02");
  EXPECT_EQ(flags("03"), "03");
  EXPECT_EQ(flags("ff"), "03");
  EXPECT_EQ(flags("fc"), "00");
}

TEST(TraceParentText, OfALaterVersionIsReadAsFarAsItIsKnown) {
  const std::string rest = "-" + trace + "-" + span + "-01";
  for (const std::string& text : {"01" + rest, "fe" + rest, "cc" + rest + "-what-may-come"}) {
    const auto parent = parse_traceparent(text);
    ASSERT_TRUE(parent) << text;
    EXPECT_EQ(format_traceparent(*parent), usual);
  }
}

TEST(TraceParentText, ThatIsNotToTheLetterIsNone) {
  const std::string zeros(32, '0');
  const std::string ids = trace + "-" + span;
  const std::string wrong[] = {
      "",
      "00",
      "00-" + ids,
      "00-" + ids + "-",
      "00-" + ids + "-1",
      "00-" + ids + "-0g",
      "00-" + ids + "-01-",
      "00-" + ids + "-01-more",
      "00-" + ids + "-011",
      "01-" + ids + "-01x",
      "ff-" + ids + "-01",
      "FE-" + ids + "-01",
      "0x-" + ids + "-01",
      " " + usual,
      usual + " ",
      "00-" + zeros + "-" + span + "-01",
      "00-" + trace + "-" + zeros.substr(0, 16) + "-01",
      "00-" + trace + "-" + "00F067AA0BA902B7" + "-01",
      "00-" + std::string("4BF92F3577B34DA6A3CE929D0E0E4736") + "-" + span + "-01",
      "00_" + ids + "-01",
      "00-" + trace + "_" + span + "-01",
      "00-" + ids + "_01",
      usual + "," + usual,
  };
  for (const std::string& text : wrong) EXPECT_FALSE(parse_traceparent(text)) << text;
}

TraceId with_last(std::uint8_t first, std::uint8_t rest) {
  TraceId id{};
  id.fill(rest);
  id[9] = first;
  return id;
}

TEST(Sampling, TakesTheShareByTheRandomPartOfTheId) {
  EXPECT_FALSE(is_sampled(with_last(0, 1), 0.0));
  EXPECT_TRUE(is_sampled(with_last(0xFF, 0xFF), 1.0));
  EXPECT_TRUE(is_sampled(with_last(0x3F, 0xFF), 0.25));
  EXPECT_FALSE(is_sampled(with_last(0x40, 0x00), 0.25));
  EXPECT_TRUE(is_sampled(with_last(0x7F, 0xFF), 0.5));
  EXPECT_FALSE(is_sampled(with_last(0x80, 0x00), 0.5));
}

TEST(Sampling, DoesNotLookAtTheFirstHalf) {
  TraceId id = with_last(0x10, 0x10);
  id[0] = 0xFF;
  EXPECT_TRUE(is_sampled(id, 0.1));
  EXPECT_FALSE(is_sampled(id, 0.01));
}

}  // namespace
}  // namespace spillway::observe
