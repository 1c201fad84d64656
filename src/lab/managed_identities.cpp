#include "managed_identities.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

namespace spillway::lab {

ManagedIdentities::Choice ManagedIdentities::choose(std::string_view query,
                                                    const IdentityParameters& parameters) const {
  const auto by = [&](std::string_view parameter, auto id) -> std::optional<Choice> {
    const auto wanted = http::query_value(query, parameter);
    if (!wanted) return std::nullopt;
    const auto found = std::find_if(identities_.begin(), identities_.end(),
                                    [&](const auto& identity) { return iequals(id(identity), *wanted); });
    if (found == identities_.end()) return Choice{nullptr, "Identity not found"};
    return Choice{&*found, ""};
  };
  if (auto found = by("client_id", [](const auto& one) { return std::string_view(one.principal.client_id); })) {
    return *found;
  }
  if (auto found =
          by(parameters.object_id, [](const auto& one) { return std::string_view(one.principal.object_id); })) {
    return *found;
  }
  if (auto found = by(parameters.resource_id, [](const auto& one) { return std::string_view(one.resource_id); })) {
    return *found;
  }
  const auto system = std::find_if(identities_.begin(), identities_.end(), [](const auto& one) { return one.system; });
  if (system != identities_.end()) return {&*system, ""};
  if (identities_.size() == 1) return {&identities_.front(), ""};
  return {nullptr,
          "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the "
          "token request"};
}

}  // namespace spillway::lab
