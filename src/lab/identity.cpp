#include "identity.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "app_service.hpp"
#include "imds.hpp"
#include "misbehave.hpp"

namespace spillway::lab {
namespace {

constexpr std::string_view entra_name = "entra";

std::string seconds(Milliseconds wait) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

}  // namespace

Answer IdentityStand::respond(const Request& request, Moment moment) {
  const std::string operation = service_->operation(request);
  const auto fault = faults_.take(operation);
  const auto answered = [&]() -> Answer {
    if (!fault) return service_->respond(request, moment);
    if (fault->kind == FaultKind::status) {
      Answer answer = service_->outage(fault->status, moment);
      if (fault->retry_after) answer.fields.push_back({"Retry-After", seconds(*fault->retry_after)});
      return answer;
    }
    if (auto instead = instead_of_answer(*fault)) return *instead;
    Answer answer = service_->respond(request, moment);
    distort(answer, *fault);
    return answer;
  };
  Answer answer = answered();
  ++counters_[operation][outcome(answer)];
  return answer;
}

bool IdentityStand::knows(std::string_view operation) const {
  const std::vector<std::string_view> all = service_->operations();
  return std::find(all.begin(), all.end(), operation) != all.end();
}

std::uint64_t IdentityStand::count(const std::string& operation, const std::string& outcome) const {
  const auto counted = counters_.find(operation);
  if (counted == counters_.end()) return 0;
  const auto found = counted->second.find(outcome);
  return found == counted->second.end() ? 0 : found->second;
}

void IdentityStand::reset() {
  faults_ = FaultPlan();
  counters_.clear();
  service_->reset();
}

Json IdentityStand::report() const {
  Json requests = Json::object();
  for (const auto& [operation, outcomes] : counters_) {
    for (const auto& [outcome, count] : outcomes) requests[operation][outcome] = count;
  }
  Json faults = Json::array();
  for (const PlannedFault& planned : faults_.in_force()) {
    faults.push_back({{"operation", planned.deployment.empty() ? Json() : Json(planned.deployment)},
                      {"fault", to_json(planned.fault)}});
  }
  Json out = {{"name", name_}, {"address", address_.text()}, {"requests", requests}, {"faults", faults}};
  out.update(service_->report());
  return out;
}

Identity::Identity(IdentityConfig config, std::uint64_t seed, KeyRing keys)
    : config_(std::move(config)), issuer_(config_.tokens, seed, std::move(keys)) {
  const ManagedIdentities managed(config_.managed_identities, issuer_);
  const auto add = [&](std::string_view name, const Endpoint& address, std::unique_ptr<IdentityService> service) {
    stands_.emplace_back(std::string(name), address, std::move(service));
  };
  if (config_.imds) add("imds", *config_.imds, std::make_unique<Imds>(managed));
  if (const auto& app = config_.app_service) {
    add("app_service", app->address, std::make_unique<AppService>(app->header, managed));
  }
  if (const auto& arc = config_.arc) add("arc", arc->address, std::make_unique<Arc>(arc->key_folder, managed));
  if (config_.entra) add(entra_name, *config_.entra, std::make_unique<Entra>(config_.applications, issuer_));
  if (config_.key_vault) {
    auto vault = std::make_unique<KeyVault>(*config_.key_vault, issuer_, seed);
    vault_ = vault.get();
    add("key_vault", config_.key_vault->address, std::move(vault));
  }
}

IdentityStand* Identity::find(std::string_view name) noexcept {
  const auto found =
      std::find_if(stands_.begin(), stands_.end(), [&](const IdentityStand& stand) { return stand.name() == name; });
  return found == stands_.end() ? nullptr : &*found;
}

void Identity::listens_at(IdentityStand& stand, const Endpoint& address) {
  stand.listens_at(address);
  if (stand.name() == entra_name) issuer_.authority_is("http://" + address.text());
}

void Identity::reset() {
  issuer_.reset();
  for (IdentityStand& stand : stands_) stand.reset();
}

Json Identity::report(TimePoint now) const {
  Json services = Json::array();
  for (const IdentityStand& stand : stands_) services.push_back(stand.report());
  Json out = issuer_.report(now);
  out["services"] = services;
  return out;
}

}  // namespace spillway::lab
