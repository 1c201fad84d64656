#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "full_scrape.hpp"

// docs/metrics.md lists what a scrape holds: every family with its type and labels, and no other.
namespace spillway::observe {
namespace {

// Family -> `counter route,client,code`.
using Families = std::map<std::string, std::string>;

// The names of the labels of a sample, in order, but for a histogram's own.
std::string labels_of(const std::string& line) {
  static const std::regex label("[{,]([a-z_]+)=\"");
  std::string names;
  for (auto match = std::sregex_iterator(line.begin(), line.end(), label); match != std::sregex_iterator(); ++match) {
    if ((*match)[1] == "le") continue;
    if (!names.empty()) names += ",";
    names += (*match)[1];
  }
  return names;
}

Families families_of(const std::string& scrape) {
  Families families;
  std::istringstream lines(scrape);
  std::string family;
  std::string type;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      std::istringstream words(line.substr(7));
      words >> family >> type;
    } else if (!line.starts_with("#")) {
      EXPECT_TRUE(line.starts_with(family)) << line;
      const std::string description = type + " " + labels_of(line);
      const auto [known, added] = families.emplace(family, description);
      EXPECT_EQ(known->second, description) << line;
    }
  }
  return families;
}

Families documented() {
  Families families;
  std::ifstream file(SPILLWAY_SOURCE_DIR "/docs/metrics.md");
  static const std::regex row(R"re(\| `((?:spillway|process)_[a-z_]+)` \| ([a-z]+) \|([^|]*)\|[^|]+\|)re");
  static const std::regex name("`([a-z_]+)`");
  for (std::string line; std::getline(file, line);) {
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) continue;
    const std::string labels = cells[3];
    std::string names;
    for (auto match = std::sregex_iterator(labels.begin(), labels.end(), name); match != std::sregex_iterator();
         ++match) {
      if (!names.empty()) names += ",";
      names += (*match)[1];
    }
    EXPECT_TRUE(families.emplace(cells[1], std::string(cells[2]) + " " + names).second) << line;
  }
  return families;
}

TEST(MetricsDocumentation, ListsEveryFamilyWithItsTypeAndLabelsAndNoOther) {
  const Families real = families_of(full_scrape());
  EXPECT_EQ(real.size(), 38U);
  EXPECT_EQ(documented(), real);
}

}  // namespace
}  // namespace spillway::observe
