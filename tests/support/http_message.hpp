#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

// A request or an answer as it stood on the wire, for tests to look at.
struct Message {
  std::string start_line;
  Headers headers;
  std::string body;
  bool chunked = false;
  bool complete = false;  // the body ended as its framing says
  std::string raw_head;

  int status() const;          // of an answer
  std::string method() const;  // of a request
  std::string target() const;
  std::optional<std::string> header(std::string_view name) const;  // the first one, case ignored
  std::size_t count(std::string_view name) const;
};

// Takes one message from the front of `bytes`; nothing when its head or body is not all there. `bodyless`: an answer to
// HEAD. `at_end`: no more bytes will come (an answer without a length ends here).
std::optional<Message> take_message(std::string& bytes, bool bodyless = false, bool at_end = false);

std::string request(std::string_view method, std::string_view target, const Headers& headers,
                    std::string_view body = {});

}  // namespace spillway::test
