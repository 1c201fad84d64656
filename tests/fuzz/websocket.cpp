#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/http/reader.hpp"
#include "spillway/http/websocket.hpp"

using namespace spillway::http;

namespace {

// Where the frames of `bytes` end, read as a whole (RFC 6455 5.2), and behind which of them a Close frame is over.
struct Frames {
  std::vector<bool> boundary;  // by the number of bytes taken
  std::size_t closed_at = SIZE_MAX;
};

Frames read_frames(std::string_view bytes) {
  Frames out;
  out.boundary.assign(bytes.size() + 1, false);
  out.boundary[0] = true;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at])); };
  for (std::size_t at = 0; at + 2 <= bytes.size();) {
    const std::uint64_t length = byte(at + 1) & 0x7FU;
    const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t header = 2 + more + ((byte(at + 1) & 0x80U) != 0 ? 4 : 0);
    if (bytes.size() - at < header) break;
    std::uint64_t payload = more == 0 ? length : 0;
    for (std::size_t i = 0; i < more; ++i) payload = payload * 256 + byte(at + 2 + i);
    if (payload > bytes.size() - at - header) break;
    const bool close = byte(at) % 16 == 8;
    at += header + static_cast<std::size_t>(payload);
    out.boundary[at] = true;
    if (close && out.closed_at == SIZE_MAX) out.closed_at = at;
  }
  return out;
}

// A tracker sees the same frames wherever the bytes are cut.
void check_frames(std::string_view bytes, std::size_t step) {
  const Frames frames = read_frames(bytes);
  FrameTracker tracker;
  for (std::size_t taken = 0;;) {
    if (tracker.at_boundary() != frames.boundary[taken]) std::abort();
    if (tracker.closed() != (taken >= frames.closed_at)) std::abort();
    if (taken == bytes.size()) break;
    const std::string_view piece = bytes.substr(taken, step);
    tracker.take(piece);
    taken += piece.size();
  }
  if (!tracker.at_boundary()) return;
  const auto mask = bytes.size() % 2 == 0 ? std::nullopt : std::optional(std::array<std::uint8_t, 4>{1, 2, 3, 4});
  tracker.take(close_frame(1001, mask));
  if (!tracker.at_boundary() || !tracker.closed()) std::abort();
}

// Without what separates the elements of a list, which is written anew.
std::ptrdiff_t count_of_letters(std::string_view list) {
  return std::ranges::count_if(list, [](char c) { return c != ' ' && c != '\t' && c != ','; });
}

// What is taken for a handshake is one, and only the answer to this one completes it.
void check_request(const RequestHead& head, std::string_view answer) {
  const bool good = check_handshake(head) == HandshakeProblem::none;
  const Field* key = head.find(FieldId::sec_websocket_key);
  if (good && (key == nullptr || key->value.size() != 24 || head.framing == Framing::chunked)) std::abort();
  bool has_key = false;
  for (const Field& field : head.fields) {
    if (field.id != FieldId::sec_websocket_protocol) continue;
    const std::string kept = without_subprotocol_keys(field.value);
    if (without_subprotocol_keys(kept) != kept) std::abort();
    has_key = has_key || count_of_letters(kept) < count_of_letters(field.value);
    if ((", " + kept).find(", openai-insecure-api-key.") != std::string::npos) std::abort();
  }
  if (!subprotocol_key(head).empty() && !has_key) std::abort();
  if (const auto model = handshake_model(head); model && model->empty()) std::abort();

  ResponseReader reader(HeadLimits{});
  if (reader.parse(answer, false) != ReadState::complete || !completes_handshake(reader.head(), head)) return;
  const Field* accept = reader.head().find(FieldId::sec_websocket_accept);
  if (reader.head().status != 101 || key == nullptr || accept == nullptr) std::abort();
  if (accept->value != websocket_accept(key->value)) std::abort();
}

}  // namespace

// The first byte says how frames are cut. Then come a request's head, an answer's, and frames.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  std::string_view frames = all.substr(1);
  RequestReader reader(HeadLimits{});
  if (reader.parse(frames) == ReadState::complete) {
    const std::string_view answer = frames.substr(reader.size());
    check_request(reader.head(), answer);
    ResponseReader behind(HeadLimits{});
    frames = answer.substr(behind.parse(answer, false) == ReadState::complete ? behind.size() : 0);
  }
  check_frames(frames, 1);
  check_frames(frames, 2U + data[0]);
  return 0;
}
