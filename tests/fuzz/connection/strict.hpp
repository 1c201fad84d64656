#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the gateway writes, read by the letter: a reader of its own, which takes only one way to say a thing.
namespace spillway::fuzz {

// Says what is wrong and on which bytes, and ends the process.
[[noreturn]] void broken(std::string_view what, std::string_view bytes);

struct Message {
  std::string start;  // the first line
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool whole = false;      // it has come to its end
  bool until_end = false;  // that end is the connection's
  std::size_t begin = 0;   // its place among the bytes

  // None, or the one there is; `broken` when there are more. Names count without case.
  std::optional<std::string> field(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  int status() const;
  std::string method() const { return start.substr(0, start.find(' ')); }
  std::string target() const;
  std::string path() const;   // without the query
  std::string query() const;  // with `&` before each part; empty without one
};

// The next message at `place` of `bytes`, which moves behind it. Nothing when there is none or its head is cut; then
// `place` is where it begins. `bodyless`: an answer that has no body whatever its fields say.
std::optional<Message> read_request(std::string_view bytes, std::size_t& place);
std::optional<Message> read_answer(std::string_view bytes, std::size_t& place, bool bodyless);

}  // namespace spillway::fuzz
