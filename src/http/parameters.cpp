#include "parameters.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"

namespace spillway::http {

bool Parameters::next() {
  while (!broken_ && !rest_.empty()) {
    rest_.remove_prefix(1);  // the semicolon
    rest_ = trim(rest_);
    if (rest_.empty() || rest_.front() == ';') continue;
    const std::size_t end = rest_.find_first_of("=;");
    if (end == std::string_view::npos || rest_[end] == ';') break;
    name_ = trim(rest_.substr(0, end));
    rest_ = trim(rest_.substr(end + 1));
    if (rest_.starts_with('"')) return take_quoted();
    value_ = trim(rest_.substr(0, rest_.find(';')));
    rest_.remove_prefix(std::min(rest_.find(';'), rest_.size()));
    return true;
  }
  broken_ = broken_ || !rest_.empty();
  return false;
}

bool Parameters::take_quoted() {
  value_.clear();
  for (std::size_t at = 1; at < rest_.size(); ++at) {
    if (rest_[at] == '"') {
      rest_ = trim(rest_.substr(at + 1));
      broken_ = !rest_.empty() && rest_.front() != ';';
      return !broken_;
    }
    if (rest_[at] == '\\' && ++at == rest_.size()) break;
    value_ += rest_[at];
  }
  broken_ = true;
  return false;
}

}  // namespace spillway::http
