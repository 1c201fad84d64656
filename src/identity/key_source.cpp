#include "key_source.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "grant.hpp"

namespace spillway::identity {
namespace {

std::string problem_of(const HttpAnswer& answer, std::string_view what) {
  if (!answer.problem.empty()) return answer.problem;
  if (answer.status == 200) return {};
  return std::string(what) + ": " + describe_refusal(answer.status, answer.body, {});
}

// A GET of a whole URL, which may have a query.
std::optional<HttpRequest> get(std::string_view uri) {
  const std::string_view place = uri.substr(0, uri.find('?'));
  auto url = config::parse_url(place);
  if (!url) return std::nullopt;
  HttpRequest request;
  request.url = std::move(*url);
  const std::size_t path = place.find('/', place.find("://") + 3);
  request.path = path == std::string_view::npos ? "/" : place.substr(path);
  if (place.size() < uri.size()) request.query = uri.substr(place.size() + 1);
  const bool visible =
      std::all_of(request.query.begin(), request.query.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
  if (!visible) return std::nullopt;
  return request;
}

bool same_server(const config::BackendUrl& a, const config::BackendUrl& b) {
  return a.tls == b.tls && a.host == b.host && a.port == b.port;
}

}  // namespace

HttpRequest metadata_request(const routing::TokenAccess::Tenant& tenant) {
  HttpRequest request;
  request.url = config::parse_url(tenant.authority).value_or(config::BackendUrl());
  request.path = request.url.path_prefix + "/" + tenant.id + "/v2.0/.well-known/openid-configuration";
  return request;
}

KeysPlace keys_place(const HttpAnswer& metadata, const config::BackendUrl& authority) {
  KeysPlace place;
  place.problem = problem_of(metadata, "its metadata");
  if (!place.problem.empty()) return place;
  const auto parsed = routing::parse_metadata(metadata.body);
  if (!parsed) {
    place.problem = "its metadata has no issuer and jwks_uri";
    return place;
  }
  auto request = get(parsed->jwks_uri);
  if (!request) {
    place.problem = "the jwks_uri of its metadata is no URL that can be used";
  } else if (!request->url.tls && !same_server(request->url, authority)) {
    place.problem = "the jwks_uri of its metadata is without encryption (https)";
  } else {
    place.issuer = parsed->issuer;
    place.request = std::move(*request);
  }
  return place;
}

KeysAnswer read_keys(const HttpAnswer& answer) {
  KeysAnswer read;
  read.problem = problem_of(answer, "its keys");
  if (!read.problem.empty()) return read;
  read.keys = routing::TokenKeys::parse(answer.body);
  if (!read.keys) read.problem = "its key set holds no key that can be used";
  return read;
}

}  // namespace spillway::identity
