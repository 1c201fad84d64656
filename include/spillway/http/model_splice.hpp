#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Finds the top-level `model` of a JSON body without building a document.
namespace spillway::http {

enum class ModelState {
  need_more,  // the bytes end before it is certain
  found,      // `value` is the model
  absent,     // the object is complete and has none, or it is not a string (`kind` says)
  duplicate,  // two top-level `model` keys
  not_json,   // not a JSON object, or broken on the way
};

// Where the model's text stands in the body: `[offset, offset + size)` covers the string without its quotes, as written
// (escapes not resolved).
struct ModelSpan {
  std::size_t offset = 0;
  std::size_t size = 0;
};

// Fed the body as it grows; looks at each byte once. Nested `model` keys do not count; a key written with escapes
// (`"mod\u0065l"`) does. To refuse duplicates the scan goes to the end of the object; `found_at_least_once` tells
// earlier.
class ModelScan {
 public:
  // `body` is everything so far, from its first byte; `last` says that no more will come.
  ModelState scan(std::string_view body, bool last);

  bool found_at_least_once() const noexcept { return found_; }
  const ModelSpan& span() const noexcept { return span_; }
  // The model, escapes resolved. Valid after `found`.
  const std::string& value() const noexcept { return value_; }

 private:
  // The helper's own; see model_splice.cpp.
  ModelSpan span_;
  std::string value_;
  bool found_ = false;
  std::size_t position_ = 0;
};

// `model` as the inside of a JSON string, escaped where needed.
std::string json_string_contents(std::string_view model);

}  // namespace spillway::http
