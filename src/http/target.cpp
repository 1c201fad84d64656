#include "spillway/http/target.hpp"

#include <utility>

#include "spillway/base/text.hpp"
#include "spillway/http/header_rules.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr syntax::Table segment_bytes = syntax::table("-._~!$&'()*+,;=:@", true);
constexpr syntax::Table query_value_bytes = syntax::table("-._~", true);

std::string percent_encode(std::string_view text, const syntax::Table& kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (syntax::in(kept, c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// The byte an escape at `at` stands for, or -1.
int escaped_byte(std::string_view text, std::size_t at) noexcept {
  if (text[at] != '%' || at + 2 >= text.size()) return -1;
  const int high = syntax::hex_value(text[at + 1]);
  const int low = syntax::hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// Compares `raw` after decoding; a broken escape stands for itself.
bool decodes_to(std::string_view raw, std::string_view text, bool ignore_case) noexcept {
  std::size_t at = 0;
  for (const char expected : text) {
    if (at >= raw.size()) return false;
    const int escaped = escaped_byte(raw, at);
    const char c = escaped < 0 ? raw[at] : static_cast<char>(escaped);
    if (c != expected && !(ignore_case && lower(c) == lower(expected))) return false;
    at += escaped < 0 ? 1 : 3;
  }
  return at == raw.size();
}

// Cuts the first `&` part off `query`.
std::string_view take_part(std::string_view& query) noexcept {
  const std::size_t end = query.find('&');
  const std::string_view part = query.substr(0, end);
  query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  return part;
}

// A `deployment` or `model` of a query, edited.
std::string model_part(std::string_view part, std::size_t name_size, const QueryEdits& edits) {
  std::string out(edits.name_it_model ? "model" : part.substr(0, name_size));
  if (edits.model) return out + "=" + percent_encode(*edits.model, query_value_bytes);
  return out.append(part.substr(name_size));
}

// What is below `root`, which ends without a slash, with the slash before it; nothing for paths that are not below it.
std::optional<std::string_view> below(std::string_view path, std::string_view root) noexcept {
  if (!iequals(path.substr(0, root.size()), root)) return std::nullopt;
  path.remove_prefix(root.size());
  return path.empty() || path.front() == '/' ? std::optional(path) : std::nullopt;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const int byte = escaped_byte(text, at);
    if (byte < 0) return std::nullopt;
    out += static_cast<char>(byte);
    at += 2;
  }
  return out;
}

std::string percent_encode_segment(std::string_view text) {
  return percent_encode(text, segment_bytes);
}

bool has_path_prefix(std::string_view path, std::string_view prefix) noexcept {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (!path.starts_with(prefix)) return false;
  return prefix.empty() || path.size() == prefix.size() || path[prefix.size()] == '/';
}

std::optional<std::string_view> deployment_segment(std::string_view path) noexcept {
  bool next = false;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (next) return segment.empty() ? std::nullopt : std::optional(segment);
    next = decodes_to(segment, "deployments", true);
    path.remove_prefix(segment.size());
  }
  return std::nullopt;
}

bool is_classic(std::string_view path) noexcept {
  constexpr std::string_view root = "/openai/";
  if (!iequals(path.substr(0, root.size()), root)) return false;
  const std::string_view rest = path.substr(root.size());
  return !iequals(rest.substr(0, rest.find('/')), "v1");
}

std::string to_openai_path(std::string_view path) {
  const std::optional<std::string_view> rest = below(path, "/openai");
  if (!rest || rest->empty()) return std::string(path);
  if (const auto v1 = below(*rest, "/v1")) return "/v1" + std::string(*v1);
  if (const auto deployment = below(*rest, "/deployments"); deployment && deployment->size() > 1) {
    const std::size_t end = deployment->find('/', 1);
    if (end != 1 && end != std::string_view::npos) return "/v1" + std::string(deployment->substr(end));
  }
  return "/v1" + std::string(*rest);
}

std::string to_azure_path(std::string_view path) {
  const std::optional<std::string_view> rest = below(path, "/v1");
  return rest ? "/openai/v1" + std::string(*rest) : std::string(path);
}

std::optional<std::string> query_value(std::string_view query, std::string_view name, bool ignore_case) {
  while (!query.empty()) {
    const std::string_view part = take_part(query);
    const std::size_t equals = part.find('=');
    if (part.empty() || !decodes_to(part.substr(0, equals), name, ignore_case)) continue;
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    return percent_decode(value).value_or(std::string(value));
  }
  return std::nullopt;
}

std::string rewrite_query(std::string_view query, const QueryEdits& edits) {
  std::string out;
  bool version_written = false;
  bool model_written = false;
  auto append = [&out, first = true](std::string_view part) mutable {
    if (!first) out += '&';
    first = false;
    out += part;
  };
  const auto append_version = [&] {
    if (edits.api_version && !version_written)
      append("api-version=" + percent_encode(*edits.api_version, query_value_bytes));
    version_written = true;
  };
  for (bool more = !query.empty(); more;) {
    more = query.find('&') != std::string_view::npos;
    const std::string_view part = take_part(query);
    const std::string_view raw_name = part.substr(0, part.find('='));
    if (is_credential_parameter(percent_decode(raw_name).value_or(std::string(raw_name)))) continue;
    if ((edits.api_version || edits.drop_api_version) && decodes_to(raw_name, "api-version", true)) {
      append_version();
    } else if (decodes_to(raw_name, "deployment", true) || decodes_to(raw_name, "model", true)) {
      if (edits.name_it_model && std::exchange(model_written, true)) continue;
      append(model_part(part, raw_name.size(), edits));
    } else {
      append(part);
    }
  }
  append_version();
  return out;
}

}  // namespace spillway::http
