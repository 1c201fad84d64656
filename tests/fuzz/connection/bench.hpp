#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire.hpp"

// A gateway's worker on wires instead of sockets.
namespace spillway::fuzz {

// An input. Its first byte says how many bytes go through to the client (its lowest two bits) and to a backend (the
// next two) at a time, 0 all, 1 one, 2 seven, 3 a thousand, and, in 0x40, whether backends answer before they have all
// of a request. Then comes what the client sends, and, each behind 0x1E,
// what the backends answer on the first connection made to one, on the second, … Within one side
//   0x1F  what follows comes by itself, in a later read
//   0x1D  the same, but not before the gateway has sent something more
//   0x1C  the connection is reset here, and nothing follows
//   0x1A  nothing follows, but the connection stays open
// Else a backend closes at its end; a client always stays until the gateway has nothing more to do.
struct Play {
  std::size_t to_client = 0;
  std::size_t to_backend = 0;
  bool hasty = false;
  std::vector<Step> client;
  std::vector<std::vector<Step>> backends;
};
Play read_play(std::string_view input);

// All bytes of a side, cut or not.
std::string bytes_of(const std::vector<Step>& steps);

// What the gateway is told about its limits.
inline constexpr std::size_t max_header_size = 2 << 10;
inline constexpr std::size_t max_header_fields = 40;
inline constexpr std::size_t max_request_body = 3 << 10;
inline constexpr std::size_t replay_buffer = 1 << 10;
inline constexpr std::string_view backend_key = "key-of-the-backends";

struct Outcome {
  std::shared_ptr<Wire> client;
  std::vector<std::shared_ptr<Wire>> backends;  // those that were called, in that order
};
// Until everybody has nothing more to do. Ends the process when a connection outlives that.
Outcome perform(const Play& play);

}  // namespace spillway::fuzz
