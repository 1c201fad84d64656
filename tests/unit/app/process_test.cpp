#include "app/process.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace spillway::app {
namespace {

using namespace std::chrono_literals;

TEST(ProcessSample, CountsDescriptorsThatAreOpen) {
  const auto before = process_sample({}).open_descriptors;
  ASSERT_TRUE(before);
  std::vector<std::ifstream> files;
  for (int i = 0; i < 5; ++i) files.emplace_back("/proc/self/stat");
  EXPECT_EQ(process_sample({}).open_descriptors, *before + 5);
  files.clear();
  EXPECT_EQ(process_sample({}).open_descriptors, *before);
}

TEST(ProcessSample, KnowsTheLimitOfDescriptors) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(process_sample({}).max_descriptors, std::uint64_t{limit.rlim_cur});
}

// `VmRSS` of proc(5), in kB, is the same another way.
std::uint64_t resident_by_status() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

TEST(ProcessSample, MeasuresMemoryInBytes) {
  const auto measured = process_sample({}).resident_bytes;
  ASSERT_TRUE(measured);
  EXPECT_NEAR(static_cast<double>(*measured), static_cast<double>(resident_by_status()), 16.0 * (1 << 20));
  EXPECT_GT(*measured, 1U << 20);
}

TEST(ProcessSample, HasCpuTimeThatOnlyGrows) {
  const Duration before = process_sample({}).cpu_time;
  Duration after = before;
  // Ends: looking takes CPU time itself.
  while (after == before) after = process_sample({}).cpu_time;
  EXPECT_GT(after, before);
  EXPECT_LT(after - before, 10s);
}

TEST(ProcessSample, KeepsTheStart) {
  EXPECT_EQ(process_sample(WallTime(5s)).started_at, WallTime(5s));
}

}  // namespace
}  // namespace spillway::app
