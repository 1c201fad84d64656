#include "progress.hpp"

#include <fmt/format.h>

namespace spillway::lab {
namespace {

constexpr auto on_terminal = std::chrono::milliseconds(200);
constexpr auto elsewhere = std::chrono::seconds(10);

}  // namespace

std::string progress_text(const Stand& stand, const LoadParameters& parameters) {
  const auto seconds = [](auto duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration).count(); };
  std::string out = fmt::format("{} s", seconds(stand.since));
  if (parameters.duration.count() != 0) out += fmt::format(" of {} s", seconds(parameters.duration));
  out += fmt::format(": {} ", stand.ended);
  if (parameters.requests != 0) out += fmt::format("of {} ", parameters.requests);
  return out + fmt::format("ended, {} in flight, {} failed", stand.in_flight, stand.failed);
}

std::string Progress::next(const Stand& stand, const LoadParameters& parameters) {
  if (!shown_ && !terminal_) next_at_ = std::max<Duration>(next_at_, elsewhere);
  if (stand.since < next_at_) return {};
  shown_ = true;
  next_at_ = stand.since + (terminal_ ? Duration(on_terminal) : Duration(elsewhere));
  const std::string text = progress_text(stand, parameters);
  return terminal_ ? "\r\x1b[K" + text : text + "\n";
}

}  // namespace spillway::lab
