#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "spillway/http/field_id.hpp"

namespace spillway::http {

// One header field as it came: the name's spelling is kept, the value has no surrounding white space.
struct Field {
  FieldId id = FieldId::unknown;
  bool nominated = false;  // a Connection field of the same head names it (RFC 9110 7.6.1)
  std::string_view name;
  std::string_view value;

  Field() = default;
  Field(FieldId known, std::string_view n, std::string_view v) noexcept : id(known), name(n), value(v) {}
};

// How the end of a body is known (RFC 9112 6.3).
enum class Framing { none, length, chunked, until_close };

// Both heads hold views into the bytes they were parsed from, which must outlive them unmoved.
struct RequestHead {
  std::string_view method;
  std::string_view path;   // starts with `/`; checked: no dot segments, no encoded slash, no doubled slash
  std::string_view query;  // without the `?`
  bool has_query = false;  // `/p?` has an empty one
  int minor_version = 1;
  std::vector<Field> fields;  // in order, Host included
  std::string_view host;
  Framing framing = Framing::none;  // none, length or chunked
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expect_continue = false;
  bool upgrade = false;  // asks for another protocol with a valid `Connection: upgrade`

  const Field* find(FieldId id) const noexcept;
  const Field* find(std::string_view name) const noexcept;  // any name, case ignored
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
  std::vector<Field> fields;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;  // the connection may be used again after the body

  const Field* find(FieldId id) const noexcept;
  const Field* find(std::string_view name) const noexcept;
};

}  // namespace spillway::http
