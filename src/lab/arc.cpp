#include "arc.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "certificate.hpp"
#include "imds.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
namespace spillway::lab {
namespace {

namespace fs = std::filesystem;

constexpr IdentityParameters parameters = {"object_id", "msi_res_id"};
constexpr std::size_t most_challenges = 16;

void remove(const std::string& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

}  // namespace

Arc::Arc(const std::string& key_folder, ManagedIdentities identities) : identities_(identities), folder_(key_folder) {
  if (folder_.empty()) {
    own_folder_ = std::make_unique<TemporaryFolder>();
    folder_ = own_folder_->path();
  }
  std::error_code error;
  folder_ = fs::absolute(folder_).lexically_normal().string();
  fs::create_directories(folder_, error);
  if (error) throw std::runtime_error(folder_ + ": " + error.message());
}

Arc::~Arc() {
  for (const Challenge& challenge : challenges_) remove(challenge.file);
}

std::string Arc::operation(const Request& request) const {
  if (request.path != Imds::token_path) return "-";
  return request.field("authorization").empty() ? "challenge" : "token";
}

bool Arc::knows(std::string_view key) const {
  return std::any_of(challenges_.begin(), challenges_.end(),
                     [&](const Challenge& challenge) { return challenge.key == key; });
}

Answer Arc::challenge() {
  const Challenge made = {folder_ + "/" + identities_.issuer().guid() + ".key", random_key()};
  std::ofstream out(made.file, std::ios::binary);
  std::error_code ignored;
  fs::permissions(made.file, fs::perms::owner_read | fs::perms::owner_write, ignored);
  out << made.key;
  if (!out.flush()) return Imds::error(500, "unknown", "The challenge cannot be written");
  if (challenges_.size() == most_challenges) {
    remove(challenges_.front().file);
    challenges_.pop_front();
  }
  challenges_.push_back(made);
  Answer answer = Imds::error(401, "unauthorized_client", "Missing Basic Authorization header");
  answer.fields.push_back({"WWW-Authenticate", "Basic realm=" + made.file});
  return answer;
}

Answer Arc::respond(const Request& request, Moment moment) {
  if (request.path != Imds::token_path) return Imds::error(404, "not_found", "Resource not found");
  if (request.method != "GET") return Imds::error(405, "invalid_request", "Method not allowed");
  if (request.field("metadata") != "true") {
    return Imds::error(400, "invalid_request", "Required metadata header not specified");
  }
  const auto version = http::query_value(request.query, "api-version");
  if (!version || *version < "2019-11-01") {
    return Imds::error(400, "invalid_request", "The api-version is missing or not supported");
  }
  const auto resource = http::query_value(request.query, "resource");
  if (!resource || resource->empty()) return Imds::error(400, "invalid_request", "Required resource is missing");
  constexpr std::string_view basic = "basic ";
  const std::string_view authorization = request.field("authorization");
  if (authorization.empty()) return challenge();
  if (!iequals(authorization.substr(0, basic.size()), basic) || !knows(trim(authorization.substr(basic.size())))) {
    return Imds::error(401, "unauthorized_client", "The Basic Authorization header is wrong or too old");
  }
  const ManagedIdentities::Choice choice = identities_.choose(request.query, parameters);
  if (choice.identity == nullptr) return Imds::error(400, "invalid_request", choice.problem);
  const PrincipalConfig& principal = choice.identity->principal;
  const Grant grant = identities_.issuer().issue(principal, *resource, moment);
  return json_answer(200, Imds::token_json(grant, *resource, principal.client_id));
}

Answer Arc::outage(int status, Moment) {
  if (status == 429) return Imds::error(429, "too_many_requests", "Too many requests");
  return Imds::error(status, status < 500 ? "invalid_request" : "unknown", "The agent could not get a token");
}

Json Arc::report() const {
  return {{"key_folder", folder_}};
}

std::string Arc::hint(const std::string& url) const {
  return "IDENTITY_ENDPOINT=" + url + std::string(Imds::token_path) + " IMDS_ENDPOINT=" + url +
         " key_folder=" + folder_;
}

}  // namespace spillway::lab
