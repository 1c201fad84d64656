#include <algorithm>
#include <bit>
#include <cassert>

#include "spillway/observe/metrics.hpp"

namespace spillway::observe {

Histogram::Histogram(Duration first_bound, std::size_t buckets) : first_(first_bound), buckets_(buckets) {
  assert(first_bound.count() > 0 && buckets >= 1 && buckets <= max_buckets);
}

void Histogram::observe(Duration value) noexcept {
  value = std::max(value, Duration::zero());
  const auto bounds = static_cast<std::uint64_t>((value.count() + first_.count() - 1) / first_.count());
  const auto bucket = bounds <= 1 ? std::size_t{0} : static_cast<std::size_t>(std::bit_width(bounds - 1));
  counts_[std::min(bucket, buckets_)].fetch_add(1, std::memory_order_relaxed);
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(value).count();
  sum_ns_.fetch_add(static_cast<std::uint64_t>(nanoseconds), std::memory_order_relaxed);
}

Duration Histogram::sum() const noexcept {
  const auto nanoseconds = static_cast<std::int64_t>(sum_ns_.load(std::memory_order_relaxed));
  return std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(nanoseconds));
}

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::success: return "success";
    case Outcome::throttled: return "throttled";
    case Outcome::server_error: return "server_error";
    case Outcome::client_error: return "client_error";
    case Outcome::connect: return "connect";
    case Outcome::tls: return "tls";
    case Outcome::timeout: return "timeout";
    case Outcome::reset: return "reset";
    case Outcome::invalid_response: return "invalid_response";
    case Outcome::cancelled: return "cancelled";
  }
  return "cancelled";
}

RequestSeries::~RequestSeries() {
  for (std::atomic<Page*>& page : pages_) delete page.load(std::memory_order_relaxed);
}

Counter& RequestSeries::code(int status) {
  if (status < 100 || status > 599) return other_;
  const auto number = static_cast<std::size_t>(status);
  std::atomic<Page*>& slot = pages_[number / 100 - 1];
  Page* page = slot.load(std::memory_order_acquire);
  if (page == nullptr) {
    auto made = std::make_unique<Page>();
    // Another thread may have been first; `page` is then its.
    if (slot.compare_exchange_strong(page, made.get(), std::memory_order_acq_rel)) page = made.release();
  }
  return (*page)[number % 100];
}

}  // namespace spillway::observe
