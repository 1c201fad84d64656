#include "head_fields.hpp"
#include "request_target.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/reader.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr Rejection malformed(const char* reason) {
  return {400, "bad_request", reason};
}

constexpr Rejection bad_byte = malformed("The request head holds a control character.");
constexpr Rejection bad_line_end = malformed("Lines of the request head must end with CR LF.");
constexpr Rejection bad_request_line = malformed("The request line must be a method, a target and a version.");
constexpr Rejection bad_method = malformed("The request method is not valid.");
constexpr Rejection bad_version = malformed("The HTTP version is not valid.");
constexpr Rejection folded = malformed("Header fields must not be folded or preceded by white space.");
constexpr Rejection no_colon = malformed("A header field has no colon.");
constexpr Rejection bad_name = malformed("The name of a header field is not valid.");
constexpr Rejection no_host = malformed("The request needs a Host header field.");
constexpr Rejection many_hosts = malformed("The request has more than one Host header field.");
constexpr Rejection bad_host = malformed("The Host header field is not valid.");
constexpr Rejection other_host = malformed("The host of the request target is not that of the Host header field.");
constexpr Rejection many_lengths = malformed("The request has more than one Content-Length.");
constexpr Rejection bad_length = malformed("The Content-Length is not a number.");
constexpr Rejection many_codings = malformed("The request has more than one Transfer-Encoding.");
constexpr Rejection bad_coding = malformed("The Transfer-Encoding must be chunked.");
constexpr Rejection both_framings = malformed("The request has both a Transfer-Encoding and a Content-Length.");
constexpr Rejection old_coding = malformed("HTTP/1.0 has no Transfer-Encoding.");
constexpr Rejection method_refused{405, "bad_request", "The request method is not allowed."};
constexpr Rejection length_too_large{413, "request_too_large", "The request body is too large."};
constexpr Rejection target_too_large{414, "bad_request", "The request target is too long."};
constexpr Rejection bad_expectation{417, "bad_request", "The only expectation known is 100-continue."};
constexpr Rejection head_too_large{431, "headers_too_large", "The request head is too large."};
constexpr Rejection too_many_fields{431, "headers_too_large", "The request has too many header fields."};
constexpr Rejection unknown_coding{501, "bad_request", "The only transfer coding known is chunked."};
constexpr Rejection other_version{505, "bad_request", "The HTTP version must be 1.0 or 1.1."};

const Rejection* broken_line(detail::HeadLines::Next next, bool have_start_line) noexcept {
  using Next = detail::HeadLines::Next;
  if (next == Next::bad_byte) return &bad_byte;
  if (next == Next::bad_line_end) return &bad_line_end;
  return have_start_line ? &head_too_large : &target_too_large;
}

const Rejection* read_framing(RequestHead& head) {
  const Single length = single(head.fields, FieldId::content_length);
  const Single coding = single(head.fields, FieldId::transfer_encoding);
  if (coding.field != nullptr) {
    if (head.minor_version == 0) return &old_coding;
    if (length.field != nullptr) return &both_framings;
    if (coding.repeated) return &many_codings;
    const TransferCoding value = parse_transfer_encoding(coding.field->value);
    if (value == TransferCoding::unknown) return &unknown_coding;
    if (value == TransferCoding::malformed) return &bad_coding;
    head.framing = Framing::chunked;
  } else if (length.field != nullptr) {
    if (length.repeated) return &many_lengths;
    const ContentLength value = parse_content_length(length.field->value);
    if (value.state == ContentLength::State::malformed) return &bad_length;
    if (value.state == ContentLength::State::too_large) return &length_too_large;
    head.framing = Framing::length;
    head.content_length = value.value;
  }
  return nullptr;
}

const Rejection* read_host(RequestHead& head) {
  const Single host = single(head.fields, FieldId::host);
  if (host.repeated) return &many_hosts;
  if (host.field == nullptr) return head.minor_version == 0 ? nullptr : &no_host;
  if (!is_valid_host(host.field->value)) return &bad_host;
  head.host = host.field->value;
  return nullptr;
}

const Rejection* read_expectation(RequestHead& head) {
  const bool has_body = head.framing == Framing::chunked || head.content_length > 0;
  if (head.minor_version == 0 || !has_body) return nullptr;
  for (const Field& field : head.fields) {
    if (field.id != FieldId::expect) continue;
    if (!iequals(field.value, "100-continue")) return &bad_expectation;
    head.expect_continue = true;
  }
  return nullptr;
}

bool asks_for_upgrade(const RequestHead& head, const ConnectionOptions& connection) {
  if (head.minor_version != 1 || !connection.upgrade) return false;
  const Field* upgrade = head.find(FieldId::upgrade);
  return upgrade != nullptr && !upgrade->value.empty();
}

}  // namespace

RequestReader::RequestReader(HeadLimits limits) : limits_(limits) {
  fields_.reserve(usual_fields);
  head_.fields.reserve(usual_fields);
}

void RequestReader::reset(HeadLimits limits) noexcept {
  limits_ = limits;
  reset();
}

void RequestReader::reset() noexcept {
  std::vector<Field> fields = std::move(head_.fields);
  fields.clear();
  head_ = {};
  head_.fields = std::move(fields);
  fields_.clear();
  size_ = 0;
  rejection_ = {};
  state_ = ReadState::need_more;
  lines_ = {};
  method_ = {};
  have_start_line_ = skipped_empty_line_ = end_seen_ = false;
}

ReadState RequestReader::reject(const Rejection& rejection) noexcept {
  rejection_ = rejection;
  return state_ = ReadState::rejected;
}

ReadState RequestReader::parse(std::string_view bytes) {
  using Next = detail::HeadLines::Next;
  while (state_ == ReadState::need_more) {
    const Next next = lines_.next(bytes, limits_.max_size);
    if (next == Next::need_more) return state_;
    const Rejection* const wrong = next == Next::line ? take_line(bytes) : broken_line(next, have_start_line_);
    // An answer to HEAD has no body, a refusal neither.
    if (end_seen_ || wrong != nullptr) head_.method = method_.in(bytes);
    if (wrong != nullptr) return reject(*wrong);
    if (end_seen_) return finish(bytes);
  }
  return state_;
}

const Rejection* RequestReader::take_line(std::string_view bytes) {
  const detail::Piece& line = lines_.line();
  if (!have_start_line_) {
    if (line.size == 0 && !skipped_empty_line_) {
      skipped_empty_line_ = true;
      return nullptr;
    }
    have_start_line_ = true;
    return take_request_line(bytes);
  }
  if (line.size == 0) {
    end_seen_ = true;
    return nullptr;
  }
  if (fields_.size() >= limits_.max_fields) return &too_many_fields;
  switch (take_field(bytes, line, fields_)) {
    case FieldError::none: return nullptr;
    case FieldError::folded: return &folded;
    case FieldError::no_colon: return &no_colon;
    case FieldError::bad_name: break;
  }
  return &bad_name;
}

const Rejection* RequestReader::take_request_line(std::string_view bytes) {
  const detail::Piece& piece = lines_.line();
  const std::string_view line = piece.in(bytes);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1) return &bad_request_line;
  const std::string_view method = line.substr(0, first);
  if (!syntax::is_token(method)) return &bad_method;
  method_ = {piece.begin, first};
  const std::optional<int> version = parse_version(line.substr(last + 1));
  if (!version) return &bad_version;
  if (*version < 0) return &other_version;
  if (method == "CONNECT" || method == "TRACE") return &method_refused;
  target_ = {piece.begin + first + 1, last - first - 1};
  head_.minor_version = *version;
  return nullptr;
}

ReadState RequestReader::finish(std::string_view bytes) {
  resolve_fields(bytes, fields_, head_.fields);
  if (const Rejection* wrong = read_framing(head_)) return reject(*wrong);
  if (const Rejection* wrong = read_host(head_)) return reject(*wrong);
  TargetParts target;
  if (const char* wrong = parse_target(target_.in(bytes), target)) return reject(malformed(wrong));
  if (!target.authority.empty() && !iequals(target.authority, head_.host)) return reject(other_host);
  if (const Rejection* wrong = read_expectation(head_)) return reject(*wrong);

  head_.path = target.path;
  head_.query = target.query;
  head_.has_query = target.has_query;
  const ConnectionOptions connection = take_connection(head_.fields);
  head_.keep_alive = connection.is_persistent(head_.minor_version);
  head_.upgrade = asks_for_upgrade(head_, connection);
  size_ = lines_.position();
  return state_ = ReadState::complete;
}

}  // namespace spillway::http
