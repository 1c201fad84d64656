#include "spillway/base/fault.hpp"

#include <atomic>

#include "spillway/base/log.hpp"

namespace spillway {
namespace {

std::atomic<std::uint64_t> reported{0};

}  // namespace

void report_fault(std::string_view what, const std::exception_ptr& thrown) noexcept {
  if (!thrown) return;
  reported.fetch_add(1, std::memory_order_relaxed);
  try {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      log::error(what, {{"error", error.what()}});
    } catch (...) {
      log::error(what);
    }
  } catch (...) {
    // No memory to say it: it is counted.
    return;
  }
}

std::uint64_t faults() noexcept {
  return reported.load(std::memory_order_relaxed);
}

}  // namespace spillway
