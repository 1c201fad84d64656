#include "scenarios.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "json.hpp"

namespace spillway::lab {
namespace {

std::string three_resources() {
  return "resources:\n" + plain_resource("east", "East US") + plain_resource("west", "West US") +
         plain_resource("sweden", "Sweden Central");
}

void nobody_saw_an_error(ScenarioRun& run, const Tally& result, int asked) {
  run.found(exactly("answered with 200", asked, result.succeeded));
}

// All values a header had, joined.
std::string seen(const std::vector<Sent>& sent, std::string Sent::* header) {
  std::set<std::string> all;
  for (const Sent& one : sent) all.insert(one.*header);
  return fmt::format("{}", fmt::join(all, ", "));
}

StagePlan round_robin_plan() {
  return {three_resources(),
          "pools:\n  - {name: openai, strategy: round_robin, members: [{backend: east}, {backend: west}, "
          "{backend: sweden}]}\n",
          {}};
}

void play_round_robin(ScenarioRun& run) {
  const std::vector<Sent> sent = run.ask(chat_ask("Hello"), 300, 4);
  const Tally result = tally(sent);
  nobody_saw_an_error(run, result, 300);
  for (const char* backend : {"east", "west", "sweden"}) run.found(exactly(backend, 100, result.from(backend)));
  run.found(is("x-routing-strategy", "round_robin", seen(sent, &Sent::strategy)));
}

StagePlan weighted_plan() {
  return {"resources:\n" + plain_resource("east", "East US") + plain_resource("west", "West US"),
          "pools:\n  - {name: openai, members: [{backend: east, weight: 67}, {backend: west, weight: 33}]}\n",
          {}};
}

void play_weighted(ScenarioRun& run) {
  const Tally result = tally(run.ask(chat_ask("Hello"), 20));
  nobody_saw_an_error(run, result, 20);
  run.found(one_of("east/west", {"13/7", "14/6"}, fmt::format("{}/{}", result.from("east"), result.from("west"))));
}

StagePlan priority_plan() {
  return {three_resources(),
          "pools:\n  - name: openai\n    members:\n      - {backend: east, priority: 1}\n"
          "      - {backend: west, priority: 2}\n      - {backend: sweden, priority: 2}\n",
          {}};
}

void play_priority(ScenarioRun& run) {
  const std::vector<Sent> sent = run.ask(chat_ask("Hello"), 60, 4);
  const Tally result = tally(sent);
  nobody_saw_an_error(run, result, 60);
  run.found(exactly("east (priority 1)", 60, result.from("east")));
  run.found(exactly("west (priority 2)", 0, result.from("west")));
  run.found(exactly("sweden (priority 2)", 0, result.from("sweden")));
  run.found(is("x-routing-strategy", "priority", seen(sent, &Sent::strategy)));
}

StagePlan spillover_plan() {
  return {
      "resources:\n  - name: ptu\n    region: East US\n    kind: ptu\n    keys: [k]\n"
      "    deployments: [{name: gpt-4o-mini, capacity: 60000, window: 5s}]\n" +
          plain_resource("paygo", "West US"),
      "pools:\n  - {name: openai, members: [{backend: ptu, priority: 1}, {backend: paygo, priority: 2}]}\n"
      "response_headers: {attempts: true}\n",
      {}};
}

void play_spillover(ScenarioRun& run) {
  // About 500 tokens each: 100 % of the provisioned deployment is 5000.
  const Tally result = tally(run.ask(chat_ask(std::string(2000, 'x')), 60, 4));
  nobody_saw_an_error(run, result, 60);
  const auto some = [&](const std::string& what, long count) {
    run.found({what, "some", std::to_string(count), count > 0});
  };
  some("ptu, first choice", result.from("ptu"));
  some("paygo, what did not fit", result.from("paygo"));
  some("429 from ptu, kept from the callers", run.answered("ptu", "429"));
}

StagePlan breaker_plan() {
  return {"resources:\n" + plain_resource("east", "East US") + plain_resource("west", "West US"),
          "pools:\n  - name: openai\n    members: [{backend: east, priority: 1}, {backend: west, priority: 2}]\n"
          "    circuit_breaker:\n      rules:\n"
          "        - {name: failing, failure_condition: {count: 3, interval: 10s, status_code_ranges: [\"500-599\"]}, "
          "trip_duration: 2s, half_open: true}\n",
          {}};
}

void play_breaker(ScenarioRun& run) {
  Fault outage;
  outage.status = 500;
  run.set_fault("east", outage);
  const Tally failing = tally(run.ask(chat_ask("Hello"), 20));
  nobody_saw_an_error(run, failing, 20);
  run.found(exactly("500s of east until its circuit opened", 3, run.answered("east", "500")));
  run.found(exactly("answered by west", 20, failing.from("west")));
  run.found(is("circuit of east", "open", run.circuit_open("east") ? "open" : "closed"));

  run.set_fault("east", std::nullopt);
  run.found(is("after trip_duration", "not open", run.wait_until_closed("east") ? "not open" : "open"));
  const std::vector<Sent> probe = run.ask(chat_ask("Hello"), 1);
  run.found(is("first request: x-routed-backend", "east", seen(probe, &Sent::backend)));
  run.found(is("first request: x-circuit-state", "half_open", seen(probe, &Sent::circuit)));
  const std::vector<Sent> after = run.ask(chat_ask("Hello"), 10);
  run.found(is("the next 10: x-routed-backend", "east", seen(after, &Sent::backend)));
  run.found(is("the next 10: x-circuit-state", "closed", seen(after, &Sent::circuit)));
}

StagePlan routing_seed_plan() {
  StagePlan plan;
  plan.lab = "resources:\n" + plain_resource("backend-a", "East US", "gpt-4o-east") +
             plain_resource("backend-b", "West US", "gpt-4o-west") +
             plain_resource("backend-c", "Sweden Central", "gpt-4o-sweden");
  plan.gateway =
      "pools:\n  - {name: openai, members: [{backend: backend-a}, {backend: backend-b}, {backend: backend-c}]}\n"
      "routes:\n  - {name: seed, match: {path: /routing}, rewrite_path: /openai, pool: openai}\n";
  plan.backends = {{"backend-a", ", deployments: {\"*\": gpt-4o-east}"},
                   {"backend-b", ", deployments: {\"*\": gpt-4o-west}"},
                   {"backend-c", ", deployments: {\"*\": gpt-4o-sweden}"}};
  return plan;
}

void play_routing_seed(ScenarioRun& run) {
  const Ask ask = {"/routing/responses?api-version=2025-03-01-preview",
                   dump({{"model", "chosen-by-the-gateway"}, {"input", "Hello"}})};
  const std::vector<Sent> sent = run.ask(ask, 30);
  nobody_saw_an_error(run, tally(sent), 30);
  for (const auto& [backend, deployment] : std::vector<std::pair<std::string, std::string>>{
           {"backend-a", "gpt-4o-east"}, {"backend-b", "gpt-4o-west"}, {"backend-c", "gpt-4o-sweden"}}) {
    std::vector<Sent> own;
    for (const Sent& one : sent) {
      if (one.backend == backend) own.push_back(one);
    }
    run.found(exactly(backend, 10, static_cast<long>(own.size())));
    run.found(is("deployment at " + backend, deployment, seen(own, &Sent::deployment)));
  }
  run.found(is("x-routing-strategy", "round_robin", seen(sent, &Sent::strategy)));
  run.found(is("x-circuit-state", "closed", seen(sent, &Sent::circuit)));
}

}  // namespace

std::string plain_resource(std::string_view name, std::string_view region, std::string_view deployment,
                           std::string_view first_byte) {
  return fmt::format(
      "  - {{name: {}, region: {}, keys: [k], latency: {{first_byte: {}}}, deployments: [{{name: {}}}]}}\n", name,
      region, first_byte, deployment);
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = {
      {"round_robin", "300 requests over three equal members", round_robin_plan, play_round_robin},
      {"weighted", "20 requests over two members with weights 67 and 33", weighted_plan, play_weighted},
      {"priority", "60 requests while the best member is up", priority_plan, play_priority},
      {"spillover", "60 long requests: provisioned throughput first, the rest pay-as-you-go", spillover_plan,
       play_spillover},
      {"breaker", "a member that fails is left alone and comes back through a trial", breaker_plan, play_breaker},
      {"latency", "least_latency: one of three members becomes 300 ms slower and recovers (half a minute)",
       latency_plan, play_latency},
      {"routing_seed", "POST /routing/responses: each backend gets its own deployment's name", routing_seed_plan,
       play_routing_seed},
      {"overhead", "what the gateway adds to a request's time, beside the same requests without it (half a minute)",
       overhead_plan, play_overhead},
  };
  return all;
}

}  // namespace spillway::lab
