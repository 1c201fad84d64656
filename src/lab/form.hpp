#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::lab {

// One part of a multipart/form-data body; a view into it.
struct FormPart {
  std::string name;
  std::string file_name;  // empty: an ordinary field
  std::string_view content;
};

struct Form {
  std::vector<FormPart> parts;

  // The first part of that name, or null.
  const FormPart* find(std::string_view name) const noexcept;
  // Its content; empty when there is none.
  std::string_view value(std::string_view name) const noexcept;
};

// Nothing when the type is not multipart/form-data or the body is not well formed (RFC 7578).
std::optional<Form> read_form(std::string_view content_type, std::string_view body);

}  // namespace spillway::lab
