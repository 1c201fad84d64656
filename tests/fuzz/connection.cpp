#include <cstdint>
#include <string>
#include <string_view>

#include "connection/bench.hpp"
#include "connection/oracle.hpp"

using namespace spillway::fuzz;

// A client's connection from its first byte to its last, through the whole gateway, with everything both sides send cut
// where the input says: what the backends and the client got is read again, strictly, and compared with what the client
// and the backends sent. How an input is written stands in connection/bench.hpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Play play = read_play({reinterpret_cast<const char*>(data), size});
  const Outcome outcome = perform(play);
  check(play, outcome);
  return 0;
}
