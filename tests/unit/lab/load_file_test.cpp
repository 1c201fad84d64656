#include "lab/load_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/compare_text.hpp"
#include "lab/json.hpp"
#include "load_fixture.hpp"

namespace spillway::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string problem_of(std::string_view text) {
  std::string problem;
  EXPECT_FALSE(read_load_result(text, problem));
  return problem;
}

TEST(LoadFile, WhatIsWrittenCanBeRead) {
  LoadResult result = result_of({sent_to(1, "east", "East US", 100), failed_with(2, 503, "overloaded", "Too many."),
                                 sent_to(3, "\xFF\"", "West US", 50.1234)});
  result.parameters.label = "a \"run\"";
  result.parameters.rate = 2.5;
  result.parameters.delay = Milliseconds{250};
  result.summary.held_back = 3;
  std::string problem;
  const auto back = read_load_result(write_load_result(result), problem);
  ASSERT_TRUE(back) << problem;
  EXPECT_EQ(back->parameters.label, "a \"run\"");
  EXPECT_EQ(back->parameters.rate, 2.5);
  EXPECT_EQ(back->parameters.delay.count(), 250);
  EXPECT_EQ(back->started_at, result.started_at);
  EXPECT_EQ(back->summary.requests, 3U);
  EXPECT_EQ(back->summary.succeeded, 2U);
  EXPECT_EQ(back->summary.held_back, 3U);
  EXPECT_EQ(back->summary.response.p95, 100);
  EXPECT_EQ(back->summary.response.minimum, 50.123) << "to the microsecond";
  EXPECT_EQ(back->summary.by_backend.size(), 3U);
  EXPECT_EQ(back->summary.failure_kinds.at(0).what, "overloaded");
  EXPECT_EQ(back->failures.at(0).message, "Too many.");
}

TEST(LoadFile, HasARecordForEachRequest) {
  const auto json = parse_json(write_load_result(three_requests()));
  ASSERT_TRUE(json);
  const Json& records = member(*json, "records");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[1].dump(),
            R"({"number":2,"at":2.0,"status":200,"succeeded":true,"backend":"westus","region":"West US",)"
            R"("ms":300.0,"first_byte_ms":150.0,"waited_ms":0.0})");
  EXPECT_FALSE(is_true(member(*json, "sampled")));
}

TEST(LoadFile, ARunOfNothingIsAFileToo) {
  std::string problem;
  EXPECT_TRUE(read_load_result(write_load_result(result_of({})), problem)) << problem;
}

TEST(LoadFile, SaysWhatIsWrongWithOtherFiles) {
  EXPECT_EQ(problem_of("<html>"), "is not JSON");
  EXPECT_THAT(problem_of("{}"), HasSubstr("load --json"));
  EXPECT_THAT(problem_of(R"({"format":"spillway-load","version":2})"), HasSubstr("version"));
  EXPECT_THAT(problem_of(R"({"format":"spillway-load","version":1})"), HasSubstr("'parameters' not found"));
  std::string wrong = write_load_result(three_requests());
  wrong.replace(wrong.find("\"requests\": 3"), 13, "\"requests\": {}");
  EXPECT_THAT(problem_of(wrong), StartsWith("is incomplete: "));
}

TEST(Comparison, PutsRunsSideBySide) {
  LoadResult other = result_of({sent_to(1, "westus", "West US", 50), failed_with(2, 503, "overloaded", "")});
  other.parameters.label = "weights 67/33";
  EXPECT_EQ(comparison({{"runs/a.json", three_requests()}, {"b.json", other}}, Paint(false)),
            "                         priority  weights 67/33\n"
            "file                            a              b\n"
            "requests                        3              2\n"
            "succeeded                 100.0 %         50.0 %\n"
            "requests a second             1.5            1.0\n"
            "\n"
            "Response time\n"
            "average                 200.00 ms       50.00 ms\n"
            "P50                     200.00 ms       50.00 ms\n"
            "P95                     300.00 ms       50.00 ms\n"
            "P99                     300.00 ms       50.00 ms\n"
            "maximum                 300.00 ms       50.00 ms\n"
            "\n"
            "Time to first byte\n"
            "average                 100.00 ms       25.00 ms\n"
            "P50                     100.00 ms       25.00 ms\n"
            "P95                     150.00 ms       25.00 ms\n"
            "P99                     150.00 ms       25.00 ms\n"
            "maximum                 150.00 ms       25.00 ms\n"
            "\n"
            "Backend\n"
            "eastus-ptu             2   66.7 %              -\n"
            "westus                 1   33.3 %     1   50.0 %\n"
            "(not named)                     -     1   50.0 %\n"
            "\n"
            "Region\n"
            "East US                2   66.7 %              -\n"
            "West US                1   33.3 %     1   50.0 %\n"
            "(not named)                     -     1   50.0 %\n");
}

TEST(Comparison, ARunIsNamedByLabelStrategyOrFile) {
  ComparedRun run{"runs/monday.json", three_requests()};
  EXPECT_EQ(run.title(), "priority");
  run.result.parameters.label = "mine";
  EXPECT_EQ(run.title(), "mine");
  EXPECT_EQ((ComparedRun{"runs/monday.json", result_of({})}).title(), "monday");
}

TEST(Comparison, TextsFromFilesAreHarmless) {
  LoadResult hostile = result_of({sent_to(1, "\x1b[2J", "r", 1)});
  hostile.parameters.label = "\x1b]0;x";
  EXPECT_EQ(comparison({{"a.json", hostile}}, Paint(false)).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace spillway::lab
