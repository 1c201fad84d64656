#pragma once

#include <cstddef>
#include <string>
#include <vector>

// The strict HTTP profile as a table: whole requests and answers, legal and hostile, with what must become of them. The
// readers' tests and the tests of the running gateway share it. Names start with the id of the rule they belong to.
namespace spillway::test {

// Requests are for a gateway with the default limits that knows the key `test-key` and has a backend for `gpt-4o`.
struct RequestCase {
  std::string name;
  std::string bytes;
  int status = 0;      // of the refusal; 0 = accepted, and `bytes` is exactly one request
  bool close = false;  // the connection is closed after the answer
};
const std::vector<RequestCase>& request_cases();

// Indexes into request_cases() of those to be tried split at every byte.
const std::vector<std::size_t>& central_cases();

// A backend's answer, and what the backend does after it.
struct ResponseCase {
  std::string name;
  std::string bytes;  // then the connection is closed, or kept when `bytes` says so
  bool accepted = false;
  bool to_head = false;      // the request was a HEAD
  std::string body;          // when accepted: the body without its framing
  std::size_t stray = 0;     // bytes behind the answer
  bool reusable = false;     // the connection may serve another request
  bool until_close = false;  // the body ends with the connection
  std::size_t interim = 0;   // 1xx answers before the final one
};
const std::vector<ResponseCase>& response_cases();

}  // namespace spillway::test
