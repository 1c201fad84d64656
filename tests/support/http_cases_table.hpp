#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http_cases.hpp"

// How the table of http_cases.hpp is put together.
namespace spillway::test {

// Control and 8-bit bytes as \xNN, so that a name can be printed.
inline std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      out.append("\\x").append(1, "0123456789abcdef"[byte >> 4U]).append(1, "0123456789abcdef"[byte & 0xFU]);
    }
  }
  return out;
}

struct RequestTable {
  std::vector<RequestCase> cases;
  std::vector<std::size_t> central;

  void refused(std::string_view name, std::string bytes, int status = 400) {
    cases.push_back({printable(name), std::move(bytes), status, true});
  }
  void accepted(std::string_view name, std::string bytes, bool close = false) {
    cases.push_back({printable(name), std::move(bytes), 0, close});
  }
  // The case added last is a central one.
  void mark() { central.push_back(cases.size() - 1); }
};

inline constexpr std::string_view case_path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
inline constexpr std::string_view case_json = R"({"messages":[]})";  // 15 bytes

// `fields` are whole lines.
inline std::string request(std::string_view line, std::string_view fields, std::string_view body = {}) {
  return std::string(line)
      .append("\r\nHost: gateway.test\r\napi-key: test-key\r\n")
      .append(fields)
      .append("\r\n")
      .append(body);
}
inline std::string post(std::string_view fields, std::string_view body = {}) {
  return request("POST " + std::string(case_path) + " HTTP/1.1", fields, body);
}
inline std::string get(std::string_view fields) {
  return request("GET " + std::string(case_path) + " HTTP/1.1", fields);
}
inline std::string get_target(std::string_view target) {
  return request("GET " + std::string(target) + " HTTP/1.1", "");
}
inline std::string post_json(std::string_view fields) {
  return post("Content-Length: 15\r\n" + std::string(fields), case_json);
}
inline std::string post_chunked(std::string_view body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

void add_length_cases(RequestTable& table);  // H01-H05, H23
void add_chunk_cases(RequestTable& table);   // H10-H12
void add_field_cases(RequestTable& table);   // H06-H09, H15-H17
void add_target_cases(RequestTable& table);  // H13, H14, H19, H22

}  // namespace spillway::test
