#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "commands.hpp"
#include "compare_text.hpp"
#include "load_file.hpp"
#include "text_file.hpp"

namespace spillway::lab {

int compare(const CompareOptions& options) {
  std::vector<ComparedRun> runs;
  bool good = true;
  for (const std::string& file : options.files) {
    std::string problem;
    const auto text = read_text_file(file, problem);
    auto result = text ? read_load_result(*text, problem) : std::nullopt;
    if (result) {
      runs.push_back({file, std::move(*result)});
      continue;
    }
    good = false;
    fmt::print(stderr, "spillway-lab compare: {}{}\n", text ? file + " " : "", problem);
  }
  if (good) fmt::print("{}", comparison(runs, Paint(::isatty(STDOUT_FILENO) == 1)));
  return good ? 0 : 1;
}

}  // namespace spillway::lab
