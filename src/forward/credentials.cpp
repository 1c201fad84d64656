#include "credentials.hpp"

#include "spillway/base/text.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::forward {
namespace {

// The key in `Bearer KEY`; empty for other schemes.
std::string_view bearer(std::string_view value) noexcept {
  constexpr std::string_view scheme = "bearer ";
  if (value.size() <= scheme.size() || !iequals(value.substr(0, scheme.size()), scheme)) return {};
  return trim(value.substr(scheme.size()));
}

}  // namespace

void append_credentials(std::string& head, const config::Backend& backend, const http::RequestHead& request,
                        const routing::Access& access) {
  switch (backend.auth.kind) {
    case config::AuthKind::none: return;
    case config::AuthKind::api_key: http::append_field(head, "api-key", backend.auth.api_key.reveal()); return;
    case config::AuthKind::passthrough:
      for (const http::Field& field : request.fields) {
        if (field.id != http::FieldId::authorization) continue;
        if (!access.is_client_key(bearer(field.value))) http::append_field(head, field.name, field.value);
      }
      return;
  }
}

}  // namespace spillway::forward
