#pragma once

#include <cstdint>

#include "lab_config.hpp"
#include "wording.hpp"

namespace spillway::lab {

// What an operation is served with.
struct Serving {
  const DeploymentConfig& deployment;
  Latency latency;  // speed already applied
  std::uint64_t seed = 1;
  std::int64_t created = 0;  // seconds since 1970
  Generator& ids;
  bool filters = true;  // answers tell what the content filter thought, as Azure's do
};

// What it took.
struct Usage {
  std::int64_t prompt = 0;
  std::int64_t completion = 0;

  std::int64_t total() const noexcept { return prompt + completion; }
};

}  // namespace spillway::lab
