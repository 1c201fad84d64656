#include "request_table.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

namespace spillway::observe {
namespace {

RequestTable::Entry* find(RequestTable::Entry* entry, std::string_view route, std::string_view client) noexcept {
  while (entry != nullptr && (entry->route != route || entry->client != client)) entry = entry->next;
  return entry;
}

}  // namespace

RequestTable::~RequestTable() {
  for (std::atomic<Entry*>& chain : chains_) {
    Entry* entry = chain.load(std::memory_order_relaxed);
    while (entry != nullptr) delete std::exchange(entry, entry->next);
  }
}

RequestSeries& RequestTable::at(std::string_view route, std::string_view client) {
  const std::hash<std::string_view> hash;
  std::atomic<Entry*>& chain = chains_[(hash(route) * 31 + hash(client)) % chains_.size()];
  if (Entry* known = find(chain.load(std::memory_order_acquire), route, client)) return known->series;

  const std::lock_guard lock(inserting_);
  Entry* const first = chain.load(std::memory_order_acquire);
  if (Entry* known = find(first, route, client)) return known->series;
  auto made = std::make_unique<Entry>();
  made->route = route;
  made->client = client;
  made->next = first;
  chain.store(made.get(), std::memory_order_release);
  return made.release()->series;
}

std::vector<const RequestTable::Entry*> RequestTable::entries() const {
  std::vector<const Entry*> all;
  for (const std::atomic<Entry*>& chain : chains_) {
    for (const Entry* entry = chain.load(std::memory_order_acquire); entry != nullptr; entry = entry->next)
      all.push_back(entry);
  }
  std::sort(all.begin(), all.end(), [](const Entry* a, const Entry* b) {
    return std::tie(a->route, a->client) < std::tie(b->route, b->client);
  });
  return all;
}

}  // namespace spillway::observe
