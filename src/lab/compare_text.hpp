#pragma once

#include <string>
#include <vector>

#include "load_result.hpp"
#include "paint.hpp"

namespace spillway::lab {

struct ComparedRun {
  std::string file;
  LoadResult result;

  // The label it was given, else its strategies, else the file's name without folder and `.json`.
  std::string title() const;
};

// The runs side by side: a column each, a row for every number and every backend of any of them.
std::string comparison(const std::vector<ComparedRun>& runs, const Paint& paint);

}  // namespace spillway::lab
