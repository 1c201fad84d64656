#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "spillway/http/head.hpp"
#include "spillway/http/reader.hpp"

// What the two head readers share: field lines and the fields that decide about framing.
namespace spillway::http {

// Fields a head seldom has more of.
inline constexpr std::size_t usual_fields = 20;

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

// Cuts the first element off a list, without the white space around it.
std::string_view take_element(std::string_view& list) noexcept;

// `token` stands in a field of that name as an element of its list; case ignored.
bool lists_token(const std::vector<Field>& fields, FieldId id, std::string_view token) noexcept;

// What the Connection fields say, whose options also nominate other fields (RFC 9110 7.6.1).
struct ConnectionOptions {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;

  // The connection stays open after this message (RFC 9112 9.3).
  bool is_persistent(int minor_version) const noexcept { return !close && (minor_version >= 1 || keep_alive); }
};
// Marks what they nominate.
ConnectionOptions take_connection(std::vector<Field>& fields) noexcept;

// The minor version of `HTTP/1.0` or `HTTP/1.1`; -1 for another well-formed version, nothing for anything else.
std::optional<int> parse_version(std::string_view text) noexcept;

}  // namespace spillway::http
