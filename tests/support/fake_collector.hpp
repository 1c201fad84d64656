#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fake_backend.hpp"

namespace spillway::test {

// A collector of OpenTelemetry that takes what comes, unless its script says otherwise.
class FakeCollector : public FakeBackend {
 public:
  FakeCollector() { always_reply(200, {{"Content-Type", "application/json"}}, "{}"); }

  // `tracing:` for it, exporting at once; `more` such as `, sample: 0`.
  std::string yaml(const std::string& more = "") const;
  // All spans that have come, oldest first.
  std::vector<nlohmann::json> spans() const;
  // Waits until there are so many, and gives them; fewer when they do not come.
  std::vector<nlohmann::json> wait_for_spans(std::size_t n) const;
};

// The attributes of a span as one object of plain values.
nlohmann::json attributes_of(const nlohmann::json& span);

}  // namespace spillway::test
