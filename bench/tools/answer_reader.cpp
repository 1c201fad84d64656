#include "answer_reader.hpp"

#include <algorithm>
#include <cstdlib>

#include "support.hpp"

namespace bench {

void AnswerReader::reset() {
  state_ = State::head;
  head_.clear();
  line_.clear();
  left_ = 0;
  status_ = 0;
  closes_ = false;
}

bool AnswerReader::read_head() {
  if (!head_.starts_with("HTTP/1.1 ") || head_.size() < 12) return false;
  status_ = std::atoi(head_.c_str() + 9);
  closes_ = field(head_, "connection") == "close";
  if (field(head_, "transfer-encoding") == "chunked") {
    state_ = State::chunk_size;
    return true;
  }
  const std::string_view length = field(head_, "content-length");
  if (length.empty()) return false;
  left_ = std::strtoull(std::string(length).c_str(), nullptr, 10);
  state_ = left_ == 0 ? State::complete : State::sized;
  return true;
}

bool AnswerReader::take(std::string_view bytes, std::string* payload) {
  if (state_ == State::head) {
    const std::size_t had = head_.size();
    head_.append(bytes);
    const std::size_t end = head_.find("\r\n\r\n", had < 3 ? 0 : had - 3);
    if (end == std::string::npos) return head_.size() < 65536;
    bytes.remove_prefix(end + 4 - had);
    head_.resize(end + 2);
    if (!read_head()) return false;
  }
  return body(bytes, payload);
}

// The line that ends within the bytes, when one does (`line_complete_`), without its end.
std::string_view AnswerReader::line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  line_complete_ = end != std::string_view::npos;
  line_.append(bytes.substr(0, end));
  bytes.remove_prefix(line_complete_ ? end + 1 : bytes.size());
  std::string_view text = line_;
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool AnswerReader::body(std::string_view bytes, std::string* payload) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::sized:
      case State::chunk: {
        const std::size_t size = std::min(left_, bytes.size());
        if (payload != nullptr) payload->append(bytes.substr(0, size));
        bytes.remove_prefix(size);
        left_ -= size;
        if (left_ == 0) state_ = state_ == State::sized ? State::complete : State::chunk_end;
        break;
      }
      case State::chunk_size:
      case State::chunk_end:
      case State::trailer: {
        const std::string_view text = line(bytes);
        if (!line_complete_) return true;
        if (state_ == State::chunk_size) {
          left_ = std::strtoull(std::string(text).c_str(), nullptr, 16);
          state_ = left_ == 0 ? State::trailer : State::chunk;
        } else if (state_ == State::chunk_end) {
          state_ = State::chunk_size;
        } else if (text.empty()) {
          state_ = State::complete;
        }
        line_.clear();
        break;
      }
      case State::head:
      case State::complete: return false;
    }
  }
  return true;
}

}  // namespace bench
