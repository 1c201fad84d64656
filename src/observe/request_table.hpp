#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/observe/metrics.hpp"

namespace spillway::observe {

// The series of every (route, client) seen: chains that only ever grow, read without a lock.
class RequestTable {
 public:
  struct Entry {
    std::string route;
    std::string client;
    RequestSeries series;
    Entry* next = nullptr;
  };

  RequestTable() = default;
  ~RequestTable();
  RequestTable(const RequestTable&) = delete;
  RequestTable& operator=(const RequestTable&) = delete;

  RequestSeries& at(std::string_view route, std::string_view client);
  // Sorted by route and client.
  std::vector<const Entry*> entries() const;

 private:
  std::array<std::atomic<Entry*>, 256> chains_{};
  std::mutex inserting_;
};

}  // namespace spillway::observe
