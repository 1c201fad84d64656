#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/model_splice.hpp"

// Finds the field `model` of a multipart/form-data body (RFC 7578), which may come after the file.
namespace spillway::http {

// The boundary of a Content-Type value, or nothing when it is not multipart/form-data or has no valid boundary.
std::optional<std::string> multipart_boundary(std::string_view content_type);

// The same contract as ModelScan: each byte is looked at once; part contents other than `model` are skipped.
class MultipartModelScan {
 public:
  explicit MultipartModelScan(std::string boundary);

  ModelState scan(std::string_view body, bool last);

  bool found_at_least_once() const noexcept { return found_; }
  const ModelSpan& span() const noexcept { return span_; }
  const std::string& value() const noexcept { return value_; }

 private:
  std::string delimiter_;
  ModelSpan span_;
  std::string value_;
  bool found_ = false;
  std::size_t position_ = 0;
};

}  // namespace spillway::http
