#include "http_message.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace spillway::test {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
           return std::tolower(x) == std::tolower(y);
         });
}

// Takes a chunked body from `bytes` at `at`; false when it is not all there.
bool take_chunks(const std::string& bytes, std::size_t& at, std::string& body) {
  for (;;) {
    const std::size_t line_end = bytes.find("\r\n", at);
    if (line_end == std::string::npos) return false;
    const std::size_t size = std::strtoul(bytes.c_str() + at, nullptr, 16);
    const std::size_t data = line_end + 2;
    if (size == 0) {
      const std::size_t end = bytes.find("\r\n", data);
      if (end == std::string::npos) return false;
      at = end + 2;
      return true;
    }
    if (bytes.size() < data + size + 2) return false;
    body.append(bytes, data, size);
    at = data + size + 2;
  }
}

}  // namespace

int Message::status() const {
  return start_line.size() < 12 ? 0 : std::atoi(start_line.c_str() + 9);
}

std::string Message::method() const {
  return start_line.substr(0, start_line.find(' '));
}

std::string Message::target() const {
  const std::size_t first = start_line.find(' ');
  const std::size_t second = start_line.rfind(' ');
  return first == std::string::npos ? std::string() : start_line.substr(first + 1, second - first - 1);
}

std::optional<std::string> Message::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

std::size_t Message::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& header) { return same_name(header.first, name); }));
}

std::optional<Message> take_message(std::string& bytes, bool bodyless, bool at_end) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  Message message;
  message.raw_head = bytes.substr(0, head_end + 4);
  std::size_t at = bytes.find("\r\n");
  message.start_line = bytes.substr(0, at);
  while (at < head_end) {
    at += 2;
    const std::size_t end = bytes.find("\r\n", at);
    const std::string line = bytes.substr(at, end - at);
    const std::size_t colon = line.find(':');
    std::string value = colon == std::string::npos ? std::string() : line.substr(colon + 1);
    value.erase(0, value.find_first_not_of(" \t"));
    message.headers.emplace_back(line.substr(0, colon), value);
    at = end;
  }
  std::size_t next = head_end + 4;
  const bool answer = message.start_line.starts_with("HTTP/");
  const int status = answer ? message.status() : 0;
  const bool no_body = bodyless || (answer && (status < 200 || status == 204 || status == 304));
  const auto length = message.header("content-length");
  const auto coding = message.header("transfer-encoding");
  message.chunked = coding && same_name(*coding, "chunked");
  message.complete = true;
  if (no_body) {
  } else if (message.chunked) {
    if (!take_chunks(bytes, next, message.body)) {
      if (!at_end) return std::nullopt;
      message.complete = false;
      next = bytes.size();
    }
  } else if (length) {
    const std::size_t size = std::strtoul(length->c_str(), nullptr, 10);
    if (bytes.size() < next + size) {
      if (!at_end) return std::nullopt;
      message.complete = false;
    }
    message.body = bytes.substr(next, size);
    next = std::min(bytes.size(), next + size);
  } else if (answer) {
    if (!at_end) return std::nullopt;
    message.body = bytes.substr(next);
    next = bytes.size();
  }
  bytes.erase(0, next);
  return message;
}

std::string request(std::string_view method, std::string_view target, const Headers& headers, std::string_view body) {
  std::string bytes;
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: gateway.test\r\n");
  for (const auto& [name, value] : headers) bytes.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return bytes.append("\r\n").append(body);
}

}  // namespace spillway::test
