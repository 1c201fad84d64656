#include "spillway/observe/trace_context.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"

namespace spillway::observe {
namespace {

// `00-` trace `-` span `-` flags
constexpr std::size_t trace_at = 3;
constexpr std::size_t span_at = trace_at + 33;
constexpr std::size_t flags_at = span_at + 17;
constexpr std::size_t whole = flags_at + 2;

constexpr std::uint8_t sampled_flag = 0x01;
constexpr std::uint8_t random_flag = 0x02;

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// False: not all lower-case hexadecimal.
template <std::size_t Size>
bool read_hex(std::string_view text, std::array<std::uint8_t, Size>& out) noexcept {
  for (std::size_t i = 0; i < Size; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

template <std::size_t Size>
bool is_zero(const std::array<std::uint8_t, Size>& id) noexcept {
  return std::all_of(id.begin(), id.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept {
  if (text.size() < whole || text[trace_at - 1] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-')
    return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceParent parent;
  if (!read_hex(text, version) || !read_hex(text.substr(trace_at), parent.trace) ||
      !read_hex(text.substr(span_at), parent.span) || !read_hex(text.substr(flags_at), flags)) {
    return std::nullopt;
  }
  const bool longer = text.size() > whole;
  if (version[0] == 0xFF || (longer && (version[0] == 0 || text[whole] != '-'))) return std::nullopt;
  if (is_zero(parent.trace) || is_zero(parent.span)) return std::nullopt;
  parent.sampled = (flags[0] & sampled_flag) != 0;
  parent.random = (flags[0] & random_flag) != 0;
  return parent;
}

std::string format_traceparent(const TraceParent& parent) {
  const int flags = (parent.sampled ? sampled_flag : 0) | (parent.random ? random_flag : 0);
  std::string text = "00-" + to_hex(parent.trace) + "-" + to_hex(parent.span) + "-0";
  text.push_back(static_cast<char>('0' + flags));
  return text;
}

bool is_sampled(const TraceId& trace, double share) noexcept {
  if (share >= 1.0) return true;
  // The last seven bytes, which Trace Context wants to be random.
  std::uint64_t value = 0;
  for (std::size_t i = 9; i < trace.size(); ++i) value = value << 8U | trace[i];
  constexpr double all = 72057594037927936.0;  // 2^56
  return value < static_cast<std::uint64_t>(share * all);
}

}  // namespace spillway::observe
