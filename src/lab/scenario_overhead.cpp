#include <array>
#include <memory>

#include "scenarios.hpp"

namespace spillway::lab {
namespace {

constexpr std::uint64_t warm_up = 50;  // requests of a way before it is measured at all
constexpr std::uint64_t wake_up = 10;  // before each measurement: whoever has slept is slower
constexpr char simulated[] = "simulated";
constexpr std::uint32_t most_flying = 1000;

// One kind of request on one way.
struct Leg {
  std::string name;
  std::string title;
  bool through = false;  // the gateway
  std::unique_ptr<LoadEngine> engine{};
  Rounds whole{};  // to the last byte
  Rounds first{};  // to the first byte
  Tally result{};
};

std::array<Leg, 3> legs_of(Stage& stage, const Ask& ask) {
  const auto engine = [&](const HttpClient::Target& to, const std::string& key) {
    return std::make_unique<LoadEngine>(load_target(to, key, ask));
  };
  return {Leg{"direct", "direct", false, engine(stage.resource(0), stage.resource_key(0))},
          Leg{"gateway", "through the gateway", true, engine(stage.plain_gateway(), stage.client_key())},
          Leg{"gateway_tls", "the same over TLS", true, engine(stage.gateway(), stage.client_key())}};
}

LoadPlan callers_plan(std::uint64_t requests) {
  LoadPlan plan;
  plan.requests = requests;
  return plan;
}

void measure(ScenarioRun& run, Leg& leg) {
  run.run(*leg.engine, callers_plan(wake_up));
  LoadPlan plan;
  plan.rate = run.measuring().rate;
  plan.lasts = Duration(run.measuring().duration) / run.measuring().rounds / overhead_legs;
  plan.in_flight = most_flying;
  const std::vector<Sent> all = run.run(*leg.engine, plan);
  constexpr double micro = 1000;
  std::vector<double>& whole = leg.whole.emplace_back();
  std::vector<double>& first = leg.first.emplace_back();
  for (const Sent& one : all) {
    if (!one.succeeded()) continue;
    whole.push_back(one.milliseconds * micro);
    first.push_back(one.first_byte_ms * micro);
  }
  const Tally result = tally(all);
  leg.result.sent += result.sent;
  leg.result.succeeded += result.succeeded;
  for (const auto& [backend, count] : result.by_backend) leg.result.by_backend[backend] += count;
}

Measured measured(std::string name, std::string title, const std::array<Leg, 3>& legs, Rounds Leg::* rounds) {
  Measured out{std::move(name), std::move(title), {}};
  for (const Leg& leg : legs) out.ways.push_back({leg.name, leg.title, leg.*rounds});
  return out;
}

void judge(ScenarioRun& run, const std::string& kind, const std::array<Leg, 3>& legs) {
  Tally all;
  Tally through;
  int named = 0;
  int named_directly = 0;
  for (const Leg& leg : legs) {
    all.sent += leg.result.sent;
    all.succeeded += leg.result.succeeded;
    if (leg.through) through.sent += leg.result.sent;
    (leg.through ? named : named_directly) += leg.result.from(simulated);
  }
  run.found(exactly(kind + ": answered with 200", all.sent, all.succeeded));
  run.found(exactly("  through the gateway: x-routed-backend", through.sent, named));
  run.found(exactly("  direct: x-routed-backend", 0, named_directly));
}

}  // namespace

StagePlan overhead_plan() {
  StagePlan plan;
  plan.lab = "resources:\n" + plain_resource(simulated, "East US", "gpt-4o-mini", "0ms");
  plan.gateway = "pools:\n  - {name: openai, members: [{backend: simulated}]}\n";
  plan.plain_too = true;
  return plan;
}

void play_overhead(ScenarioRun& run) {
  std::array<Leg, 3> json = legs_of(run.stage(), chat_ask("Hello"));
  std::array<Leg, 3> stream = legs_of(run.stage(), stream_ask("Hello"));
  for (std::array<Leg, 3>* legs : {&json, &stream}) {
    for (Leg& leg : *legs) run.run(*leg.engine, callers_plan(warm_up));
  }
  for (int round = 0; round < run.measuring().rounds; ++round) {
    for (std::array<Leg, 3>* legs : {&json, &stream}) {
      for (Leg& leg : *legs) {
        if (run.interrupted()) return;
        measure(run, leg);
      }
    }
  }
  if (run.interrupted()) return;
  judge(run, "JSON", json);
  judge(run, "stream", stream);
  run.measured({run.measuring(),
                {measured("json", "JSON answer", json, &Leg::whole),
                 measured("stream_first_byte", "stream, to its first byte", stream, &Leg::first),
                 measured("stream_last_byte", "stream, to its last byte", stream, &Leg::whole)}});
}

}  // namespace spillway::lab
