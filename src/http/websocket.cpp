#include "spillway/http/websocket.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "head_fields.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr std::string_view key_prefix = "openai-insecure-api-key.";
constexpr std::string_view accept_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr syntax::Table base64_bytes = syntax::table("+/", true);

bool is_key_protocol(std::string_view protocol) noexcept {
  return iequals(protocol.substr(0, key_prefix.size()), key_prefix);
}

bool is_key(std::string_view value) noexcept {
  constexpr std::size_t digits = 22;  // of 16 bytes, before the padding
  return value.size() == digits + 2 && value.ends_with("==") &&
         std::all_of(value.begin(), value.begin() + digits, [](char c) { return syntax::in(base64_bytes, c); });
}

bool offers(const RequestHead& request, std::string_view protocol) noexcept {
  if (is_key_protocol(protocol)) return false;
  for (const Field& field : request.fields) {
    if (field.id != FieldId::sec_websocket_protocol) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      if (take_element(rest) == protocol) return true;
    }
  }
  return false;
}

}  // namespace

bool asks_for_websocket(const RequestHead& head) noexcept {
  return head.upgrade && lists_token(head.fields, FieldId::upgrade, "websocket");
}

bool is_websocket_path(std::string_view path) {
  const std::optional<std::string> last = percent_decode(path.substr(path.rfind('/') + 1));
  return last && (iequals(*last, "realtime") || iequals(*last, "responses"));
}

HandshakeProblem check_handshake(const RequestHead& head) {
  const Single key = single(head.fields, FieldId::sec_websocket_key);
  const Single version = single(head.fields, FieldId::sec_websocket_version);
  const bool has_body = head.framing == Framing::chunked || head.content_length > 0;
  if (version.field == nullptr || version.repeated || has_body) return HandshakeProblem::malformed;
  if (version.field->value != "13") return HandshakeProblem::unsupported_version;
  if (key.field == nullptr || key.repeated || !is_key(key.field->value)) return HandshakeProblem::malformed;
  return HandshakeProblem::none;
}

std::optional<std::string> handshake_model(const RequestHead& head) {
  for (const std::string_view name : {"deployment", "model"}) {
    std::optional<std::string> value = query_value(head.query, name, true);
    if (value && !value->empty()) return value;
  }
  return std::nullopt;
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key).append(accept_suffix);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

bool completes_handshake(const ResponseHead& answer, const RequestHead& request) {
  const Field* key = request.find(FieldId::sec_websocket_key);
  const Single upgrade = single(answer.fields, FieldId::upgrade);
  const Single accept = single(answer.fields, FieldId::sec_websocket_accept);
  const Single protocol = single(answer.fields, FieldId::sec_websocket_protocol);
  if (answer.status != 101 || answer.minor_version != 1 || key == nullptr) return false;
  if (upgrade.field == nullptr || upgrade.repeated || !iequals(upgrade.field->value, "websocket")) return false;
  if (!lists_token(answer.fields, FieldId::connection, "upgrade")) return false;
  if (accept.field == nullptr || accept.repeated || accept.field->value != websocket_accept(key->value)) return false;
  return protocol.field == nullptr || (!protocol.repeated && offers(request, protocol.field->value));
}

std::string_view subprotocol_key(const RequestHead& head) noexcept {
  for (const Field& field : head.fields) {
    if (field.id != FieldId::sec_websocket_protocol) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::string_view protocol = take_element(rest);
      if (is_key_protocol(protocol) && protocol.size() > key_prefix.size()) return protocol.substr(key_prefix.size());
    }
  }
  return {};
}

std::string without_subprotocol_keys(std::string_view value) {
  std::string kept;
  while (!value.empty()) {
    const std::string_view protocol = take_element(value);
    if (protocol.empty() || is_key_protocol(protocol)) continue;
    kept.append(kept.empty() ? "" : ", ").append(protocol);
  }
  return kept;
}

void FrameTracker::take(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    if (payload_left_ != 0) {
      const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
      payload_left_ -= part;
      bytes.remove_prefix(part);
      closed_ = closed_ || (close_ && payload_left_ == 0);
      continue;
    }
    header_[header_size_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (header_size_ >= 2) end_header();
  }
}

// Once the header is whole, what it says of the payload counts (RFC 6455 5.2).
void FrameTracker::end_header() noexcept {
  constexpr std::uint8_t close_opcode = 8;
  const std::uint8_t length = header_[1] & 0x7FU;
  const std::size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
  const std::size_t mask = (header_[1] & 0x80U) != 0 ? 4 : 0;
  if (header_size_ < 2 + more + mask) return;
  payload_left_ = more == 0 ? length : 0;
  for (std::size_t i = 0; i < more; ++i) payload_left_ = payload_left_ << 8U | header_[2 + i];
  close_ = (header_[0] & 0x0FU) == close_opcode;
  closed_ = closed_ || (close_ && payload_left_ == 0);
  header_size_ = 0;
}

std::string close_frame(std::uint16_t code, const std::optional<std::array<std::uint8_t, 4>>& mask) {
  constexpr std::uint8_t last_close = 0x88;
  std::array<std::uint8_t, 2> payload = {static_cast<std::uint8_t>(code >> 8U),
                                         static_cast<std::uint8_t>(code & 0xFFU)};
  std::string frame;
  frame += static_cast<char>(last_close);
  frame += static_cast<char>(payload.size() | (mask ? 0x80U : 0U));
  if (mask) {
    for (const std::uint8_t byte : *mask) frame += static_cast<char>(byte);
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(payload[i] ^ (*mask)[i]);
  }
  for (const std::uint8_t byte : payload) frame += static_cast<char>(byte);
  return frame;
}

}  // namespace spillway::http
