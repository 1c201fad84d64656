#include <algorithm>

#include "fields.hpp"
#include "spillway/base/units.hpp"

namespace spillway::config {
namespace {

constexpr std::string_view preface = R"(# Configuration reference

<!-- Made from the table that parses the file (src/config/fields_*.cpp). Do not edit; run the configuration's unit tests with
     SPILLWAY_UPDATE_DOCS=1 to write it anew. -->

One YAML file, given with `--config`. `spillway check --config FILE` tells everything that is wrong with one, each problem with
its line and column. Commented examples are in [`config/`](../config); start from `spillway.yaml`.

## Values

| Kind | Written as |
|---|---|
| duration | `250ms`, `10s`, `5m`, `1h`, or ISO 8601 as in Bicep: `PT10S`, `PT1M30S` |
| size | `512`, `64KiB`, `8MiB`, `1GiB` (powers of 1024), `KB`, `MB`, `GB` (powers of 1000) |
| truth value | `true` or `false`, nothing else |
| name | 1 to 128 printable ASCII characters without quotes, `\`, comma and semicolon |
| file | a path; a relative one starts at the working directory. Files are read and checked when the configuration is loaded |

Any value may hold, also several times and in the middle of other text:

| Written | Becomes |
|---|---|
| `${NAME}` | the environment variable; an error when it is not set |
| `${NAME:-default}` | the variable, or `default` when it is not set or empty |
| `${file:/run/secrets/name}` | the content of the file, without the line end at its end |
| `${keyvault:https://NAME.vault.azure.net/secrets/SECRET}` | what the secret of Key Vault holds, kept up to date; with `/VERSION` a certain one. Only where a secret belongs ([key-vault.md](key-vault.md)) |
| `$${` | a literal `${` |

This happens after the YAML has been parsed, so a value cannot change the structure of the file. Inside `[...]` and `{...}` YAML
needs quotes around it: `keys: ["${KEY}"]`. What was put in never appears in a message.

Unknown keys, duplicate keys, wrong types and names that nothing has are errors. YAML anchors and aliases work; tags and merge
keys (`<<`) do not. A file may have 4 MiB, 64 levels and 200000 values.

A reload (SIGHUP or `POST /reload`) applies everything but `listeners`, `admin` and `workers`.
)";

struct Part {
  const Section* section;
  std::vector<std::string> paths;  // everywhere it may stand
};

// Sections in the order a reader meets them; one that is used in several places is described once.
void collect(const Section& section, const std::string& path, std::vector<Part>& parts) {
  const auto known =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.section == &section; });
  if (known != parts.end()) {
    known->paths.push_back(path);
    return;
  }
  parts.push_back({&section, {path}});
  for (const FieldDoc& doc : section.docs) {
    if (doc.section == nullptr) continue;
    collect(doc.section(), (path.empty() ? "" : path + ".") + doc.key + (doc.is_list ? "[]" : ""), parts);
  }
}

// A `|` would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

// Defaults that are words of a sentence are not values.
std::string fallback_cell(const FieldDoc& doc) {
  if (doc.fallback.empty()) return "**required**";
  const bool value = doc.fallback.find(' ') == std::string::npos || doc.fallback.starts_with('[');
  const bool word = doc.fallback == "none" || doc.fallback == "off" || doc.fallback == "any" || doc.fallback == "all" ||
                    doc.fallback == "unknown";
  return value && !word ? "`" + doc.fallback + "`" : doc.fallback;
}

void print(const Part& part, std::string& out) {
  out += "\n## " + (part.paths.front().empty() ? std::string("Top level") : "`" + part.paths.front() + "`") + "\n";
  if (part.paths.size() > 1) {
    out += "\nThe same under";
    for (std::size_t i = 1; i < part.paths.size(); ++i) out += (i == 1 ? " `" : ", `") + part.paths[i] + "`";
    out += ".\n";
  }
  if (!part.section->intro.empty()) out += "\n" + part.section->intro + "\n";
  out += "\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
  for (const FieldDoc& doc : part.section->docs) {
    out += "| `" + doc.key + "` | " + cell(doc.type) + " | " + cell(fallback_cell(doc)) + " | " + cell(doc.meaning) +
           " |\n";
  }
  if (!part.section->later.empty()) {
    out += "\nNot supported in this version, and refused:";
    for (std::size_t i = 0; i < part.section->later.size(); ++i) {
      out += (i == 0 ? " `" : ", `") + std::string(part.section->later[i].key) + "`";
    }
    out += ".\n";
  }
}

// The rules that stand without `rules`, as they would be written.
std::string default_rules() {
  const auto ranges = status_ranges();
  const auto kinds = error_kinds();
  std::string out = "\nThe default rules:\n\n```yaml\nrules:\n";
  for (const BreakerRule& rule : CircuitBreaker::defaults().rules) {
    const FailureCondition& condition = rule.failure_condition;
    out += "  - name: " + rule.name +
           "\n    failure_condition:\n      count: " + std::to_string(condition.count.value_or(0)) + "\n";
    out += "      interval: " + format_duration(condition.interval) + "\n";
    out += "      status_code_ranges: " + ranges.text(condition.status_code_ranges) + "\n";
    out += "      error_reasons: " + kinds.text(condition.error_reasons) + "\n";
    out += "    trip_duration: " + format_duration(rule.trip_duration) + "\n";
    out += "    accept_retry_after: " + boolean().text(rule.accept_retry_after) + "\n";
    out += "    half_open: " + boolean().text(rule.half_open) + "\n";
  }
  return out + "```\n";
}

}  // namespace

std::string reference() {
  std::vector<Part> parts;
  collect(table<Config>(), {}, parts);
  std::string out(preface);
  for (const Part& part : parts) {
    print(part, out);
    if (part.section == &table<CircuitBreaker>()) out += default_rules();
  }
  return out;
}

}  // namespace spillway::config
