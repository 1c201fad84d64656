#include "spillway/http/sse.hpp"

namespace spillway::http {

void SseSplitter::feed(std::string_view bytes) {
  if (failed_) return;
  // Bytes already cut are dropped only now and then, so that feeding small pieces stays cheap.
  if (position_ > buffer_.size() / 2) {
    buffer_.erase(0, position_);
    scanned_ -= position_;
    position_ = 0;
  }
  buffer_ += bytes;
}

std::optional<SseEvent> SseSplitter::next() {
  while (const std::optional<std::string_view> line = next_line()) {
    if (line->empty()) {
      const bool complete = has_data_;
      SseEvent event = std::move(current_);
      current_ = {};
      has_data_ = false;
      if (complete) return event;
      continue;
    }
    take_field(*line);
    if (current_.data.size() > max_event_) failed_ = true;
  }
  return std::nullopt;
}

std::optional<std::string_view> SseSplitter::next_line() {
  if (failed_) return std::nullopt;
  if (!started_) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    const std::string_view start = std::string_view(buffer_).substr(0, byte_order_mark.size());
    if (start.size() < byte_order_mark.size() && byte_order_mark.starts_with(start)) return std::nullopt;
    if (start == byte_order_mark) position_ = byte_order_mark.size();
    scanned_ = position_;
    started_ = true;
  }
  if (after_cr_ && position_ < buffer_.size()) {
    if (buffer_[position_] == '\n') scanned_ = ++position_;
    after_cr_ = false;
  }
  const std::size_t end = buffer_.find_first_of("\r\n", scanned_);
  if (end == std::string::npos) {
    scanned_ = buffer_.size();
    failed_ = buffer_.size() - position_ > max_event_;
    return std::nullopt;
  }
  const std::string_view line = std::string_view(buffer_).substr(position_, end - position_);
  after_cr_ = buffer_[end] == '\r';
  scanned_ = position_ = end + 1;
  return line;
}

void SseSplitter::take_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "event") {
    current_.event = value;
  } else if (name == "data") {
    if (has_data_) current_.data += '\n';
    current_.data += value;
    has_data_ = true;
  }
}

}  // namespace spillway::http
