#include "collections.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "object_actions.hpp"
#include "spillway/http/target.hpp"

namespace spillway::lab {
namespace {

std::vector<std::string> decoded_segments(std::string_view path) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t slash = path.find('/');
    const auto segment = http::percent_decode(path.substr(0, slash));
    if (!segment || segment->empty() || segment->find('/') != std::string::npos) return {};
    out.push_back(*segment);
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

std::string joined(const std::vector<std::string>& segments, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : "/") + segments[i];
  return out;
}

// How many segments of the path the collection's own path takes; 0: it does not lead there.
std::size_t matched(std::string_view pattern, const std::vector<std::string>& segments) {
  std::size_t count = 0;
  for (;;) {
    const std::size_t slash = pattern.find('/');
    const std::string_view name = pattern.substr(0, slash);
    if (count == segments.size() || (name != "*" && name != segments[count])) return 0;
    ++count;
    if (slash == std::string_view::npos) return count;
    pattern.remove_prefix(slash + 1);
  }
}

bool allowed(const Collection& collection, std::string_view method, bool one) {
  const auto may = [&](unsigned what) { return (collection.allows & what) != 0; };
  if (method == "GET") return may(one ? Collection::gets : Collection::lists);
  if (method == "POST") return may(one ? Collection::updates : Collection::creates);
  return method == "DELETE" && one && may(Collection::deletes);
}

// The place in one collection; `rest` is how many segments stand behind the collection's path.
std::optional<Place> place_in(const Collection& collection, std::string_view method,
                              const std::vector<std::string>& segments, std::size_t own, std::size_t rest) {
  Place place;
  place.collection = &collection;
  place.base = joined(segments, own);
  if (const std::size_t star = collection.path.rfind("*/"); star != std::string_view::npos) {
    const auto above = static_cast<std::size_t>(
        std::count(collection.path.begin(), collection.path.begin() + static_cast<std::ptrdiff_t>(star), '/'));
    place.parent = joined(segments, above + 1);
  }
  if (rest > 0) place.id = segments[own];
  if (rest < 2) return allowed(collection, method, rest == 1) ? std::optional(place) : std::nullopt;
  for (const ObjectAction& action : collection.actions) {
    if (action.method != method || action.name != segments[own + 1]) continue;
    place.action = &action;
    return place;
  }
  return std::nullopt;
}

void collect(const Json& value, std::string_view field, std::vector<std::string>& out) {
  if (field.empty()) {
    if (value.is_string()) out.push_back(text_of(value));
    return;
  }
  const std::size_t dot = field.find('.');
  std::string_view name = field.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? std::string_view{} : field.substr(dot + 1);
  const bool each = name.size() > 2 && name.substr(name.size() - 2) == "[]";
  if (each) name.remove_suffix(2);
  const Json& found = member(value, name);
  if (!each) {
    collect(found, rest, out);
  } else if (found.is_array()) {
    for (const Json& item : found) collect(item, rest, out);
  }
}

}  // namespace

const Collection& collection(std::string_view path) {
  for (const Collection& known : collections()) {
    if (known.path == path) return known;
  }
  throw std::logic_error("no collection " + std::string(path));
}

std::optional<Place> find_place(std::string_view method, std::string_view path) {
  const std::vector<std::string> segments = decoded_segments(path);
  // `vector_stores/{id}/files` is a collection of its own before it is an action.
  for (const std::size_t rest : {0U, 1U, 2U}) {
    for (const Collection& known : collections()) {
      const std::size_t own = matched(known.path, segments);
      if (own == 0 || segments.size() != own + rest) continue;
      if (auto place = place_in(known, method, segments, own, rest)) return place;
    }
  }
  return std::nullopt;
}

std::vector<std::string> named_in(const Json& body, std::string_view field) {
  std::vector<std::string> out;
  collect(body, field, out);
  return out;
}

}  // namespace spillway::lab
