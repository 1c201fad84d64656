#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/model_splice.hpp"

// Finds the field `model` of a multipart/form-data body (RFC 7578), which may come after the file.
namespace spillway::http {

// The boundary of a Content-Type value, or nothing when it is not multipart/form-data or has no valid boundary
// (RFC 2046 5.1.1).
std::optional<std::string> multipart_boundary(std::string_view content_type);

// The same contract as ModelScan: each byte is looked at once; part contents other than `model` are skipped. Two parts
// of that name are `duplicate`; `not_json` stands for a body that breaks the multipart form or is cut. What follows the
// last delimiter does not count.
class MultipartModelScan {
 public:
  static constexpr std::size_t max_part_head = 16 << 10;

  explicit MultipartModelScan(std::string boundary);

  ModelState scan(std::string_view body, bool last);

  bool found_at_least_once() const noexcept { return found_; }
  const ModelSpan& span() const noexcept { return span_; }
  const std::string& value() const noexcept { return value_; }
  // Where a part may be inserted: at the first delimiter. Valid once that was seen, unless `not_json`.
  std::size_t first_part() const noexcept { return first_part_; }

 private:
  enum class Place { start, content, delimiter, head };

  // Each returns false when the bytes do not suffice.
  bool take_start(std::string_view body);
  bool take_content(std::string_view body);
  bool take_delimiter(std::string_view body);
  bool take_head(std::string_view body);
  void read_part_head(std::string_view head);

  std::string delimiter_;  // with the CR LF before it
  ModelSpan span_;
  std::string value_;
  std::size_t position_ = 0;  // everything before is done with
  std::size_t begin_ = 0;     // of the current content, delimiter tail or head
  ModelState state_ = ModelState::need_more;
  Place place_ = Place::start;
  bool in_model_ = false;
  bool model_seen_ = false;
  bool found_ = false;
  bool any_part_ = false;
  std::size_t first_part_ = 0;
};

// A part that is the field `model`, with its delimiter before it, to be inserted at `first_part`.
std::string multipart_model_part(std::string_view boundary, std::string_view model);

}  // namespace spillway::http
