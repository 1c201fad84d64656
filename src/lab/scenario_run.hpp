#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "callers.hpp"
#include "findings.hpp"
#include "overhead.hpp"
#include "stage.hpp"
#include "tally.hpp"

namespace spillway::lab {

// A scenario while it plays: what it may do to its stage, and what it has found.
class ScenarioRun {
 public:
  ScenarioRun(Stage& stage, const SignalWatch& signals, const MeasuringPlan& measuring)
      : stage_(stage), signals_(signals), measuring_(measuring) {}

  // Requests through the gateway.
  std::vector<Sent> ask(const Ask& ask, int count, int at_once = 1);
  // The same without end, until `finish`.
  std::unique_ptr<Callers> keep_asking(const Ask& ask, int at_once);

  // The whole resource misbehaves; with nothing it recovers.
  void set_fault(const std::string& resource, const std::optional<Fault>& fault);
  // Requests the resource has answered so, by its own count (`200`, `429`).
  long answered(const std::string& resource, const std::string& outcome);
  bool circuit_open(const std::string& backend) const { return stage_.circuit_open(backend); }
  // True when the circuit lets requests through again before patience ends.
  bool wait_until_closed(const std::string& backend) const;
  // Until the callers have been at it for so many seconds; a signal ends it.
  void wait_until(const Callers& callers, double seconds) const;
  bool interrupted() const { return signals_.arrived(); }

  Stage& stage() noexcept { return stage_; }
  const MeasuringPlan& measuring() const noexcept { return measuring_; }
  // A plan from its first request to its last; a signal gives it up.
  std::vector<Sent> run(LoadEngine& engine, const LoadPlan& plan) const;
  // What was measured, to be shown beside the findings: no verdict depends on it.
  void measured(Overhead overhead) { overhead_ = std::move(overhead); }
  const std::optional<Overhead>& overhead() const noexcept { return overhead_; }

  void found(Finding finding) { findings_.push_back(std::move(finding)); }
  const std::vector<Finding>& findings() const noexcept { return findings_; }

 private:
  Stage& stage_;
  const SignalWatch& signals_;
  MeasuringPlan measuring_;
  std::vector<Finding> findings_;
  std::optional<Overhead> overhead_;
};

}  // namespace spillway::lab
