#include "head_fields.hpp"

#include <algorithm>
#include <limits>

#include "spillway/base/text.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

std::size_t skip_blanks(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && syntax::is_blank(text[at])) ++at;
  return at;
}

std::size_t skip_token(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && syntax::is_token_byte(text[at])) ++at;
  return at;
}

// The end of the quoted string that starts at `at`, or npos.
std::size_t skip_quoted(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

// The end of the parameter whose `;` stands at `at`, or npos (RFC 9112 7).
std::size_t skip_parameter(std::string_view text, std::size_t at) noexcept {
  const std::size_t name = skip_blanks(text, at + 1);
  std::size_t end = skip_token(text, name);
  if (end == name) return std::string_view::npos;
  end = skip_blanks(text, end);
  if (end >= text.size() || text[end] != '=') return std::string_view::npos;
  const std::size_t value = skip_blanks(text, end + 1);
  if (value < text.size() && text[value] == '"') return skip_quoted(text, value);
  end = skip_token(text, value);
  return end == value ? std::string_view::npos : end;
}

}  // namespace

FieldError take_field(std::string_view bytes, const detail::Piece& line, std::vector<detail::RawField>& fields) {
  const std::string_view text = line.in(bytes);
  if (syntax::is_blank(text.front())) return FieldError::folded;
  const std::size_t name = skip_token(text, 0);
  if (name == text.size() || text[name] != ':')
    return text.find(':') == std::string_view::npos ? FieldError::no_colon : FieldError::bad_name;
  if (name == 0) return FieldError::bad_name;
  const std::size_t value = skip_blanks(text, name + 1);
  std::size_t end = text.size();
  while (end > value && syntax::is_blank(text[end - 1])) --end;
  fields.push_back({field_id(text.substr(0, name)), {line.begin, name}, {line.begin + value, end - value}});
  return FieldError::none;
}

void resolve_fields(std::string_view bytes, const std::vector<detail::RawField>& raw, std::vector<Field>& fields) {
  fields.resize(raw.size());
  std::transform(raw.begin(), raw.end(), fields.begin(), [bytes](const detail::RawField& field) {
    return Field(field.id, field.name.in(bytes), field.value.in(bytes));
  });
}

Single single(const std::vector<Field>& fields, FieldId id) noexcept {
  Single result;
  for (const Field& field : fields) {
    if (field.id != id) continue;
    if (result.field != nullptr) {
      result.repeated = true;
      break;
    }
    result.field = &field;
  }
  return result;
}

ContentLength parse_content_length(std::string_view value) noexcept {
  constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value.empty()) return {};
  std::uint64_t number = 0;
  bool too_large = false;
  for (const char c : value) {
    if (!syntax::is_digit(c)) return {};
    const auto digit = static_cast<std::uint64_t>(c - '0');
    too_large = too_large || number > (limit - digit) / 10;
    if (!too_large) number = number * 10 + digit;
  }
  if (too_large) return {ContentLength::State::too_large, 0};
  return {ContentLength::State::valid, number};
}

TransferCoding parse_transfer_encoding(std::string_view value) noexcept {
  if (iequals(value, "chunked")) return TransferCoding::chunked;
  std::size_t at = 0;
  bool chunked = false;
  for (;;) {
    const std::size_t name = skip_blanks(value, at);
    std::size_t end = skip_token(value, name);
    // An empty element, or anything behind `chunked`, which can only be the last coding.
    if (end == name || chunked) return TransferCoding::malformed;
    chunked = iequals(value.substr(name, end - name), "chunked");
    end = skip_blanks(value, end);
    while (end < value.size() && value[end] == ';') {
      end = skip_parameter(value, end);
      if (end == std::string_view::npos || chunked) return TransferCoding::malformed;
      end = skip_blanks(value, end);
    }
    if (end == value.size()) return TransferCoding::unknown;
    if (value[end] != ',') return TransferCoding::malformed;
    at = end + 1;
  }
}

std::string_view take_element(std::string_view& list) noexcept {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

bool lists_token(const std::vector<Field>& fields, FieldId id, std::string_view token) noexcept {
  for (const Field& field : fields) {
    if (field.id != id) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      if (iequals(take_element(rest), token)) return true;
    }
  }
  return false;
}

ConnectionOptions take_connection(std::vector<Field>& fields) noexcept {
  ConnectionOptions options;
  for (const Field& connection : fields) {
    if (connection.id != FieldId::connection) continue;
    for (std::string_view rest = connection.value; !rest.empty();) {
      const std::string_view option = take_element(rest);
      options.close = options.close || iequals(option, "close");
      options.keep_alive = options.keep_alive || iequals(option, "keep-alive");
      options.upgrade = options.upgrade || iequals(option, "upgrade");
      for (Field& field : fields) field.nominated = field.nominated || iequals(field.name, option);
    }
  }
  return options;
}

std::optional<int> parse_version(std::string_view text) noexcept {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  const bool well_formed = text.size() == 8 && text.substr(0, 5) == "HTTP/" && syntax::is_digit(text[5]) &&
                           text[6] == '.' && syntax::is_digit(text[7]);
  return well_formed ? std::optional<int>(-1) : std::nullopt;
}

}  // namespace spillway::http
