#pragma once

#include <cstdint>
#include <string>

namespace spillway::lab {

// One request as its caller saw it. Texts are as the server sent them: whoever shows them makes them harmless
// (printable.hpp).
struct Sent {
  int status = 0;            // 0: no answer
  std::string backend{};     // x-routed-backend
  std::string region{};      // x-ms-region
  std::string attempts{};    // x-attempts: `eastus-ptu;429, westus;200`
  double milliseconds = 0;   // from when it was due to the last byte
  std::string strategy{};    // x-routing-strategy
  std::string circuit{};     // x-circuit-state
  std::string deployment{};  // x-ms-deployment-name: as the resource calls it
  double at = 0;             // when it was due, in seconds since the first one
  std::uint64_t number = 0;  // from 1, in the order they were due
  double first_byte_ms = 0;  // from when it was due to the first byte of the answer; 0 without one
  double waited_ms = 0;      // from when it was due to when it was sent
  std::string error{};       // why no whole answer came; empty when one did
  std::string code{};        // of the error the answer speaks of
  std::string message{};

  bool succeeded() const noexcept { return status / 100 == 2 && error.empty(); }
};

}  // namespace spillway::lab
