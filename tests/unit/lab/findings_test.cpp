#include "lab/findings.hpp"

#include <gtest/gtest.h>

#include <set>

#include "lab/commands.hpp"
#include "lab/lab_config.hpp"
#include "lab/scenarios.hpp"

namespace spillway::lab {
namespace {

TEST(Findings, SayWhetherTheyAreMet) {
  EXPECT_TRUE(exactly("a", 100, 100).met);
  EXPECT_FALSE(exactly("a", 100, 99).met);
  EXPECT_TRUE(is("a", "closed", "closed").met);
  EXPECT_EQ(is("a", "closed", "").observed, "nothing");
  EXPECT_TRUE(between("a", 45, 55, 45).met);
  EXPECT_TRUE(between("a", 45, 55, 55).met);
  EXPECT_FALSE(between("a", 45, 55, 55.1).met);
  EXPECT_TRUE(one_of("a", {"13/7", "14/6"}, "14/6").met);
  EXPECT_FALSE(one_of("a", {"13/7", "14/6"}, "17/3").met);
}

TEST(Findings, NoneIsNotGood) {
  EXPECT_FALSE(all_met({}));
  EXPECT_TRUE(all_met({exactly("a", 1, 1)}));
  EXPECT_FALSE(all_met({exactly("a", 1, 1), exactly("b", 1, 2)}));
}

TEST(Findings, StandInATable) {
  EXPECT_EQ(table({exactly("east", 100, 100), one_of("east/west", {"13/7", "14/6"}, "17/3")}, Paint(false)),
            "              expected      observed\n"
            "   east       100           100  ok\n"
            "   east/west  13/7 or 14/6  17/3  NOT AS EXPECTED\n");
}

TEST(Scenarios, HaveNamesAndPlansThatCanBeSetUp) {
  std::set<std::string_view> names;
  for (const Scenario& scenario : scenarios()) {
    EXPECT_TRUE(names.insert(scenario.name).second) << scenario.name;
    const LoadedLab loaded = load_lab_text(scenario.plan().lab);
    EXPECT_TRUE(loaded.problems.empty()) << scenario.name << ": " << format(loaded.problems.front(), "lab");
    EXPECT_NE(scenario.plan().gateway.find("pools:"), std::string::npos);
  }
  EXPECT_EQ(scenario_names().size(), names.size());
  EXPECT_EQ(names.count("all"), 0U);
}

}  // namespace
}  // namespace spillway::lab
