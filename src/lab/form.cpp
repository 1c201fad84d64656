#include "form.hpp"

#include "spillway/base/text.hpp"
#include "spillway/http/multipart.hpp"

namespace spillway::lab {
namespace {

// `key="value"` of a Content-Disposition, or empty.
std::string parameter(std::string_view disposition, std::string_view key) {
  const std::string start = std::string(key) + "=\"";
  std::size_t at = 0;
  while ((at = disposition.find(start, at)) != std::string_view::npos) {
    const bool whole_word = at > 0 && (disposition[at - 1] == ' ' || disposition[at - 1] == ';');
    at += start.size();
    if (!whole_word) continue;
    std::string value;
    for (; at < disposition.size() && disposition[at] != '"'; ++at) {
      if (disposition[at] == '\\' && at + 1 < disposition.size()) ++at;
      value += disposition[at];
    }
    return value;
  }
  return {};
}

std::optional<FormPart> read_part(std::string_view part) {
  const std::size_t head_end = part.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  FormPart out;
  out.content = part.substr(head_end + 4);
  std::string_view head = part.substr(0, head_end);
  while (!head.empty()) {
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && iequals(line.substr(0, colon), "content-disposition")) {
      out.name = parameter(line.substr(colon + 1), "name");
      out.file_name = parameter(line.substr(colon + 1), "filename");
    }
    if (line_end == std::string_view::npos) break;
    head.remove_prefix(line_end + 2);
  }
  if (out.name.empty()) return std::nullopt;
  return out;
}

}  // namespace

const FormPart* Form::find(std::string_view name) const noexcept {
  for (const FormPart& part : parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

std::string_view Form::value(std::string_view name) const noexcept {
  const FormPart* part = find(name);
  return part == nullptr ? std::string_view{} : part->content;
}

std::optional<Form> read_form(std::string_view content_type, std::string_view body) {
  const auto boundary = http::multipart_boundary(content_type);
  if (!boundary) return std::nullopt;
  const std::string first = "--" + *boundary;
  const std::string next = "\r\n" + first;
  std::size_t at = 0;
  if (body.substr(0, first.size()) != first) {
    at = body.find(next);
    if (at == std::string_view::npos) return std::nullopt;
    at += 2;
  }
  at += first.size();
  Form form;
  while (body.substr(at, 2) != "--") {
    if (body.substr(at, 2) != "\r\n") return std::nullopt;
    at += 2;
    const std::size_t end = body.find(next, at);
    if (end == std::string_view::npos) return std::nullopt;
    auto part = read_part(body.substr(at, end - at));
    if (!part) return std::nullopt;
    form.parts.push_back(std::move(*part));
    at = end + next.size();
  }
  return form;
}

}  // namespace spillway::lab
