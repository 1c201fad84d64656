#include "affinity.hpp"

#include "spillway/base/text.hpp"
#include "spillway/http/prompt.hpp"

namespace spillway::forward {
namespace {

// Cuts the first `;` part off a Cookie field's value.
std::string_view take_crumb(std::string_view& rest) {
  const std::size_t end = rest.find(';');
  const std::string_view crumb = trim(rest.substr(0, end));
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return crumb;
}

bool is_named(std::string_view crumb, std::string_view name) {
  return crumb.size() > name.size() && crumb.starts_with(name) && crumb[name.size()] == '=';
}

}  // namespace

void keep_together(pool::Wish& wish, const config::Config& config, std::size_t pool, const http::RequestHead& head,
                   std::string_view body, const routing::OwnerMarks& marks) {
  const config::Affinity& affinity = config.pools[pool].affinity;
  if (affinity.cookie) {
    if (const auto value = cookie_value(head, affinity.cookie->name)) wish.pinned = marks.open_cookie(*value, pool);
  }
  if (affinity.header) {
    const http::Field* field = head.find(*affinity.header);
    if (field != nullptr && !field->value.empty()) wish.session = http::stable_hash(field->value);
  }
  if (affinity.prompt_cache && !body.empty()) wish.prompt = http::prompt_hash(body);
}

std::optional<std::string_view> cookie_value(const http::RequestHead& head, std::string_view name) {
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldId::cookie) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::string_view crumb = take_crumb(rest);
      if (is_named(crumb, name)) return crumb.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::string without_cookie(std::string_view field, std::string_view name) {
  std::string left;
  while (!field.empty()) {
    const std::string_view crumb = take_crumb(field);
    if (crumb.empty() || is_named(crumb, name)) continue;
    if (!left.empty()) left += "; ";
    left += crumb;
  }
  return left;
}

std::string session_cookie(std::string_view name, std::string_view value, bool secure) {
  std::string cookie(name);
  cookie.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Lax");
  if (secure) cookie += "; Secure";
  return cookie;
}

}  // namespace spillway::forward
