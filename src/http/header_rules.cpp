#include "spillway/http/header_rules.hpp"

#include <algorithm>
#include <array>

#include "head_fields.hpp"
#include "spillway/base/text.hpp"

namespace spillway::http {
namespace {

// Names Beast has no number for.
constexpr std::array<std::string_view, 2> credential_names = {"api-key", "Ocp-Apim-Subscription-Key"};
constexpr std::array<std::string_view, 4> own_names = {"x-routed-backend", "x-routing-strategy", "x-circuit-state",
                                                       "x-attempts"};
constexpr std::array<std::string_view, 3> credential_parameters = {"api-key", "subscription-key", "authorization"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) noexcept {
  return std::any_of(names.begin(), names.end(), [&](std::string_view candidate) { return iequals(candidate, name); });
}

}  // namespace

bool is_hop_by_hop(const Field& field) noexcept {
  switch (field.id) {
    case FieldId::connection:
    case FieldId::keep_alive:
    case FieldId::proxy_authenticate:
    case FieldId::proxy_authentication_info:
    case FieldId::proxy_authorization:
    case FieldId::proxy_connection:
    case FieldId::te:
    case FieldId::trailer:
    case FieldId::transfer_encoding:
    case FieldId::upgrade:
    case FieldId::http2_settings: return true;
    default: return false;
  }
}

bool is_nominated(const Field& field, const std::vector<Field>& fields) noexcept {
  return lists_token(fields, FieldId::connection, field.name);
}

bool is_credential(const Field& field) noexcept {
  return field.id == FieldId::authorization || is_one_of(credential_names, field.name);
}

bool passes_to_backend(const Field& field, const RequestHead& head) noexcept {
  switch (field.id) {
    case FieldId::host:
    case FieldId::content_length:
    case FieldId::expect: return false;
    default: return !is_hop_by_hop(field) && !is_credential(field) && !is_nominated(field, head.fields);
  }
}

bool passes_to_client(const Field& field, const ResponseHead& head) noexcept {
  return field.id != FieldId::content_length && !is_hop_by_hop(field) && !is_one_of(own_names, field.name) &&
         !is_nominated(field, head.fields);
}

bool is_credential_parameter(std::string_view name) noexcept {
  return is_one_of(credential_parameters, name);
}

}  // namespace spillway::http
