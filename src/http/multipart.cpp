#include "spillway/http/multipart.hpp"

#include <algorithm>

#include "parameters.hpp"
#include "spillway/base/text.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

// bchars of RFC 2046 5.1.1
constexpr syntax::Table boundary_bytes = syntax::table("'()+_,-./:=? ", true);

constexpr std::size_t max_boundary = 70;
constexpr std::size_t max_padding = 256;

bool is_boundary(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_boundary && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [](char c) { return syntax::in(boundary_bytes, c); });
}

// `name="model"` in the value of a Content-Disposition. Nothing when it cannot be read.
std::optional<bool> names_model(std::string_view disposition) {
  std::optional<std::string> name;
  Parameters parameters(disposition);
  while (parameters.next()) {
    if (!iequals(parameters.name(), "name")) continue;
    if (name) return std::nullopt;
    name = parameters.value();
  }
  if (parameters.broken()) return std::nullopt;
  return name == "model";
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  Parameters parameters(content_type);
  if (!iequals(trim(parameters.first()), "multipart/form-data")) return std::nullopt;
  std::optional<std::string> boundary;
  while (parameters.next()) {
    if (!iequals(parameters.name(), "boundary")) continue;
    if (boundary) return std::nullopt;
    boundary = parameters.value();
  }
  if (parameters.broken() || !boundary || !is_boundary(*boundary)) return std::nullopt;
  return boundary;
}

MultipartModelScan::MultipartModelScan(std::string boundary) : delimiter_("\r\n--" + std::move(boundary)) {}

ModelState MultipartModelScan::scan(std::string_view body, bool last) {
  bool enough = true;
  while (state_ == ModelState::need_more && enough) {
    switch (place_) {
      case Place::start: enough = take_start(body); break;
      case Place::content: enough = take_content(body); break;
      case Place::delimiter: enough = take_delimiter(body); break;
      case Place::head: enough = take_head(body); break;
    }
  }
  if (state_ == ModelState::need_more && last) state_ = ModelState::not_json;
  return state_;
}

// The first delimiter needs no line end before it; other text before it is a preamble.
bool MultipartModelScan::take_start(std::string_view body) {
  const std::string_view dashes = std::string_view(delimiter_).substr(2);
  const std::size_t size = std::min(body.size(), dashes.size());
  const bool matches = body.substr(0, size) == dashes.substr(0, size);
  if (matches && size < dashes.size()) return false;
  place_ = matches ? Place::delimiter : Place::content;
  position_ = begin_ = matches ? size : 0;
  return true;
}

bool MultipartModelScan::take_content(std::string_view body) {
  const std::size_t found = body.find(delimiter_, position_);
  if (found == std::string_view::npos) {
    // The last bytes may be the start of a delimiter.
    const std::size_t seen = body.size() - std::min(body.size(), delimiter_.size() - 1);
    position_ = std::max(position_, seen);
    return false;
  }
  span_.size = in_model_ ? std::max(found, span_.offset) - span_.offset : span_.size;
  position_ = begin_ = found + delimiter_.size();
  place_ = Place::delimiter;
  return true;
}

// delimiter = CRLF "--" boundary, then "--" behind the last part, else white space and CRLF. Anything else behind it
// makes it a part of the content.
bool MultipartModelScan::take_delimiter(std::string_view body) {
  std::size_t at = position_;
  while (at < body.size() && syntax::is_blank(body[at]) && at - begin_ < max_padding) ++at;
  position_ = at;
  if (body.size() - at < 2) return false;
  const std::string_view end = body.substr(at, 2);
  const bool last = end == "--" && at == begin_;
  if (!last && end != "\r\n") {
    place_ = Place::content;
    return true;
  }
  if (!any_part_) {
    any_part_ = true;
    first_part_ = begin_ + 2 - delimiter_.size();
  }
  if (in_model_) {
    in_model_ = false;
    if (span_.size <= max_model_size) {
      value_ = body.substr(span_.offset, span_.size);
      found_ = true;
    }
  }
  if (last) {
    state_ = found_ ? ModelState::found : ModelState::absent;
    return true;
  }
  begin_ = at + 2;
  position_ = at;  // the line end of the delimiter and an empty head make the pair of line ends that ends a head
  place_ = Place::head;
  return true;
}

bool MultipartModelScan::take_head(std::string_view body) {
  constexpr std::string_view head_end = "\r\n\r\n";
  const std::size_t found = body.find(head_end, position_);
  if ((found == std::string_view::npos ? body.size() : found) > begin_ + max_part_head) {
    state_ = ModelState::not_json;
    return true;
  }
  if (found == std::string_view::npos) {
    position_ = std::max(position_, body.size() - std::min(body.size(), head_end.size() - 1));
    return false;
  }
  const std::size_t content = found + head_end.size();
  if (found > begin_) read_part_head(body.substr(begin_, found - begin_));
  if (in_model_) span_ = {content, 0};
  // The content may be empty and its delimiter's line end be that of the head.
  position_ = begin_ = content - 2;
  place_ = Place::content;
  return true;
}

void MultipartModelScan::read_part_head(std::string_view head) {
  std::optional<bool> is_model;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    const bool folded = line.empty() || syntax::is_blank(line.front());
    if (folded || colon == std::string_view::npos) {
      state_ = ModelState::not_json;
      return;
    }
    if (!iequals(trim(line.substr(0, colon)), "Content-Disposition")) continue;
    const std::optional<bool> named = names_model(trim(line.substr(colon + 1)));
    if (!named || is_model) {
      state_ = ModelState::not_json;
      return;
    }
    is_model = named;
  }
  in_model_ = is_model.value_or(false);
  if (!in_model_) return;
  if (model_seen_) state_ = ModelState::duplicate;
  model_seen_ = true;
}

std::string multipart_model_part(std::string_view boundary, std::string_view model) {
  std::string part("--");
  part.append(boundary).append("\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n").append(model);
  return part.append("\r\n");
}

}  // namespace spillway::http
