#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "fake_backend.hpp"

namespace spillway::test {

// A backend that makes objects and knows only its own: `POST …/{collection}` makes one (streamed when the body says
// so), paths below its id answer with it, ids of others are 404 in a path and 400 in a body. It counts the ids it did
// not know.
class ObjectBackend {
 public:
  // `letter` tells the ids of several backends apart.
  explicit ObjectBackend(char letter);

  FakeBackend& fake() noexcept { return fake_; }
  std::string url() const { return fake_.url(); }
  int foreign_ids() const;
  // Objects made so far, and their ids.
  std::vector<std::string> ids() const;
  // One that was made before, by somebody else.
  void add(const std::string& id);

 private:
  void answer(FakeBackend::Turn& turn);
  void create(FakeBackend::Turn& turn, const std::string& collection, const nlohmann::json& body);
  bool knows(const std::string& id) const;
  bool knows_all(const nlohmann::json& body);

  const std::string letter_;
  mutable std::mutex mutex_;
  std::set<std::string> ids_;
  int made_ = 0;
  int foreign_ = 0;
  FakeBackend fake_;
};

}  // namespace spillway::test
