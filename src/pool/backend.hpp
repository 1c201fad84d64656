#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lane.hpp"
#include "ledger.hpp"
#include "spillway/config/config.hpp"
#include "spillway/pool/circuit.hpp"

namespace spillway::pool {

// The circuit of one deployment of a backend, and how fast it answers. Never moves and never goes away while the
// backend lives.
struct BackendCircuit {
  std::string
      label;  // the deployment, `-` for requests without a model, `other` for all that have no circuit of their own
  bool shared = false;  // it is `other`
  bool used = false;
  Circuit circuit;
  // By whether a streamed answer is asked for. Only pools whose strategy is `least_latency` use them.
  std::array<Lane, 2> lanes{};
};

// Live state of one backend: circuits and requests in flight. Kept over a reload when the backend is unchanged.
// Everything but the constants is covered by the ledger's lock.
class Backend {
 public:
  Backend(const config::Backend& config, std::shared_ptr<Places> places);
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  // The state of this backend can go on under that configuration: URL, deployments, kind of credential, TLS settings
  // and circuit rules are what they were.
  bool continues_as(const config::Backend& config) const;

  const std::string& name() const noexcept { return name_; }
  Places& places() noexcept { return *places_; }
  const std::shared_ptr<Places>& shared_places() const noexcept { return places_; }

  // How the model is called here; nothing when it is not served, empty for the empty model. A view of `model` or of the
  // backend's own copy.
  std::optional<std::string_view> deployment(std::string_view model) const;
  // The model has an entry of its own in `deployments`.
  bool names(std::string_view model) const { return deployments_ && deployments_->contains(model); }
  // Some model is called differently here.
  bool renames() const noexcept;

  // The circuit for a deployment: its own when it is named in the configuration or learned, else the shared one.
  BackendCircuit& circuit(std::string_view deployment);

  // The backend has served a deployment of at most `longest_learned_name` bytes: from now on it has its own circuit,
  // while there are fewer than `max_learned`.
  void learn(std::string_view deployment);
  // Changes whenever `circuit` may answer differently.
  std::uint32_t learned() const noexcept { return learned_; }

  // Calls `visit(BackendCircuit&)` for each circuit that was used: `-`, then by name, then `other`.
  template <class Visit>
  void each_used(Visit visit);

  static constexpr std::uint32_t max_learned = 100;

 private:
  using Mapping = std::map<std::string, std::string, std::less<>>;

  std::string name_;
  config::BackendUrl url_;
  config::BackendTls tls_;
  config::AuthKind auth_;
  config::CircuitBreaker breaker_;
  std::optional<Mapping> deployments_;
  std::shared_ptr<Places> places_;
  std::uint32_t learned_ = 0;
  BackendCircuit plain_;
  BackendCircuit other_;
  std::map<std::string, BackendCircuit, std::less<>> own_;
};

// Bytes of a name worth remembering: longer ones that the configuration does not know stay with the shared circuit and
// turn.
inline constexpr std::size_t longest_learned_name = 256;

template <class Visit>
void Backend::each_used(Visit visit) {
  if (plain_.used) visit(plain_);
  for (auto& [deployment, circuit] : own_)
    if (circuit.used) visit(circuit);
  if (other_.used) visit(other_);
}

// A status line for each circuit that was used, time-driven changes noted.
std::vector<CircuitStatus> circuit_status(Backend& backend, TimePoint now, Notices& notices);

}  // namespace spillway::pool
