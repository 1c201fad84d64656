#include <algorithm>
#include <array>

#include "spillway/base/text.hpp"
#include "spillway/http/object_ids.hpp"

namespace spillway::http {
namespace {

// A path, cut at its slashes from the left.
class Segments {
 public:
  explicit Segments(std::string_view path) noexcept : rest_(path) {}

  // The next one; empty also when there is none.
  std::string_view take() noexcept {
    if (rest_.starts_with('/')) rest_.remove_prefix(1);
    const std::string_view segment = rest_.substr(0, rest_.find('/'));
    rest_.remove_prefix(segment.size());
    return segment;
  }
  bool empty() const noexcept { return rest_.empty() || rest_ == "/"; }

 private:
  std::string_view rest_;
};

bool one_of(std::string_view word, const auto& words) noexcept {
  return std::any_of(words.begin(), words.end(), [&](std::string_view known) { return iequals(word, known); });
}

constexpr std::array<std::string_view, 11> collections = {"responses",  "conversations", "files",         "batches",
                                                          "threads",    "assistants",    "vector_stores", "uploads",
                                                          "containers", "evals",         "videos"};

// What stands where an id would, but is an action on the whole collection.
constexpr std::array<std::array<std::string_view, 2>, 4> actions_of_collections = {
    {{"threads", "runs"}, {"responses", "compact"}, {"responses", "input_tokens"}, {"files", "import"}}};

constexpr std::array<std::string_view, 4> actions = {"cancel", "complete", "pause", "resume"};

// One behind the other in the same path.
std::string_view joined(std::string_view first, std::string_view last) noexcept {
  return {first.data(), static_cast<std::size_t>(last.data() - first.data()) + last.size()};
}

// The collection that begins with `segment`, which may take more of the path; nothing when none does.
std::string_view collection_at(std::string_view segment, Segments& rest) noexcept {
  if (one_of(segment, collections)) return segment;
  Segments ahead = rest;
  const std::string_view second = ahead.take();
  if (iequals(segment, "fine_tuning")) {
    rest = ahead;
    return second.empty() ? segment : joined(segment, second);
  }
  if (!iequals(segment, "video") || !iequals(second, "generations")) return {};
  rest = ahead;
  const std::string_view third = ahead.take();
  if (!iequals(third, "jobs")) return joined(segment, second);
  rest = ahead;
  return joined(segment, third);
}

bool is_action_of(std::string_view collection, std::string_view word) noexcept {
  return std::any_of(actions_of_collections.begin(), actions_of_collections.end(),
                     [&](const auto& action) { return iequals(action[0], collection) && iequals(action[1], word); });
}

}  // namespace

std::optional<ObjectPath> object_path(std::string_view path) noexcept {
  Segments rest(path);
  while (!rest.empty()) {
    const std::string_view segment = rest.take();
    std::string_view collection;
    if (iequals(segment, "deployments")) {
      rest.take();
      collection = rest.take();
      if (!iequals(collection, "batches")) return std::nullopt;
    } else {
      collection = collection_at(segment, rest);
    }
    if (collection.empty()) continue;

    ObjectPath found{collection, rest.take(), false, false};
    if (is_action_of(found.collection, found.id))
      return ObjectPath{joined(found.collection, found.id), {}, false, false};
    if (found.id.empty()) return found;
    std::string_view part = rest.take();
    found.is_object = rest.empty() && (part.empty() || one_of(part, actions));
    for (; !part.empty(); part = rest.take()) found.is_content = found.is_content || iequals(part, "content");
    return found;
  }
  return std::nullopt;
}

}  // namespace spillway::http
