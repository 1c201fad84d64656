#include "yaml_mapping.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <map>

#include "spillway/base/text.hpp"
#include "spillway/base/units.hpp"

namespace spillway::lab {
namespace {

std::string range(std::int64_t min, std::int64_t max) {
  return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

// `127.0.0.1:9711` or `[::1]:9711`.
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  if (error || !port || address.is_v6() != bracketed) return std::nullopt;
  return Endpoint{std::string(host), *port};
}

}  // namespace

void report(Problems& problems, const YAML::Node& node, std::string path, std::string message) {
  const YAML::Mark mark = node.Mark();
  problems.push_back({mark.line + 1, mark.column + 1, std::move(path), std::move(message)});
}

Mapping::Mapping(Problems& problems, YAML::Node node, std::string path)
    : problems_(problems), node_(std::move(node)), path_(std::move(path)) {
  if (!node_.IsMap()) {
    report(problems_, node_, path_, "must be a mapping (key: value)");
    node_ = YAML::Node(YAML::NodeType::Map);
    return;
  }
  std::map<std::string, int> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) {
      report(problems_, entry.first, path_, "a key must be a word");
    } else if (++seen[entry.first.Scalar()] == 2) {
      report(problems_, entry.first, path_of(entry.first.Scalar()), "given twice");
    }
  }
}

std::string Mapping::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

bool Mapping::has(std::string_view key) const {
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return !entry.second.IsNull();
  }
  return false;
}

std::optional<YAML::Node> Mapping::take(std::string_view key) {
  known_.emplace_back(key);
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar() || entry.first.Scalar() != key) continue;
    if (entry.second.IsNull()) return std::nullopt;
    return entry.second;
  }
  return std::nullopt;
}

std::optional<std::string> Mapping::scalar(std::string_view key, std::string_view expected) {
  const auto value = take(key);
  if (!value) return std::nullopt;
  if (value->IsScalar()) return value->Scalar();
  wrong(key, *value, "must be " + std::string(expected));
  return std::nullopt;
}

void Mapping::wrong(std::string_view key, const YAML::Node& at, std::string message) {
  report(problems_, at, path_of(key), std::move(message));
}

void Mapping::text(std::string_view key, std::string& out, bool required) {
  const auto value = scalar(key, "a text");
  if (value) out = *value;
  if (required && (has(key) ? value && value->empty() : true)) wrong(key, node_, "is missing");
}

void Mapping::flag(std::string_view key, bool& out) {
  if (const auto found = word(key, {"false", "true"})) out = *found == 1;
}

void Mapping::texts(std::string_view key, std::vector<std::string>& out) {
  if (!has(key)) {
    known_.emplace_back(key);
    return;
  }
  out.clear();
  for (const YAML::Node& item : list(key)) {
    if (item.IsScalar() && !item.Scalar().empty()) {
      out.push_back(item.Scalar());
    } else {
      wrong(key, item, "must be a list of texts, none of them empty");
    }
  }
}

void Mapping::whole(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max) {
  const auto value = scalar(key, range(min, max));
  if (!value) return;
  const auto number = parse_number<std::int64_t>(*value);
  if (number && *number >= min && *number <= max) {
    out = *number;
  } else {
    wrong(key, *take(key), "'" + *value + "' is not " + range(min, max));
  }
}

void Mapping::whole(std::string_view key, std::optional<std::int64_t>& out, std::int64_t min, std::int64_t max) {
  std::int64_t number = min - 1;
  whole(key, number, min, max);
  if (number >= min) out = number;
}

void Mapping::real(std::string_view key, double& out, double min, double max) {
  const auto value = scalar(key, "a number");
  if (!value) return;
  double number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error == std::errc{} && end == value->data() + value->size() && number >= min && number <= max) {
    out = number;
  } else {
    wrong(key, *take(key),
          "'" + *value + "' is not a number between " + std::to_string(min) + " and " + std::to_string(max));
  }
}

void Mapping::duration(std::string_view key, Milliseconds& out, Milliseconds min) {
  const auto value = scalar(key, "a duration such as 250ms or 10s");
  if (!value) return;
  const auto parsed = parse_duration(*value);
  if (parsed && *parsed >= min) {
    out = *parsed;
  } else {
    const std::string least = min.count() > 0 ? " of at least " + format_duration(min) : "";
    wrong(key, *take(key), "'" + *value + "' is not a duration" + least + " (such as 250ms, 10s or PT10S)");
  }
}

void Mapping::endpoint(std::string_view key, Endpoint& out) {
  const auto value = scalar(key, "an address with a port");
  if (!value) return;
  if (auto parsed = parse_endpoint(*value)) {
    out = std::move(*parsed);
  } else {
    wrong(key, *take(key), "'" + *value + "' is not an address with a port (such as 127.0.0.1:9711 or [::1]:9711)");
  }
}

std::optional<std::size_t> Mapping::word(std::string_view key, const std::vector<std::string_view>& words) {
  std::string expected;
  for (const std::string_view known : words) expected += (expected.empty() ? "" : " or ") + std::string(known);
  const auto value = scalar(key, expected);
  if (!value) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  wrong(key, *take(key), "'" + *value + "' is not " + expected);
  return std::nullopt;
}

std::vector<YAML::Node> Mapping::list(std::string_view key) {
  const auto value = take(key);
  std::vector<YAML::Node> items;
  if (!value) return items;
  if (!value->IsSequence()) {
    wrong(key, *value, "must be a list");
    return items;
  }
  for (const auto& item : *value) items.push_back(item);
  return items;
}

void Mapping::finish() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) continue;
    const std::string& key = entry.first.Scalar();
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = nearest(key, known);
    report(problems_, entry.first, path_of(key),
           near ? "unknown key (did you mean '" + std::string(*near) + "'?)" : "unknown key");
  }
}

}  // namespace spillway::lab
