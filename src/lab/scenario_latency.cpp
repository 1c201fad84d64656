#include "scenarios.hpp"

namespace spillway::lab {
namespace {

constexpr int callers_at_once = 6;
constexpr double slowed_at = 4;   // seconds since the first request
constexpr double noticed_by = 9;  // 5 s later most of its traffic is gone
constexpr double recovers_at = 13;
constexpr double restored_by = 28;  // 15 s later it has its share again
constexpr double ends_at = 32;

std::vector<Sent> during(const std::vector<Sent>& all, double from, double to) {
  std::vector<Sent> out;
  for (const Sent& one : all) {
    if (one.at >= from && one.at < to) out.push_back(one);
  }
  return out;
}

double share(int part, int whole) {
  return whole == 0 ? 0 : 100.0 * part / whole;
}

}  // namespace

StagePlan latency_plan() {
  StagePlan plan;
  plan.lab = "resources:\n" + plain_resource("east", "East US", "gpt-4o-mini", "20ms") +
             plain_resource("west", "West US", "gpt-4o-mini", "20ms") +
             plain_resource("sweden", "Sweden Central", "gpt-4o-mini", "20ms");
  plan.gateway =
      "pools:\n  - {name: openai, strategy: least_latency, members: [{backend: east}, {backend: west}, "
      "{backend: sweden}]}\n";
  return plan;
}

void play_latency(ScenarioRun& run) {
  const auto callers = run.keep_asking(chat_ask("Hello"), callers_at_once);
  run.wait_until(*callers, slowed_at);
  Fault slower;
  slower.kind = FaultKind::delay;
  slower.delay = Milliseconds{300};
  run.set_fault("sweden", slower);
  run.wait_until(*callers, recovers_at);
  run.set_fault("sweden", std::nullopt);
  run.wait_until(*callers, ends_at);
  const std::vector<Sent> all = callers->finish();
  if (run.interrupted()) return;

  const Tally whole = tally(all);
  run.found(exactly("requests without an answer", 0, whole.sent - whole.succeeded));
  const Tally before = tally(during(all, 1, slowed_at));
  run.found(between("sweden's share at first", 20, 46, share(before.from("sweden"), before.succeeded)));
  const Tally slow = tally(during(all, noticed_by, recovers_at));
  run.found(between("from 5 s after it became slow", 0, 10, share(slow.from("sweden"), slow.succeeded)));
  const int others = slow.from("east") + slow.from("west");
  run.found(between("east's share of the two equal ones", 45, 55, share(slow.from("east"), others)));
  const Tally after = tally(during(all, restored_by, ends_at));
  run.found(between("sweden's share 15 s after it recovered", 20, 46, share(after.from("sweden"), after.succeeded)));
  run.found(is("x-routing-strategy", "least_latency", all.empty() ? "" : all.back().strategy));
}

}  // namespace spillway::lab
