#include "strict.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace spillway::fuzz {
namespace {

constexpr std::string_view line_end = "\r\n";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != std::string_view::npos;
  });
}

bool same_name(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return small(x) == small(y); });
}

std::size_t number(std::string_view text, std::string_view head) {
  constexpr std::size_t most_digits = 18;
  if (text.empty() || text.size() > most_digits || !std::all_of(text.begin(), text.end(), is_digit))
    broken("a Content-Length that is no number", head);
  return static_cast<std::size_t>(std::stoull(std::string(text)));
}

void read_field(std::string_view line, std::string_view head, Message& message) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) broken("a field without a name", head);
  const std::string_view value = line.substr(colon + 2);
  const bool padded =
      !value.empty() && (value.front() == ' ' || value.front() == '\t' || value.back() == ' ' || value.back() == '\t');
  const bool controlled = std::any_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
  if (padded || controlled) broken("a field's value", head);
  message.fields.emplace_back(line.substr(0, colon), value);
}

// Nothing when the head is cut.
std::optional<Message> read_head(std::string_view bytes, std::size_t& place) {
  const std::size_t end = bytes.find("\r\n\r\n", place);
  if (end == std::string_view::npos) return std::nullopt;
  Message message;
  message.begin = place;
  const std::string_view head = bytes.substr(place, end - place);
  std::string_view rest = head;
  for (bool first = true; !rest.empty() || first; first = false) {
    const std::size_t size = std::min(rest.find(line_end), rest.size());
    const std::string_view line = rest.substr(0, size);
    if (line.empty() || line.find_first_of("\r\n") != std::string_view::npos) broken("a line", head);
    if (first)
      message.start = line;
    else
      read_field(line, head, message);
    rest.remove_prefix(std::min(size + line_end.size(), rest.size()));
  }
  place = end + 4;
  return message;
}

void take_length(std::string_view bytes, std::size_t& place, std::size_t size, Message& message) {
  message.body = bytes.substr(place, size);
  place += message.body.size();
  message.whole = message.body.size() == size;
}

// Of a chunk as it is written here: upper- or lower-case hexadecimal digits, no extension.
std::optional<std::size_t> chunk_size(std::string_view line, std::string_view bytes) {
  constexpr std::size_t most_digits = 8;
  if (line.empty() || line.size() > most_digits || line.find_first_not_of("0123456789abcdefABCDEF") < line.size())
    broken("a chunk's size", bytes);
  return std::stoull(std::string(line), nullptr, 16);
}

void take_chunks(std::string_view bytes, std::size_t& place, Message& message) {
  for (;;) {
    const std::size_t end = bytes.find(line_end, place);
    if (end == std::string_view::npos) {
      place = bytes.size();
      return;
    }
    const std::size_t size = *chunk_size(bytes.substr(place, end - place), bytes.substr(message.begin));
    place = end + line_end.size();
    message.body += bytes.substr(place, size);
    const std::size_t behind = place + size;
    if (behind + line_end.size() > bytes.size()) {
      place = bytes.size();
      return;
    }
    if (bytes.substr(behind, line_end.size()) != line_end) broken("the end of a chunk", bytes.substr(message.begin));
    place = behind + line_end.size();
    if (size == 0) {
      message.whole = true;
      return;
    }
  }
}

// The body a message has by its fields. False: they say nothing.
bool take_body(std::string_view bytes, std::size_t& place, Message& message) {
  const auto length = message.field("content-length");
  const auto coding = message.field("transfer-encoding");
  const std::string_view head = bytes.substr(message.begin, place - message.begin);
  if (length && coding) broken("a length and a coding", head);
  if (coding && *coding != "chunked") broken("a coding", head);
  if (coding) take_chunks(bytes, place, message);
  if (length) take_length(bytes, place, number(*length, head), message);
  return length || coding;
}

}  // namespace

void broken(std::string_view what, std::string_view bytes) {
  std::fprintf(stderr, "not as it should be: %.*s\n--\n%.*s\n--\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(bytes.size()), bytes.data());
  std::abort();
}

std::size_t Message::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields.begin(), fields.end(), [&](const auto& field) { return same_name(field.first, name); }));
}

std::optional<std::string> Message::field(std::string_view name) const {
  if (count(name) > 1) broken(std::string(name) + " more than once", start);
  for (const auto& field : fields) {
    if (same_name(field.first, name)) return field.second;
  }
  return std::nullopt;
}

int Message::status() const {
  return std::atoi(start.c_str() + std::string_view("HTTP/1.1 ").size());
}

std::string Message::target() const {
  const std::size_t first = start.find(' ') + 1;
  return start.substr(first, start.rfind(' ') - first);
}

std::string Message::path() const {
  const std::string text = target();
  return text.substr(0, text.find('?'));
}

std::string Message::query() const {
  const std::string text = target();
  const std::size_t mark = text.find('?');
  return mark == std::string::npos ? "" : "&" + text.substr(mark + 1);
}

std::optional<Message> read_request(std::string_view bytes, std::size_t& place) {
  std::optional<Message> message = read_head(bytes, place);
  if (!message) return message;
  const std::string& start = message->start;
  const std::size_t first = start.find(' ');
  const std::size_t last = start.rfind(' ');
  if (first == std::string::npos || last <= first + 1 || !is_token(start.substr(0, first)) ||
      start.substr(last) != " HTTP/1.1" || start.find(' ', first + 1) != last || start[first + 1] != '/')
    broken("a request line", start);
  if (!take_body(bytes, place, *message)) message->whole = true;
  return message;
}

std::optional<Message> read_answer(std::string_view bytes, std::size_t& place, bool bodyless) {
  std::optional<Message> message = read_head(bytes, place);
  if (!message) return message;
  const std::string& start = message->start;
  constexpr std::size_t digits_at = 9;
  if (start.substr(0, digits_at) != "HTTP/1.1 " || start.size() < digits_at + 4 || !is_digit(start[digits_at]) ||
      !is_digit(start[digits_at + 1]) || !is_digit(start[digits_at + 2]) || start[digits_at + 3] != ' ' ||
      message->status() < 100)
    broken("a status line", start);
  const int status = message->status();
  if (bodyless || status < 200 || status == 204 || status == 304) {
    message->whole = true;
  } else if (!take_body(bytes, place, *message)) {
    message->until_end = true;
    message->body = bytes.substr(place);
    place = bytes.size();
  }
  return message;
}

}  // namespace spillway::fuzz
