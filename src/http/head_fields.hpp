#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "spillway/http/head.hpp"
#include "spillway/http/reader.hpp"

// What the two head readers share: field lines and the fields that decide about framing.
namespace spillway::http {

enum class FieldError { none, folded, no_colon, bad_name };

// Reads one field line, `line` of `bytes`, and appends it to `fields`.
FieldError take_field(std::string_view bytes, const detail::Piece& line, std::vector<detail::RawField>& fields);

// Turns positions into views.
void resolve_fields(std::string_view bytes, const std::vector<detail::RawField>& raw, std::vector<Field>& fields);

// The fields of one name that must not come twice.
struct Single {
  const Field* field = nullptr;  // the first
  bool repeated = false;
};
Single single(const std::vector<Field>& fields, FieldId id) noexcept;

// A Content-Length value: digits only (RFC 9110 8.6, without lists), at most 2^63 - 1.
struct ContentLength {
  enum class State { valid, malformed, too_large } state = State::malformed;
  std::uint64_t value = 0;
};
ContentLength parse_content_length(std::string_view value) noexcept;

// A Transfer-Encoding value. `unknown`: a well-formed list of codings with one we do not have; `malformed`: anything
// else but `chunked` alone.
enum class TransferCoding { chunked, unknown, malformed };
TransferCoding parse_transfer_encoding(std::string_view value) noexcept;

// `token` stands in a field of that name as an element of its list; case ignored.
bool lists_token(const std::vector<Field>& fields, FieldId id, std::string_view token) noexcept;

// The connection stays open after this message, by version and Connection (RFC 9112 9.3).
bool is_persistent(const std::vector<Field>& fields, int minor_version) noexcept;

// The minor version of `HTTP/1.0` or `HTTP/1.1`; -1 for another well-formed version, nothing for anything else.
std::optional<int> parse_version(std::string_view text) noexcept;

}  // namespace spillway::http
