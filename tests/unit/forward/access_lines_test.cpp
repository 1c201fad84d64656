#include "spillway/forward/access_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "spillway/base/log.hpp"

namespace spillway::forward {
namespace {

class AccessLinesTest : public testing::Test {
 protected:
  AccessLinesTest() {
    settings_.access = true;
    settings_.format = log::Format::json;
    record_.method = "POST";
    record_.path = "/openai/v1/responses";
    record_.status = 200;
  }

  // What standard output has when `act` is done and the log is written out.
  static std::string written(const std::function<void()>& act) {
    testing::internal::CaptureStdout();
    log::configure(log::Level::info, log::Format::json);
    act();
    log::flush();
    return testing::internal::GetCapturedStdout();
  }
  static long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

  net::Loop loop_;
  config::Log settings_;
  observe::AccessRecord record_;
};

TEST_F(AccessLinesTest, LinesAreHandedOverTogetherSoonAfterTheFirst) {
  const std::string early = written([&] {
    AccessLines access(loop_);
    access.add(settings_, record_);
    access.add(settings_, record_);
    EXPECT_NE(loop_.timers().next(), no_deadline);
    loop_.turn(no_deadline);  // ends with the alarm
    EXPECT_EQ(loop_.timers().next(), no_deadline);
  });
  EXPECT_EQ(lines(early), 2);
}

TEST_F(AccessLinesTest, WhatIsLeftIsHandedOverAtTheEnd) {
  const std::string text = written([&] {
    AccessLines access(loop_);
    access.add(settings_, record_);
  });
  EXPECT_EQ(lines(text), 1);
  EXPECT_NE(text.find("\"path\":\"/openai/v1/responses\""), std::string::npos);
}

TEST_F(AccessLinesTest, ManyDoNotWaitForTheAlarm) {
  const std::string text = written([&] {
    AccessLines access(loop_);
    for (int i = 0; i < 150; ++i) access.add(settings_, record_);
    log::info("afterwards");
  });
  EXPECT_EQ(lines(text), 151);
  EXPECT_FALSE(text.ends_with("\"afterwards\"}\n")) << "the last few wait for the alarm";
  EXPECT_NE(text.find("\"afterwards\"}\n"), std::string::npos);
}

TEST_F(AccessLinesTest, WithoutAnAccessLogThereIsNoLine) {
  settings_.access = false;
  EXPECT_EQ(written([&] {
              AccessLines access(loop_);
              access.add(settings_, record_);
            }),
            "");
}

}  // namespace
}  // namespace spillway::forward
