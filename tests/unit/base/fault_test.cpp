#include "spillway/base/fault.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace spillway {
namespace {

TEST(Fault, Q13EveryExceptionCountsAndNoneDoesNot) {
  const std::uint64_t before = faults();
  report_fault("nothing has happened", nullptr);
  EXPECT_EQ(faults(), before);
  report_fault("a test reports", std::make_exception_ptr(std::runtime_error("a bug")));
  report_fault("a test reports something that is no std::exception", std::make_exception_ptr(5));
  EXPECT_EQ(faults(), before + 2);
}

}  // namespace
}  // namespace spillway
