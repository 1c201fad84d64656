#pragma once

#include <memory>
#include <string>

#include "spillway/identity/message.hpp"
#include "spillway/routing/token_access.hpp"

// Where the keys of a tenant are, and what comes from there. Pure. Problems are for the log.
namespace spillway::identity {

// What asks the tenant about itself (OpenID Connect Discovery 1.0, 4): at
// `{authority}/{tenant}/v2.0/.well-known/openid-configuration`.
HttpRequest metadata_request(const routing::TokenAccess::Tenant& tenant);

struct KeysPlace {
  std::string problem;
  std::string issuer;
  HttpRequest request;  // for the keys
};
// What the metadata says. The keys must be under https, wherever that is, or at the very server that gave the metadata:
// without encryption they are not taken from anywhere else.
KeysPlace keys_place(const HttpAnswer& metadata, const config::BackendUrl& authority);

struct KeysAnswer {
  std::string problem;
  std::shared_ptr<const routing::TokenKeys> keys;  // null: there is a problem
};
KeysAnswer read_keys(const HttpAnswer& answer);

}  // namespace spillway::identity
