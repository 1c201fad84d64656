#include "backend.hpp"

#include <algorithm>
#include <utility>

namespace spillway::pool {
namespace {

bool same(const config::BackendUrl& a, const config::BackendUrl& b) {
  return a.tls == b.tls && a.host == b.host && a.port == b.port && a.path_prefix == b.path_prefix;
}

bool same(const config::BackendTls& a, const config::BackendTls& b) {
  return a.verify == b.verify && a.ca == b.ca && a.server_name == b.server_name;
}

}  // namespace

Backend::Backend(const config::Backend& config, std::shared_ptr<Places> places)
    : name_(config.name),
      url_(config.url),
      tls_(config.tls),
      auth_(config.auth.kind),
      breaker_(config.circuit_breaker),
      places_(std::move(places)),
      plain_{"-", false, false, Circuit(&breaker_)},
      other_{"other", true, false, Circuit(&breaker_)} {
  if (!config.deployments) return;
  deployments_.emplace(config.deployments->begin(), config.deployments->end());
  for (const auto& [model, deployment] : *deployments_) {
    const std::string& named = deployment == "*" ? model : deployment;
    if (named != "*") own_.try_emplace(named, BackendCircuit{named, false, false, Circuit(&breaker_)});
  }
}

bool Backend::continues_as(const config::Backend& config) const {
  const bool same_deployments = deployments_.has_value() == config.deployments.has_value() &&
                                (!deployments_ || std::equal(deployments_->begin(), deployments_->end(),
                                                             config.deployments->begin(), config.deployments->end()));
  return name_ == config.name && same(url_, config.url) && same_deployments && auth_ == config.auth.kind &&
         same(tls_, config.tls) && breaker_ == config.circuit_breaker;
}

std::optional<std::string_view> Backend::deployment(std::string_view model) const {
  if (model.empty() || !deployments_) return model;
  auto found = deployments_->find(model);
  if (found == deployments_->end()) found = deployments_->find("*");
  if (found == deployments_->end()) return std::nullopt;
  return found->second == "*" ? model : std::string_view(found->second);
}

bool Backend::renames() const noexcept {
  if (!deployments_) return false;
  return std::any_of(deployments_->begin(), deployments_->end(),
                     [](const auto& mapped) { return mapped.second != "*" && mapped.first != mapped.second; });
}

BackendCircuit& Backend::circuit(std::string_view deployment) {
  if (deployment.empty()) return plain_;
  const auto found = own_.find(deployment);
  return found == own_.end() ? other_ : found->second;
}

void Backend::learn(std::string_view deployment) {
  if (learned_ >= max_learned || own_.contains(deployment)) return;
  const std::string label(deployment);
  own_.emplace(label, BackendCircuit{label, false, true, Circuit(&breaker_)});
  ++learned_;
}

std::vector<CircuitStatus> circuit_status(Backend& backend, TimePoint now, Notices& notices) {
  std::vector<CircuitStatus> all;
  std::vector<Transition> transitions;
  backend.each_used([&](BackendCircuit& used) {
    used.circuit.advance(now, transitions);
    notices.add(backend.name(), used.label, transitions);
    CircuitStatus status;
    status.deployment = used.label;
    status.state = used.circuit.state(now);
    status.rule = used.circuit.rule();
    if (status.state == CircuitState::open)
      status.reopens_in = std::chrono::ceil<Milliseconds>(used.circuit.open_until() - now);
    all.push_back(std::move(status));
  });
  return all;
}

}  // namespace spillway::pool
