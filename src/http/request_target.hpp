#pragma once

#include <string_view>

// The strict forms of a request target and of Host (RFC 9112 3.2, RFC 3986).
namespace spillway::http {

struct TargetParts {
  std::string_view authority;  // of the absolute form; empty in the origin form
  std::string_view path;       // starts with `/`
  std::string_view query;
  bool has_query = false;
};

// Takes a target apart and checks it. Returns what is wrong (a constant), or nullptr.
const char* parse_target(std::string_view target, TargetParts& parts) noexcept;

// A host name or address, with or without a port of 0 to 65535.
bool is_valid_host(std::string_view host) noexcept;

}  // namespace spillway::http
