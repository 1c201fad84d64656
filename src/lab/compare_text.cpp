#include "compare_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "load_text.hpp"
#include "printable.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t widest_name = 28;
constexpr std::size_t widest_column = 24;
constexpr std::size_t narrowest_column = 12;

std::string file_title(const std::string& file) {
  std::string name = file.substr(file.rfind('/') + 1);
  const std::size_t dot = name.rfind(".json");
  if (dot != std::string::npos && dot != 0 && dot + 5 == name.size()) name.erase(dot);
  return name;
}

struct Row {
  std::string name;
  std::vector<std::string> cells;
  bool heading = false;
};

using Cell = std::function<std::string(const ComparedRun&)>;

class Table {
 public:
  explicit Table(const std::vector<ComparedRun>& runs) : runs_(runs) {}

  void add(const std::string& name, const Cell& cell, bool heading = false) {
    Row row{name, {}, heading};
    for (const ComparedRun& run : runs_) row.cells.push_back(cell(run));
    rows_.push_back(std::move(row));
  }
  void section(const std::string& name) {
    add("", [](const ComparedRun&) { return std::string(); });
    add(name, [](const ComparedRun&) { return std::string(); }, true);
  }

  std::string text(const Paint& paint) const {
    std::size_t names = 0;
    std::size_t columns = narrowest_column;
    for (const Row& row : rows_) {
      names = std::max(names, width(printable(row.name)));
      for (const std::string& cell : row.cells) columns = std::max(columns, width(printable(cell)));
    }
    names = std::min(names, widest_name);
    columns = std::min(columns, widest_column);
    std::string out;
    for (const Row& row : rows_) {
      std::string line = fitted(row.name, names);
      for (const std::string& cell : row.cells) {
        const std::string shown = fitted(cell, std::min(width(printable(cell)), columns));
        line += "  " + std::string(columns - width(shown), ' ') + shown;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += (row.heading ? paint.bold(line) : line) + "\n";
    }
    return out;
  }

 private:
  const std::vector<ComparedRun>& runs_;
  std::vector<Row> rows_;
};

void add_times(Table& table, const std::string& title, Times LoadSummary::* times) {
  struct Line {
    const char* name;
    double Times::* value;
  };
  static constexpr Line lines[] = {{"average", &Times::average},
                                   {"P50", &Times::p50},
                                   {"P95", &Times::p95},
                                   {"P99", &Times::p99},
                                   {"maximum", &Times::maximum}};
  table.section(title);
  for (const Line& line : lines) {
    table.add(line.name, [&](const ComparedRun& run) {
      return run.result.summary.succeeded == 0 ? "-" : milliseconds_text(run.result.summary.*times.*line.value);
    });
  }
}

void add_shares(Table& table, const std::vector<ComparedRun>& runs, const std::string& title,
                std::vector<Share> LoadSummary::* shares) {
  std::vector<std::string> names;
  for (const ComparedRun& run : runs) {
    for (const Share& share : run.result.summary.*shares) {
      if (std::find(names.begin(), names.end(), share.name) == names.end()) names.push_back(share.name);
    }
  }
  table.section(title);
  for (const std::string& name : names) {
    table.add(name.empty() ? nameless : name, [&](const ComparedRun& run) -> std::string {
      const LoadSummary& summary = run.result.summary;
      for (const Share& share : summary.*shares) {
        if (share.name == name)
          return fmt::format("{}  {:>7}", share.requests, percent_text(share.requests, summary.requests));
      }
      return "-";
    });
  }
}

}  // namespace

std::string ComparedRun::title() const {
  if (!result.parameters.label.empty()) return result.parameters.label;
  std::string strategies;
  for (const Share& share : result.summary.strategies) strategies += (strategies.empty() ? "" : ", ") + share.name;
  return strategies.empty() ? file_title(file) : strategies;
}

std::string comparison(const std::vector<ComparedRun>& runs, const Paint& paint) {
  Table table(runs);
  table.add("", [](const ComparedRun& run) { return run.title(); }, true);
  table.add("file", [](const ComparedRun& run) { return file_title(run.file); });
  table.add("requests", [](const ComparedRun& run) { return std::to_string(run.result.summary.requests); });
  table.add("succeeded", [](const ComparedRun& run) {
    return percent_text(run.result.summary.succeeded, run.result.summary.requests);
  });
  table.add("requests a second",
            [](const ComparedRun& run) { return fmt::format("{:.1f}", run.result.summary.requests_per_second()); });
  add_times(table, "Response time", &LoadSummary::response);
  add_times(table, "Time to first byte", &LoadSummary::first_byte);
  add_shares(table, runs, "Backend", &LoadSummary::by_backend);
  add_shares(table, runs, "Region", &LoadSummary::by_region);
  return table.text(paint);
}

}  // namespace spillway::lab
