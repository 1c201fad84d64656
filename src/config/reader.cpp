#include "reader.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "messages.hpp"

namespace spillway::config {
namespace {

// A file with more mistakes than this is some other file.
constexpr std::size_t most_problems = 1000;

std::string_view kind_text(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null: return "there is no value";
    case Node::Kind::scalar: return "a single value";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
  }
  return "a value";
}

bool is_below(std::string_view path, std::string_view parent) {
  if (!path.starts_with(parent)) return false;
  return parent.empty() || path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[';
}

// In file order; problems at one place stay in the order they were found in.
std::vector<Problem> sorted(std::vector<Problem> problems) {
  std::multimap<std::pair<int, int>, Problem> by_place;
  for (Problem& problem : problems) by_place.emplace(std::pair(problem.line, problem.column), std::move(problem));
  problems.clear();
  for (auto& [place, problem] : by_place) problems.push_back(std::move(problem));
  return problems;
}

}  // namespace

std::optional<Place> Place::find(std::string_view name) const {
  const Entry* entry = node->find(name);
  if (entry == nullptr) return std::nullopt;
  return Place{entry->value.get(), path_of(name), entry->key->position};
}

Place Place::item(std::size_t index) const {
  const Node* value = node->items[index].get();
  return {value, path + "[" + std::to_string(index) + "]", value->position};
}

std::vector<Place> Place::list(std::string_view name) const {
  std::vector<Place> places;
  if (const auto place = find(name)) {
    for (std::size_t i = 0; i < place->node->items.size(); ++i) places.push_back(place->item(i));
  }
  return places;
}

Reader::Reader(Node& root, const Sources& sources, WallTime now)
    : sources_(sources), now_(now), root_{&root, {}, root.position} {
  resolve(root, {});
  collect_names(Named::client, "clients");
  collect_names(Named::backend, "backends");
  collect_names(Named::pool, "pools");
  collect_names(Named::route, "routes");
}

void Reader::collect_names(Named kind, std::string_view section) {
  Names& names = names_[static_cast<std::size_t>(kind)];
  const auto list = root_.find(section);
  if (!list) {
    // Without `routes` there is one, made for the only pool.
    if (kind == Named::route) names = {true, {{"default", 0}}, {"default"}};
    if (kind == Named::client) names.known = true;
    return;
  }
  names.known = list->node->kind == Node::Kind::list;
  for (std::size_t i = 0; i < list->node->items.size(); ++i) {
    const Entry* name = list->node->items[i]->find("name");
    const bool usable =
        name != nullptr && name->value->kind == Node::Kind::scalar && !name->value->broken && !name->value->from_vault;
    if (usable) names.indices.emplace(name->value->text, i);
    if (usable && !name->value->substituted) names.shown.push_back(name->value->text);
  }
}

void Reader::add(Position position, std::string path, std::string message) {
  report({position.line, position.column, std::move(path), std::move(message)});
}

void Reader::report(Problem problem) {
  if (!is_full()) problems_.push_back(std::move(problem));
}

bool Reader::is_full() const noexcept {
  return problems_.size() >= most_problems;
}

void Reader::problem(const Place& place, std::string message) {
  add(place.node->position, place.path, std::move(message));
}

void Reader::key_problem(const Place& place, std::string message) {
  add(place.key, place.path, std::move(message));
}

void Reader::missing(const Place& map, std::string_view key, std::string message) {
  add(map.node->position, map.path_of(key), std::move(message));
}

void Reader::warn(const Place& place, std::string message) {
  warnings_.push_back({place.node->position.line, place.node->position.column, place.path, std::move(message)});
}

void Reader::missing_warning(const Place& map, std::string_view key, std::string message) {
  warnings_.push_back({map.node->position.line, map.node->position.column, map.path_of(key), std::move(message)});
}

bool Reader::clean(const Place& place) const {
  return std::none_of(problems_.begin(), problems_.end(),
                      [&](const Problem& problem) { return is_below(problem.path, place.path); });
}

bool Reader::is(const Place& place, Node::Kind kind, std::string_view expected) {
  if (place.node->broken) return false;
  if (place.node->kind == kind) return true;
  problem(place, std::string(kind_text(place.node->kind)) + " (expected: " + std::string(expected) + ")");
  return false;
}

std::optional<std::string_view> Reader::scalar(const Place& place, std::string_view expected) {
  const auto text = secret_scalar(place, expected);
  if (!text || !place.node->from_vault) return text;
  problem(place, "comes from Key Vault, which is for secrets only (keys, passwords)");
  return std::nullopt;
}

std::optional<std::string_view> Reader::secret_scalar(const Place& place, std::string_view expected) {
  if (!is(place, Node::Kind::scalar, expected)) return std::nullopt;
  return place.node->text;
}

void Reader::mismatch(const Place& place, std::string_view what, std::string_view expected) {
  const std::string subject = place.node->substituted ? "the value" : "\"" + printable(place.node->text) + "\"";
  std::string message = subject + " " + std::string(what);
  if (!expected.empty()) message += " (" + std::string(expected) + ")";
  problem(place, std::move(message));
}

void Reader::check_keys(const Place& map, const std::vector<std::string_view>& keys, const std::vector<Later>& later,
                        bool secretive) {
  for (const Entry& entry : map.node->entries) {
    if (is_full()) return;
    const std::string& key = entry.key->text;
    if (entry.key->broken) continue;
    const auto known = std::find_if(later.begin(), later.end(), [&](const Later& l) { return l.key == key; });
    if (known != later.end()) {
      std::string message = "not supported in this version";
      if (!known->hint.empty()) message += " (" + std::string(known->hint) + ")";
      add(entry.key->position, map.path_of(key), std::move(message));
      continue;
    }
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string hint = suggestion(entry.key->substituted ? std::string_view() : key, keys);
    const bool show = !secretive || hint.starts_with("did");
    add(entry.key->position, show ? map.path_of(shown_key(*entry.key)) : map.path, "unknown key (" + hint + ")");
  }
}

std::vector<Problem> Reader::take_problems() {
  return sorted(std::move(problems_));
}

std::vector<Problem> Reader::take_warnings() {
  return sorted(std::move(warnings_));
}

}  // namespace spillway::config
