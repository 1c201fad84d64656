#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paint.hpp"
#include "tally.hpp"

// What the demo prints, from what came back.
namespace spillway::lab {

struct BackendLine {
  std::string name;
  std::string region;
};

// The lines of one scenario: how many were answered, by whom (a bar each), and what was kept from the callers.
std::string table(const Tally& tally, const std::vector<BackendLine>& backends, const Paint& paint);

}  // namespace spillway::lab
