#include "spillway/http/field_id.hpp"

#include <array>
#include <cstddef>

#include "spillway/base/text.hpp"

namespace spillway::http {
namespace {

struct Known {
  std::string_view name;
  FieldId id = FieldId::unknown;
};

constexpr std::array known = {
    Known{"accept-encoding", FieldId::accept_encoding},
    Known{"age", FieldId::age},
    Known{"api-key", FieldId::api_key},
    Known{"apim-request-id", FieldId::apim_request_id},
    Known{"authorization", FieldId::authorization},
    Known{"connection", FieldId::connection},
    Known{"content-encoding", FieldId::content_encoding},
    Known{"content-length", FieldId::content_length},
    Known{"content-type", FieldId::content_type},
    Known{"cookie", FieldId::cookie},
    Known{"expect", FieldId::expect},
    Known{"host", FieldId::host},
    Known{"http2-settings", FieldId::http2_settings},
    Known{"keep-alive", FieldId::keep_alive},
    Known{"ocp-apim-subscription-key", FieldId::ocp_apim_subscription_key},
    Known{"proxy-authenticate", FieldId::proxy_authenticate},
    Known{"proxy-authentication-info", FieldId::proxy_authentication_info},
    Known{"proxy-authorization", FieldId::proxy_authorization},
    Known{"proxy-connection", FieldId::proxy_connection},
    Known{"retry-after", FieldId::retry_after},
    Known{"retry-after-ms", FieldId::retry_after_ms},
    Known{"sec-websocket-accept", FieldId::sec_websocket_accept},
    Known{"sec-websocket-key", FieldId::sec_websocket_key},
    Known{"sec-websocket-protocol", FieldId::sec_websocket_protocol},
    Known{"sec-websocket-version", FieldId::sec_websocket_version},
    Known{"te", FieldId::te},
    Known{"traceparent", FieldId::traceparent},
    Known{"tracestate", FieldId::tracestate},
    Known{"trailer", FieldId::trailer},
    Known{"transfer-encoding", FieldId::transfer_encoding},
    Known{"upgrade", FieldId::upgrade},
    Known{"x-attempts", FieldId::x_attempts},
    Known{"x-circuit-state", FieldId::x_circuit_state},
    Known{"x-ms-region", FieldId::x_ms_region},
    Known{"x-ms-retry-after-ms", FieldId::x_ms_retry_after_ms},
    Known{"x-request-id", FieldId::x_request_id},
    Known{"x-routed-backend", FieldId::x_routed_backend},
    Known{"x-routing-strategy", FieldId::x_routing_strategy},
};

// Each name has a place of its own, which its size, first and last letter tell: one comparison is enough.
struct Places {
  static constexpr unsigned bits = 8;

  std::uint32_t factor = 0;
  std::array<Known, std::size_t{1} << bits> names{};

  constexpr std::size_t of(std::string_view name) const noexcept {
    const auto letter = [](char c) { return static_cast<std::uint32_t>(static_cast<unsigned char>(c)) | 0x20U; };
    const auto size = static_cast<std::uint32_t>(name.size());
    return (size << 16U ^ letter(name.front()) << 8U ^ letter(name.back())) * factor >> (32U - bits);
  }

  constexpr bool fill() noexcept {
    for (const Known& each : known) {
      Known& place = names[of(each.name)];
      if (!place.name.empty()) return false;
      place = each;
    }
    return true;
  }
};

// The first factor that puts no two names in one place.
constexpr Places find_places() {
  for (std::uint32_t factor = 0x9E3779B1U;; factor += 2) {
    Places places{factor, {}};
    if (places.fill()) return places;
  }
}

constexpr Places places = find_places();

}  // namespace

FieldId field_id(std::string_view name) noexcept {
  if (name.empty()) return FieldId::unknown;
  const Known& candidate = places.names[places.of(name)];
  return iequals(candidate.name, name) ? candidate.id : FieldId::unknown;
}

}  // namespace spillway::http
