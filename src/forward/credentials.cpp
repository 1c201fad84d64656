#include "credentials.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::forward {
namespace {

// A key of this gateway stands in the field, alone or behind any scheme.
bool names_client_key(std::string_view value, const routing::Access& access) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(" \t"), value.size());
    if (access.is_client_key(value.substr(0, end))) return true;
    value = trim(value.substr(end));
  }
  return false;
}

}  // namespace

void append_credentials(std::string& head, const config::Backend& backend, const http::RequestHead& request,
                        const routing::Access& access, std::string_view token) {
  switch (backend.auth.kind) {
    case config::AuthKind::none: return;
    case config::AuthKind::api_key:
      if (backend.api == config::Api::openai)
        head.append("Authorization: Bearer ").append(backend.auth.api_key.reveal()).append("\r\n");
      else
        http::append_field(head, "api-key", backend.auth.api_key.reveal());
      return;
    case config::AuthKind::token: head.append("Authorization: Bearer ").append(token).append("\r\n"); return;
    case config::AuthKind::passthrough:
      for (const http::Field& field : request.fields) {
        if (field.id != http::FieldId::authorization) continue;
        if (!names_client_key(field.value, access)) http::append_field(head, field.name, field.value);
      }
      return;
  }
}

}  // namespace spillway::forward
