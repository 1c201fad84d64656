#include "spillway/http/writer.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <charconv>

namespace spillway::http {

std::string_view reason_phrase(int status) noexcept {
  if (status < 0) return "Unknown";
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return "Unknown";
  const auto phrase = boost::beast::http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

void append_status_line(std::string& out, int status) {
  append_status_line(out, status, reason_phrase(status));
}

void append_status_line(std::string& out, int status, std::string_view reason) {
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(1, ' ').append(reason).append("\r\n");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t begin = out.size();
  out.resize(begin + name.size() + value.size() + 4);
  char* at = std::copy(name.begin(), name.end(), out.data() + begin);
  *at++ = ':';
  *at++ = ' ';
  at = std::copy(value.begin(), value.end(), at);
  *at++ = '\r';
  *at = '\n';
}

void append_field(std::string& out, std::string_view name, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  append_field(out, name, std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

ChunkHeader::ChunkHeader(std::size_t payload) noexcept : text_{}, start_(text_.size() - 2) {
  text_[start_] = '\r';
  text_[start_ + 1] = '\n';
  do {
    text_[--start_] = "0123456789abcdef"[payload & 0xFU];
    payload >>= 4U;
  } while (payload != 0);
}

}  // namespace spillway::http
