#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spillway/http/reader.hpp"

using namespace spillway::http;

// An answer's head is understood the same in one piece and byte by byte. The first bit says whether a HEAD asked for
// it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool to_head = (data[0] & 1U) != 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const HeadLimits limits{4096, 20};
  ResponseReader whole(limits);
  const ReadState state = whole.parse(bytes, to_head);

  ResponseReader single(limits);
  ReadState last = single.parse({}, to_head);
  for (std::size_t i = 1; i < size && last == ReadState::need_more; ++i) {
    last = single.parse(std::string_view(bytes).substr(0, i), to_head);
  }
  if (state != last || std::string_view(whole.reason()) != single.reason()) std::abort();
  if (state != ReadState::complete) return 0;

  const ResponseHead& head = whole.head();
  if (whole.size() != single.size() || head.framing != single.head().framing) std::abort();
  if (head.status < 100 || head.status > 599 || head.status != single.head().status) std::abort();
  if (to_head && head.framing != Framing::none) std::abort();
  if (head.framing == Framing::until_close && head.keep_alive) std::abort();
  const bool coded = head.find(FieldId::transfer_encoding) != nullptr;
  if (coded && (head.minor_version == 0 || head.find(FieldId::content_length) != nullptr)) std::abort();
  return 0;
}
