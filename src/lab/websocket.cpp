#include "websocket.hpp"

#include <openssl/sha.h>

#include <array>

#include "wording.hpp"

namespace spillway::lab::websocket {
namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t longest_control = 125;

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_control(Opcode opcode) noexcept {
  return opcode == Opcode::close || opcode == Opcode::ping || opcode == Opcode::pong;
}

bool is_known(std::uint8_t opcode) noexcept {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

// What a peer may say in a close frame (RFC 6455 7.4.2).
bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code < 5000);
}

void append_big_endian(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t big_endian(std::string_view text, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | byte_at(text, at + i);
  return value;
}

void apply_mask(std::string& payload, std::size_t begin, std::uint32_t mask) {
  for (std::size_t i = begin; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(byte_at(payload, i) ^ (mask >> (24 - 8 * ((i - begin) % 4)) & 0xFFU));
  }
}

}  // namespace

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += guid;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string frame(Opcode opcode, std::string_view payload, bool last, std::optional<std::uint32_t> mask) {
  std::string out;
  out.reserve(payload.size() + 14);
  out += static_cast<char>((last ? 0x80U : 0U) | static_cast<unsigned>(opcode));
  const unsigned masked = mask ? 0x80U : 0U;
  if (payload.size() < 126) {
    out += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= 0xFFFF) {
    out += static_cast<char>(masked | 126U);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(masked | 127U);
    append_big_endian(out, payload.size(), 8);
  }
  if (mask) append_big_endian(out, *mask, 4);
  const std::size_t begin = out.size();
  out += payload;
  if (mask) apply_mask(out, begin, *mask);
  return out;
}

std::string close_frame(std::uint16_t code, std::string_view reason, std::optional<std::uint32_t> mask) {
  std::string payload;
  if (code != no_status) append_big_endian(payload, code, 2);
  payload += reason.substr(0, longest_control - 2);
  return frame(Opcode::close, payload, true, mask);
}

std::uint16_t Message::close_code() const noexcept {
  return payload.size() < 2 ? no_status : static_cast<std::uint16_t>(big_endian(payload, 0, 2));
}

std::nullopt_t MessageReader::fail(std::uint16_t code) noexcept {
  failure_ = code;
  return std::nullopt;
}

std::optional<MessageReader::Head> MessageReader::head() {
  const std::string_view input = std::string_view(input_).substr(used_);
  if (input.size() < 2) return std::nullopt;
  const std::uint8_t first = byte_at(input, 0);
  const std::uint8_t second = byte_at(input, 1);
  if ((first & 0x70U) != 0 || !is_known(first & 0x0FU)) return fail(protocol_error);
  if (((second & 0x80U) != 0) != masked_) return fail(protocol_error);
  Head head{static_cast<Opcode>(first & 0x0FU), (first & 0x80U) != 0, 2, second & 0x7FU};
  const std::size_t extra = head.length == 127 ? 8 : head.length == 126 ? 2 : 0;
  if (input.size() < 2 + extra) return std::nullopt;
  if (extra != 0) head.length = big_endian(input, 2, extra);
  head.size += extra + (masked_ ? 4 : 0);
  if (is_control(head.opcode) && (!head.last || head.length > longest_control)) return fail(protocol_error);
  const bool begins = head.opcode == Opcode::text || head.opcode == Opcode::binary;
  if (begins == partial_.has_value() && !is_control(head.opcode)) return fail(protocol_error);
  if (head.length > most_ || (partial_ && partial_->payload.size() + head.length > most_)) return fail(too_big);
  return head;
}

std::optional<Message> MessageReader::take(const Head& head) {
  const std::size_t length = static_cast<std::size_t>(head.length);
  if (input_.size() - used_ < head.size + length) return std::nullopt;
  Message message{head.opcode, input_.substr(used_ + head.size, length)};
  if (masked_) apply_mask(message.payload, 0, static_cast<std::uint32_t>(big_endian(input_, used_ + head.size - 4, 4)));
  used_ += head.size + length;
  if (used_ == input_.size() || used_ > (1U << 20U)) {
    input_.erase(0, used_);
    used_ = 0;
  }
  return message;
}

std::optional<Message> MessageReader::next() {
  while (!failure_) {
    const auto head = this->head();
    if (!head) return std::nullopt;
    auto piece = take(*head);
    if (!piece) return std::nullopt;
    if (is_control(head->opcode)) {
      const std::uint16_t code = piece->close_code();
      const bool close = head->opcode == Opcode::close && !piece->payload.empty();
      if (close && (code == no_status || !may_be_sent(code))) return fail(protocol_error);
      return piece;
    }
    if (partial_) {
      partial_->payload += piece->payload;
    } else {
      partial_ = std::move(piece);
    }
    if (!head->last) continue;
    Message whole = std::move(*partial_);
    partial_.reset();
    if (whole.opcode == Opcode::text && !is_utf8(whole.payload)) return fail(invalid_payload);
    return whole;
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t lead = byte_at(text, i);
    const std::size_t more = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || more >= text.size() - i) return false;
    std::uint32_t point = more == 0 ? lead : lead & (0x3FU >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte_at(text, i + k) & 0xC0U) != 0x80U) return false;
      point = point << 6U | (byte_at(text, i + k) & 0x3FU);
    }
    const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace spillway::lab::websocket
