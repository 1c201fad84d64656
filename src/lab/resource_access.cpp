#include <algorithm>

#include "errors.hpp"
#include "handshake.hpp"
#include "jwt.hpp"
#include "resource.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"
#include "token_issuer.hpp"

// Who may call a resource: by key, or by access token.
namespace spillway::lab {

bool Resource::knows_key(const Request& request) const {
  const bool azure = config_.api == Api::azure;
  std::string key(azure ? request.field("api-key") : std::string_view{});
  if (key.empty()) key = request.bearer();
  // Browsers cannot set header fields of a WebSocket; each service has its own way round that.
  if (key.empty() && wants_websocket(request)) {
    key = azure ? http::query_value(request.query, "api-key").value_or("") : std::string(protocol_key(request));
  }
  return std::find(config_.keys.begin(), config_.keys.end(), key) != config_.keys.end();
}

std::optional<Answer> Resource::refuse_token(std::string_view token, Moment moment) {
  const CheckedToken checked = issuer_->check(token, config_.audiences, moment);
  ++tokens_[std::string(name(checked.flaw))];
  if (checked.flaw != TokenFlaw::none) return errors::invalid_token(config_.audiences.front());
  const auto& allowed = config_.principals;
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), checked.client_id) == allowed.end()) {
    return errors::principal_denied();
  }
  return std::nullopt;
}

std::optional<Answer> Resource::refuse(const Request& request, Moment moment) {
  const std::string_view token = request.bearer();
  const bool takes_tokens = config_.tokens && issuer_ != nullptr;
  if (takes_tokens && request.field("api-key").empty() && has_jwt_shape(token)) return refuse_token(token, moment);
  if (knows_key(request)) return std::nullopt;
  return errors::invalid_key();
}

}  // namespace spillway::lab
