#include "lab/load_result.hpp"

#include <gtest/gtest.h>

namespace spillway::lab {
namespace {

Sent answered(std::uint64_t number, double milliseconds, const std::string& backend = "east") {
  Sent sent;
  sent.number = number;
  sent.status = 200;
  sent.backend = backend;
  sent.region = "East US";
  sent.milliseconds = milliseconds;
  sent.first_byte_ms = milliseconds / 2;
  return sent;
}

Sent refused(std::uint64_t number, int status, const std::string& code) {
  Sent sent;
  sent.number = number;
  sent.status = status;
  sent.code = code;
  sent.milliseconds = 1;
  return sent;
}

TEST(Percentile, IsTheValueAtTheNearestRank) {
  std::vector<double> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i);
  EXPECT_EQ(percentile(hundred, 50), 50);
  EXPECT_EQ(percentile(hundred, 95), 95);
  EXPECT_EQ(percentile(hundred, 99), 99);
  EXPECT_EQ(percentile({1, 2, 3}, 50), 2);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 50), 2);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 95), 4);
  EXPECT_EQ(percentile({7}, 99), 7);
  EXPECT_EQ(percentile({}, 50), 0);
}

TEST(LoadCounter, TimesAreOfTheRequestsThatSucceeded) {
  LoadCounter counter;
  for (const double ms : {30, 10, 20}) counter.add(answered(counter.requests() + 1, ms));
  counter.add(refused(4, 503, "no_backend_available"));
  const LoadSummary summary = counter.summary();
  EXPECT_EQ(summary.requests, 4U);
  EXPECT_EQ(summary.succeeded, 3U);
  EXPECT_DOUBLE_EQ(summary.success_rate(), 0.75);
  EXPECT_DOUBLE_EQ(summary.response.average, 20);
  EXPECT_EQ(summary.response.minimum, 10);
  EXPECT_EQ(summary.response.maximum, 30);
  EXPECT_EQ(summary.response.p50, 20);
  EXPECT_EQ(summary.first_byte.p99, 15);
}

TEST(LoadCounter, EveryRequestIsInOneShare) {
  LoadCounter counter;
  counter.add(answered(1, 10, "west"));
  counter.add(answered(2, 20, "east"));
  counter.add(answered(3, 40, "east"));
  counter.add(refused(4, 503, "overloaded"));
  const std::vector<Share> shares = counter.summary().by_backend;
  ASSERT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares[0].name, "east");
  EXPECT_EQ(shares[0].requests, 2U);
  EXPECT_DOUBLE_EQ(shares[0].average_ms, 30);
  EXPECT_EQ(shares[1].name, "") << "of as many requests as west, but first by name";
  EXPECT_EQ(shares[1].succeeded, 0U);
  EXPECT_EQ(shares[2].name, "west");
}

TEST(LoadCounter, AnAnswerThatWasCutIsAFailureWhateverItsStatus) {
  LoadCounter counter;
  Sent cut = answered(1, 10);
  cut.error = "the answer was cut";
  counter.add(cut);
  EXPECT_EQ(counter.failed(), 1U);
  EXPECT_EQ(counter.summary().failure_kinds.at(0).what, "the answer was cut");
  EXPECT_EQ(counter.failures().at(0).why(), "the answer was cut");
}

TEST(LoadCounter, FailuresAreCountedByKindAndTheFirstOnesKept) {
  LoadCounter counter;
  for (std::uint64_t i = 1; i <= 150; ++i) counter.add(refused(i, 429, "429"));
  counter.add(refused(151, 401, "invalid_api_key"));
  const LoadSummary summary = counter.summary();
  ASSERT_EQ(summary.failure_kinds.size(), 2U);
  EXPECT_EQ(summary.failure_kinds[0].status, 429);
  EXPECT_EQ(summary.failure_kinds[0].requests, 150U);
  EXPECT_EQ(counter.failures().size(), LoadCounter::keep_failures);
  EXPECT_EQ(counter.failures().front().number, 1U);
}

TEST(LoadCounter, RecordsAreByNumberHoweverTheyEnded) {
  LoadCounter counter;
  counter.add(answered(3, 1));
  counter.add(answered(1, 1));
  counter.add(answered(2, 1));
  const std::vector<LoadRecord> records = counter.records();
  EXPECT_EQ(records.at(0).number, 1U);
  EXPECT_EQ(records.at(2).number, 3U);
}

TEST(LoadCounter, KeepsAnEvenSampleOfAVeryLongRun) {
  LoadCounter counter(1000);
  for (std::uint64_t i = 1; i <= 50'000; ++i) counter.add(answered(i, static_cast<double>(i)));
  const LoadSummary summary = counter.summary();
  EXPECT_EQ(counter.records().size(), 1000U);
  EXPECT_EQ(summary.requests, 50'000U);
  EXPECT_EQ(summary.response.maximum, 50'000) << "of all, not of the sample";
  EXPECT_DOUBLE_EQ(summary.response.average, 25'000.5);
  EXPECT_NEAR(summary.response.p50, 25'000, 2'500);
  EXPECT_NEAR(summary.response.p95, 47'500, 1'500);
}

TEST(LoadCounter, ManyNamesAndLongTextsDoNotFillTheMemory) {
  LoadCounter counter;
  for (std::uint64_t i = 1; i <= 1000; ++i)
    counter.add(answered(i, 1, "b" + std::to_string(i) + std::string(5000, 'x')));
  const std::vector<Share> shares = counter.summary().by_backend;
  EXPECT_EQ(shares.size(), LoadCounter::keep_names + 1);
  EXPECT_EQ(shares.front().name, "(others)");
  EXPECT_EQ(shares.front().requests, 1000 - LoadCounter::keep_names);
  EXPECT_EQ(shares.back().name.size(), LoadCounter::longest_text);
}

}  // namespace
}  // namespace spillway::lab
