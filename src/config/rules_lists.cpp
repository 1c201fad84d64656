#include <algorithm>
#include <charconv>

#include "rules.hpp"
#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

constexpr std::string_view range_form = "429, \"500-599\" or {min: 500, max: 599}, within 200 to 599";
constexpr std::size_t most_ranges = 100;

std::optional<StatusRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto min = parse_number<int>(trim(text.substr(0, dash)));
  const auto max = dash == std::string_view::npos ? min : parse_number<int>(trim(text.substr(dash + 1)));
  if (!min || !max) return std::nullopt;
  return StatusRange{*min, *max};
}

std::optional<StatusRange> read_range_map(Reader& reader, const Place& place) {
  const std::size_t before = reader.problem_count();
  reader.check_keys(place, {"min", "max"}, {}, false);
  StatusRange range;
  for (const auto& [key, value] : {std::pair<std::string_view, int*>{"min", &range.min}, {"max", &range.max}}) {
    if (const auto child = place.find(key)) {
      if (const auto number = read_integer(reader, *child, 200, 599)) *value = static_cast<int>(*number);
    } else {
      reader.missing(place, key, "missing (" + std::string(range_form) + ")");
    }
  }
  if (reader.problem_count() != before || range.min == 0 || range.max == 0) return std::nullopt;
  if (range.min > range.max) {
    reader.problem(place, "min is above max (" + std::string(range_form) + ")");
    return std::nullopt;
  }
  return range;
}

std::optional<StatusRange> read_range(Reader& reader, const Place& place) {
  if (!place.node->broken && place.node->kind == Node::Kind::map) return read_range_map(reader, place);
  const auto text = reader.scalar(place, range_form);
  if (!text) return std::nullopt;
  const auto range = parse_range(*text);
  if (!range) {
    reader.mismatch(place, text->empty() ? "is empty" : "is not a status or a range of them", range_form);
    return std::nullopt;
  }
  if (range->min > range->max) {
    reader.mismatch(place, "ends before it begins", range_form);
    return std::nullopt;
  }
  if (range->min < 200 || range->max > 599) {
    reader.mismatch(place, "is out of range", range_form);
    return std::nullopt;
  }
  return range;
}

std::string range_text(const StatusRange& range) {
  if (range.min == range.max) return std::to_string(range.min);
  return "\"" + std::to_string(range.min) + "-" + std::to_string(range.max) + "\"";
}

std::vector<std::string_view> error_kind_names() {
  std::vector<std::string_view> names;
  for (int i = 0; i < error_kind_count; ++i) names.push_back(spillway::name(static_cast<ErrorKind>(i)));
  return names;
}

// Model names are compared as they are and written into paths and JSON, each with its own escaping.
bool is_model_name(std::string_view text) {
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '*' && c != '"' && c != '\\';
  });
}

constexpr std::string_view model_form =
    "1 to 256 printable ASCII characters, no spaces, quotes, \\ or *; or \"*\" alone";

bool read_deployment(Reader& reader, const Place& place, const std::string& model, std::string& out) {
  const auto text = reader.scalar(place, "name of a deployment");
  if (!text) return false;
  if (*text == "*" && model == "*") {
    out = "*";
    return true;
  }
  if (*text == "*") {
    reader.problem(place, "\"*\" stands only for the key \"*\" (write the name of the deployment)");
    return false;
  }
  if (!is_model_name(*text)) {
    reader.mismatch(place, text->empty() ? "is empty" : "is not usable as a deployment", model_form);
    return false;
  }
  out = *text;
  return true;
}

}  // namespace

Rule<std::vector<StatusRange>> status_ranges() {
  Rule<StatusRange> item;
  item.type = "`429`, `\"500-599\"` or `{min: 500, max: 599}`";
  item.read = [](Reader& reader, const Place& place, StatusRange& out) {
    const auto range = read_range(reader, place);
    if (range) out = *range;
    return range.has_value();
  };
  item.text = range_text;
  return list(std::move(item), 0, most_ranges, "statuses");
}

Rule<std::array<bool, error_kind_count>> error_kinds() {
  const std::vector<std::string_view> names = error_kind_names();
  Rule<std::array<bool, error_kind_count>> rule;
  rule.type = "list of " + alternatives(names);
  rule.is_list = true;
  rule.read = [names, type = rule.type](Reader& reader, const Place& place, std::array<bool, error_kind_count>& out) {
    if (!reader.is(place, Node::Kind::list, type)) return false;
    out.fill(false);
    bool usable = true;
    for (std::size_t i = 0; i < place.node->items.size(); ++i) {
      const auto kind = read_word(reader, place.item(i), names, {});
      if (kind) out[*kind] = true;
      usable = usable && kind.has_value();
    }
    return usable;
  };
  rule.text = [names](const std::array<bool, error_kind_count>& value) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (value[i]) text += (text.empty() ? "" : ", ") + std::string(names[i]);
    }
    return "[" + text + "]";
  };
  return rule;
}

Rule<std::map<std::string, std::string>> deployments() {
  Rule<std::map<std::string, std::string>> rule;
  rule.type = "map of model to deployment";
  rule.read = [type = rule.type](Reader& reader, const Place& place, std::map<std::string, std::string>& out) {
    if (!reader.is(place, Node::Kind::map, type)) return false;
    const std::size_t before = reader.problem_count();
    if (place.node->entries.empty()) reader.problem(place, "is empty (name at least one model, or leave the key out)");
    for (const Entry& entry : place.node->entries) {
      if (entry.key->broken) continue;
      const std::string& model = entry.key->text;
      const Place value{entry.value.get(),
                        place.path_of(printable(entry.key->substituted ? entry.key->literal : model)),
                        entry.key->position};
      if (model != "*" && !is_model_name(model)) {
        reader.key_problem(value, "not usable as a model (" + std::string(model_form) + ")");
      }
      std::string deployment;
      if (read_deployment(reader, value, model, deployment)) out.emplace(model, std::move(deployment));
    }
    return reader.problem_count() == before;
  };
  rule.text = [](const std::map<std::string, std::string>&) { return std::string(); };
  return rule;
}

}  // namespace spillway::config
