#include "spillway/http/header_rules.hpp"

#include <algorithm>
#include <array>

#include "spillway/base/text.hpp"

namespace spillway::http {
namespace {

constexpr std::array<std::string_view, 3> credential_parameters = {"api-key", "subscription-key", "authorization"};

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

bool is_credential(const Field& field) noexcept {
  switch (field.id) {
    case FieldId::api_key:
    case FieldId::authorization:
    case FieldId::ocp_apim_subscription_key: return true;
    default: return false;
  }
}

bool passes_to_backend(const Field& field) noexcept {
  switch (field.id) {
    case FieldId::host:
    case FieldId::content_length:
    case FieldId::expect: return false;
    default: return !field.nominated && !is_hop_by_hop(field) && !is_credential(field);
  }
}

bool passes_to_client(const Field& field) noexcept {
  switch (field.id) {
    case FieldId::content_length:
    case FieldId::x_attempts:
    case FieldId::x_circuit_state:
    case FieldId::x_routed_backend:
    case FieldId::x_routing_strategy: return false;
    default: return !field.nominated && !is_hop_by_hop(field);
  }
}

bool is_credential_parameter(std::string_view name) noexcept {
  return std::any_of(credential_parameters.begin(), credential_parameters.end(),
                     [&](std::string_view each) { return iequals(each, name); });
}

}  // namespace spillway::http
