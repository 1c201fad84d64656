#include "head_fields.hpp"
#include "spillway/http/reader.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr bool has_no_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

// RFC 9112 6.3, with every ambiguity refused instead of resolved.
const char* read_framing(ResponseHead& head, bool to_head) {
  const Single length = single(head.fields, FieldId::content_length);
  const Single coding = single(head.fields, FieldId::transfer_encoding);
  if (coding.field != nullptr) {
    if (head.minor_version == 0) return "Transfer-Encoding in HTTP/1.0";
    if (length.field != nullptr) return "both Transfer-Encoding and Content-Length";
    if (coding.repeated) return "more than one Transfer-Encoding";
    if (parse_transfer_encoding(coding.field->value) != TransferCoding::chunked) return "unknown Transfer-Encoding";
  }
  if (length.field != nullptr) {
    if (length.repeated) return "more than one Content-Length";
    const ContentLength value = parse_content_length(length.field->value);
    if (value.state != ContentLength::State::valid) return "invalid Content-Length";
    head.content_length = value.value;
  }
  if (to_head || has_no_body(head.status)) {
    // A server that announces a body here may send one: what follows on this connection cannot be trusted.
    const bool announced = coding.field != nullptr || head.content_length > 0;
    if (announced && !to_head && head.status != 304) head.keep_alive = false;
    head.framing = Framing::none;
  } else if (coding.field != nullptr) {
    head.framing = Framing::chunked;
  } else if (length.field != nullptr) {
    head.framing = Framing::length;
  } else {
    head.framing = Framing::until_close;
    head.keep_alive = false;
  }
  return nullptr;
}

}  // namespace

ResponseReader::ResponseReader(HeadLimits limits) : limits_(limits) {
  fields_.reserve(usual_fields);
  head_.fields.reserve(usual_fields);
}

void ResponseReader::reset() noexcept {
  head_.fields.clear();
  fields_.clear();
  size_ = 0;
  reason_ = "";
  state_ = ReadState::need_more;
  lines_ = {};
  phrase_ = {};
  have_start_line_ = end_seen_ = false;
}

void ResponseReader::forget_fields() noexcept {
  std::vector<Field>().swap(head_.fields);
  std::vector<detail::RawField>().swap(fields_);
}

ReadState ResponseReader::reject(const char* reason) noexcept {
  reason_ = reason;
  return state_ = ReadState::rejected;
}

ReadState ResponseReader::parse(std::string_view bytes, bool to_head) {
  using Next = detail::HeadLines::Next;
  while (state_ == ReadState::need_more) {
    switch (lines_.next(bytes, limits_.max_size)) {
      case Next::need_more: return state_;
      case Next::bad_byte: return reject("a control character in the head");
      case Next::bad_line_end: return reject("a line of the head does not end with CR LF");
      case Next::too_large: return reject("the head is too large");
      case Next::line: break;
    }
    if (const char* wrong = take_line(bytes)) return reject(wrong);
    if (end_seen_) return finish(bytes, to_head);
  }
  return state_;
}

const char* ResponseReader::take_line(std::string_view bytes) {
  const detail::Piece& line = lines_.line();
  if (!have_start_line_) {
    have_start_line_ = true;
    return take_status_line(line.in(bytes));
  }
  if (line.size == 0) {
    end_seen_ = true;
    return nullptr;
  }
  if (fields_.size() >= limits_.max_fields) return "too many header fields";
  switch (take_field(bytes, line, fields_)) {
    case FieldError::none: return nullptr;
    case FieldError::folded: return "a folded header field";
    case FieldError::no_colon: return "a header field without a colon";
    case FieldError::bad_name: break;
  }
  return "an invalid header field name";
}

const char* ResponseReader::take_status_line(std::string_view line) {
  constexpr std::size_t fixed = 12;  // `HTTP/1.1 200`
  const std::optional<int> version = parse_version(line.substr(0, 8));
  if (!version) return "not an HTTP status line";
  if (*version < 0) return "an HTTP version other than 1.0 and 1.1";
  if (line.size() < fixed || line[8] != ' ') return "an invalid status line";
  int status = 0;
  for (const char c : line.substr(9, 3)) {
    if (!syntax::is_digit(c)) return "an invalid status code";
    status = status * 10 + (c - '0');
  }
  if (status < 100 || status > 599) return "an invalid status code";
  if (line.size() > fixed) {
    if (line[fixed] != ' ') return "an invalid status code";
    phrase_ = {fixed + 1, line.size() - fixed - 1};
  }
  head_.status = status;
  head_.minor_version = *version;
  return nullptr;
}

ReadState ResponseReader::finish(std::string_view bytes, bool to_head) {
  resolve_fields(bytes, fields_, head_.fields);
  std::vector<detail::RawField>().swap(fields_);  // the body may be a stream that lasts for minutes
  head_.reason = phrase_.in(bytes);
  head_.framing = Framing::none;
  head_.content_length = 0;
  head_.keep_alive = take_connection(head_.fields).is_persistent(head_.minor_version);
  if (const char* wrong = read_framing(head_, to_head)) return reject(wrong);
  size_ = lines_.position();
  return state_ = ReadState::complete;
}

}  // namespace spillway::http
