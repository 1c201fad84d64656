#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "tls_files.hpp"

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

// That everything is measured, not what comes of it: the machine may be busy.
TEST(LabOverhead, MeasuresEachWayAndSavesIt) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/overhead.json";
  const Finished done = run_program({lab, "scenario", "overhead", "--gateway", gateway, "--rate", "50", "--duration",
                                     "1200ms", "--rounds", "2", "--json", file});
  EXPECT_EQ(done.code, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("50 requests a second, 2 rounds"));
  EXPECT_THAT(done.out, HasSubstr("=> as it should be"));
  std::ifstream in(file);
  const auto saved = nlohmann::json::parse(in);
  EXPECT_EQ(saved["as_expected"], true);
  ASSERT_EQ(saved["measured"].size(), 3U);
  for (const auto& measured : saved["measured"]) {
    ASSERT_EQ(measured["ways"].size(), 3U) << measured;
    for (const auto& way : measured["ways"]) {
      EXPECT_EQ(way["requests"], 10) << "due after 0, 20, 40, 60 and 80 ms, twice";
      EXPECT_GT(way["p50_us"], 0);
      EXPECT_GE(way["p99_us"], way["p50_us"]);
      EXPECT_EQ(way.contains("added_us"), way["name"] != "direct");
    }
  }
}

TEST(LabOverhead, OptionsThatMakeNoSenseAreUsageErrors) {
  EXPECT_EQ(run_program({lab, "scenario", "weighted", "--rate", "50"}).code, 2);
  EXPECT_EQ(run_program({lab, "scenario", "overhead", "--rate", "fast"}).code, 2);
  EXPECT_EQ(run_program({lab, "scenario", "overhead", "--duration", "1ms"}).code, 2);
  EXPECT_EQ(run_program({lab, "scenario", "overhead", "--json", "/nothing/there"}).code, 2);
}

TEST(LabCommand, AreListed) {
  const Finished done = run_program({lab, "scenario", "--list"});
  EXPECT_EQ(done.code, 0);
  for (const char* name :
       {"round_robin", "weighted", "priority", "spillover", "breaker", "latency", "routing_seed", "overhead", "all"})
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
