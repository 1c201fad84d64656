#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"

// The lab's scenarios with the built gateway.
namespace spillway::test {
namespace {

using testing::HasSubstr;

constexpr char lab[] = SPILLWAY_LAB_PROGRAM;
constexpr char gateway[] = SPILLWAY_PROGRAM;

class LabScenario : public testing::TestWithParam<const char*> {};

TEST_P(LabScenario, IsAsExpected) {
  const Finished done = run_program({lab, "scenario", GetParam(), "--gateway", gateway});
  EXPECT_EQ(done.code, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("=> as it should be"));
}

// Not `latency`: it watches the clock for half a minute, and a busy machine would be its verdict.
INSTANTIATE_TEST_SUITE_P(Routing, LabScenario,
                         testing::Values("round_robin", "weighted", "priority", "spillover", "breaker", "routing_seed"),
                         [](const auto& scenario) { return std::string(scenario.param); });

TEST(LabCommand, AreListed) {
  const Finished done = run_program({lab, "scenario", "--list"});
  EXPECT_EQ(done.code, 0);
  for (const char* name :
       {"round_robin", "weighted", "priority", "spillover", "breaker", "latency", "routing_seed", "all"})
    EXPECT_THAT(done.out, HasSubstr(name));
}

TEST(LabCommand, AnUnknownOneIsAUsageError) {
  EXPECT_EQ(run_program({lab, "scenario", "wighted"}).code, 2);
  EXPECT_EQ(run_program({lab, "scenario"}).code, 2);
  EXPECT_EQ(run_program({lab, "scenario", "weighted", "--list"}).code, 2);
}

TEST(LabCommand, AGatewayThatIsNoneIsAFailure) {
  const Finished done = run_program({lab, "scenario", "weighted", "--gateway", "/nothing/there"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, HasSubstr("/nothing/there"));
}

}  // namespace
}  // namespace spillway::test
