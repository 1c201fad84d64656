#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "callers.hpp"
#include "commands.hpp"
#include "demo_report.hpp"
#include "signals.hpp"
#include "stage.hpp"

namespace spillway::lab {
namespace {

constexpr std::string_view provisioned = "eastus-ptu";
constexpr Milliseconds patience{10'000};
constexpr Milliseconds look_again{50};
// Of a prompt that keeps a provisioned deployment busy: about 500 tokens.
constexpr std::size_t long_prompt = 2000;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

StagePlan demo_plan() {
  StagePlan plan;
  plan.lab = R"yaml(
control: {address: 127.0.0.1:0}
resources:
  - name: eastus-ptu
    region: East US
    kind: ptu
    keys: [KEY]
    latency: {first_byte: 20ms, per_token: 1ms}
    deployments: [{name: gpt-4o-mini, version: "2024-07-18", capacity: 60000, window: 5s}]
  - name: westus
    region: West US
    keys: [KEY]
    latency: {first_byte: 40ms, per_token: 1ms}
    deployments: [{name: gpt-4o-mini, version: "2024-07-18", tpm: 10000000}]
  - name: swedencentral
    region: Sweden Central
    keys: [KEY]
    latency: {first_byte: 50ms, per_token: 1ms}
    deployments: [{name: gpt-4o-mini, version: "2024-07-18", tpm: 10000000}]
)yaml";
  plan.gateway = R"yaml(
pools:
  - name: openai
    members:
      - {backend: eastus-ptu, priority: 1}
      - {backend: westus, priority: 2, weight: 50}
      - {backend: swedencentral, priority: 2, weight: 50}
    circuit_breaker:
      rules:
        - {name: throttled, failure_condition: {count: 1, interval: 5m, status_code_ranges: [429]},
           trip_duration: 10s, accept_retry_after: true}
        - {name: failing, failure_condition: {count: 3, interval: 10s, status_code_ranges: ["500-599"],
           error_reasons: [connect, tls, timeout, reset, invalid_response]}, trip_duration: 2s, half_open: true}
response_headers: {attempts: true}
)yaml";
  return plan;
}

struct Scene {
  std::string title;
  std::string story;
  std::function<std::vector<Sent>()> play;
  std::function<bool(const Tally&)> as_expected;
  std::string lesson;
};

class Demo {
 public:
  Demo(Stage& stage, const SignalWatch& signals)
      : stage_(stage), signals_(signals), paint_(::isatty(STDOUT_FILENO) == 1) {
    for (const ResourceConfig& resource : stage_.lab().resources) backends_.push_back({resource.name, resource.region});
  }

  // True when every scenario went as it should.
  bool play() {
    introduce();
    bool all = true;
    int number = 0;
    for (const Scene& scenario : scenarios()) {
      if (signals_.arrived()) return false;
      say("\n" + paint_.bold(fmt::format("{}. {}", ++number, scenario.title)) + "\n   " + scenario.story + "\n");
      const Tally result = tally(scenario.play());
      if (signals_.arrived()) return false;
      const bool good = scenario.as_expected(result);
      say(table(result, backends_, paint_));
      say("   " +
          (good ? paint_.good("=> " + scenario.lesson) : paint_.bad("=> This is not what should have happened.")) +
          "\n");
      if (number == 1) compare_with_direct(result);
      all = all && good;
    }
    return all;
  }

  void explain_how_to_go_on() const {
    const std::string base = fmt::format("https://127.0.0.1:{}", stage_.gateway().port);
    say("\n" + paint_.bold("It keeps running. Try it yourself in another terminal:") + "\n\n");
    say(fmt::format(
        "  export AZURE_OPENAI_ENDPOINT={0}\n"
        "  export AZURE_OPENAI_API_KEY={1}\n"
        "  export SSL_CERT_FILE={2}\n\n"
        "  curl --cacert {2} \\\n    \"{0}{3}\" \\\n    -H \"api-key: {1}\" -H \"content-type: application/json\" \\\n"
        "    -d '{{\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}' -i\n\n",
        base, stage_.client_key(), stage_.ca_file(), chat_ask("Hello").path));
    say("  # Python, with `pip install openai` done before SSL_CERT_FILE was set:\n"
        "  from openai import AzureOpenAI\n"
        "  client = AzureOpenAI(api_version=\"2024-10-21\")   # endpoint and key come from the environment\n"
        "  print(client.chat.completions.create(model=\"gpt-4o-mini\",\n"
        "        messages=[{\"role\": \"user\", \"content\": \"Hello\"}]).choices[0].message.content)\n\n");
    say(
        fmt::format("  Many requests at once (docs/load.md):\n"
                    "    SPILLWAY_API_KEY={1} spillway-lab load --url {0} --ca {2} \\\n"
                    "      --model gpt-4o-mini --requests 200 --concurrency 5 --report run.html\n\n",
                    base, stage_.client_key(), stage_.ca_file()));
    const std::string control = "http://" + stage_.simulator().control_address();
    say(fmt::format(
        "  Switch East US off:       curl {0}/faults -d '{{\"resource\":\"eastus-ptu\",\"fault\":\"refuse\"}}'\n"
        "  and on again:             curl {0}/faults -d '{{\"fault\":null}}'\n"
        "  What the gateway knows:   {1}/  (for programs: /status, /metrics, /readyz)\n"
        "  Ctrl-C stops everything.\n",
        control, stage_.admin_url()));
  }

 private:
  void introduce() const {
    say(paint_.bold("Spillway: one address for several Azure OpenAI resources") + "\n\n" +
        "   your program --HTTPS--> Spillway --+--> eastus-ptu     East US         provisioned throughput (PTU), first "
        "choice\n"
        "                                      +--> westus         West US         pay-as-you-go, second choice, half "
        "each\n"
        "                                      +--> swedencentral  Sweden Central  pay-as-you-go, second choice, half "
        "each\n\n"
        "   The gateway is the real one; the three resources are simulated on this machine.\n");
  }

  std::vector<Sent> through_gateway(const std::string& prompt, int count, int at_once) const {
    return Callers(stage_.gateway(), stage_.client_key(), chat_ask(prompt), at_once, count).wait(signals_);
  }

  void set_fault(std::optional<FaultKind> kind) {
    stage_.simulator().with_resources([&](std::vector<Resource>& resources) {
      Fault fault;
      resources.front().faults().clear("");
      if (kind) {
        fault.kind = *kind;
        resources.front().faults().set("", fault);
      }
    });
  }

  void wait_until_closed() const {
    for (const TimePoint give_up = Clock::now() + patience; Clock::now() < give_up && !signals_.arrived();) {
      if (!stage_.circuit_open(std::string(provisioned))) return;
      std::this_thread::sleep_for(look_again);
    }
  }

  void compare_with_direct(const Tally& through) const {
    const std::string& key = stage_.lab().resources.front().keys.front();
    const Tally direct = tally(Callers(stage_.resource(0), key, chat_ask("Hello"), 1, 20).wait(signals_));
    say(paint_.quiet(fmt::format(
            "   The resource itself takes {:.1f} ms; through Spillway it was {:.1f} ms, encryption included.",
            direct.median_ms, through.median_ms)) +
        "\n");
  }

  std::vector<Scene> scenarios() {
    const std::string ptu(provisioned);
    const auto both_others = [](const Tally& t) { return t.from("westus") > 0 && t.from("swedencentral") > 0; };
    return {
        {"An ordinary moment", "40 short requests, no more than the provisioned resource can take.",
         [this] { return through_gateway("Hello", 40, 2); },
         [ptu](const Tally& t) { return t.succeeded == t.sent && t.from(ptu) == t.sent && t.hidden.empty(); },
         "Everything went to the first choice, which is paid for anyway."},
        {"A rush",
         "120 long requests at once: the provisioned resource fills up and answers 429, \"too many requests\".",
         [this] { return through_gateway(std::string(long_prompt, 'x'), 120, 6); },
         [ptu, both_others](const Tally& t) {
           return t.succeeded == t.sent && t.from(ptu) > 0 && both_others(t) && t.hidden.count("429") == 1;
         },
         "What did not fit spilled over to the other two at once. No caller saw a 429."},
        {"A region goes down", "East US is switched off. 60 requests.",
         [this] {
           wait_until_closed();
           set_fault(FaultKind::refuse);
           return through_gateway("Hello", 60, 3);
         },
         [ptu, both_others](const Tally& t) {
           return t.succeeded == t.sent && t.from(ptu) == 0 && both_others(t) && !t.hidden.empty();
         },
         "After the first failures its circuit opened: it is left alone, the others share the work."},
        {"It comes back", "East US is switched on again; its circuit lets one request through to try. 40 requests.",
         [this] {
           set_fault(std::nullopt);
           wait_until_closed();
           return through_gateway("Hello", 40, 1);
         },
         [ptu](const Tally& t) { return t.succeeded == t.sent && t.from(ptu) == t.sent; },
         "The trial went well, so the first choice has all of it again."},
    };
  }

  Stage& stage_;
  const SignalWatch& signals_;
  Paint paint_;
  std::vector<BackendLine> backends_;
};

}  // namespace

int demo(const DemoOptions& options) {
  const SignalWatch signals;
  Stage stage(gateway_program(options.gateway), demo_plan());
  std::string problem;
  if (!stage.open(problem)) {
    fmt::print(stderr, "spillway-lab: {}\n", problem);
    return 1;
  }
  Demo demo(stage, signals);
  const bool as_expected = demo.play();
  if (!options.once && !signals.arrived()) {
    demo.explain_how_to_go_on();
    signals.wait();
    say("\n");
  }
  const bool stopped = stage.close();
  return as_expected && stopped ? 0 : 1;
}

}  // namespace spillway::lab
