#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spillway/http/reader.hpp"
#include "spillway/http/writer.hpp"

using namespace spillway::http;

namespace {

struct Decoded {
  ReadState state = ReadState::need_more;
  std::string reason;
  std::string body;
  std::size_t consumed = 0;
  std::uint64_t announced = 0;

  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view bytes, std::size_t step) {
  ChunkDecoder decoder;
  Decoded result;
  while (!bytes.empty() && result.state == ReadState::need_more) {
    std::string piece(bytes.substr(0, step));
    const ChunkDecoder::Step taken = decoder.decode(piece);
    if (taken.consumed > piece.size() || taken.payload > taken.consumed) std::abort();
    result.body.append(piece, 0, taken.payload);
    result.consumed += taken.consumed;
    result.state = taken.state;
    result.reason = taken.reason;
    bytes.remove_prefix(piece.size());
  }
  result.announced = decoder.announced();
  return result;
}

}  // namespace

// The result does not depend on how the input was cut, and what was decoded can be encoded and decoded again. The first
// byte says how to cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Decoded whole = decode(bytes, std::max<std::size_t>(bytes.size(), 1));
  if (decode(bytes, 1) != whole || decode(bytes, 2U + data[0]) != whole) std::abort();
  if (whole.state == ReadState::complete && whole.announced != whole.body.size()) std::abort();
  if (whole.body.size() > whole.announced) std::abort();

  std::string again;
  if (!whole.body.empty()) again.append(ChunkHeader(whole.body.size()).text()).append(whole.body).append(chunk_end);
  again.append(last_chunk);
  const Decoded second = decode(again, 3);
  if (second.state != ReadState::complete || second.body != whole.body || second.consumed != again.size()) std::abort();
  return 0;
}
