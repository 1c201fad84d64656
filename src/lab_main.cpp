#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "lab/commands.hpp"
#include "lab/load_flags.hpp"
#include "spillway/version.hpp"

int main(int argc, char** argv) {
  CLI::App app("Simulates Azure OpenAI for Spillway, sends requests and shows what the gateway does.", "spillway-lab");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);

  spillway::lab::SimulateOptions simulate;
  CLI::App* simulate_command =
      app.add_subcommand("simulate", "stands in for Azure OpenAI: several resources on loopback ports");
  simulate_command
      ->add_option("--config", simulate.config, "YAML file with the resources (default: those of config/lab.yaml)")
      ->type_name("FILE");

  spillway::lab::DemoOptions demo;
  CLI::App* demo_command = app.add_subcommand("demo", "simulator, gateway and requests in one: what to run first");
  demo_command->add_flag("--once", demo.once, "stop after the scenarios; exit 0 when all went as it should");
  demo_command->add_option("--gateway", demo.gateway, "the spillway program (default: the one beside this program)")
      ->type_name("PATH");

  spillway::lab::ScenarioOptions scenario;
  CLI::App* scenario_command =
      app.add_subcommand("scenario", "one way to route at work: what should be beside what is; exit 0 when it agrees");
  std::vector<std::string> names = spillway::lab::scenario_names();
  names.emplace_back("all");
  CLI::Option* name = scenario_command->add_option("NAME", scenario.name, "which one, or all")
                          ->type_name("")
                          ->check(CLI::IsMember(names));
  CLI::Option* list = scenario_command->add_flag("--list", scenario.list, "says which there are");
  scenario_command
      ->add_option("--gateway", scenario.gateway, "the spillway program (default: the one beside this program)")
      ->type_name("PATH");
  const auto measure = [&](const char* flag, auto& value, const char* help, const char* type) {
    scenario_command->add_option(flag, value, help)->type_name(type)->group("What overhead measures");
  };
  measure("--rate", scenario.rate, "requests a second, as of load (default: 500)", "RATE");
  measure("--duration", scenario.duration, "of all measuring together (default: 30s)", "DURATION");
  measure("--rounds", scenario.rounds, "how often each way is measured, in turn with the others (default: 20)", "N");
  measure("--json", scenario.json, "save what was measured", "FILE");
  scenario_command->final_callback([&] {
    if (name->count() + list->count() != 1) throw CLI::RequiredError("NAME or --list");
  });

  spillway::lab::LoadOptions load;
  CLI::App* load_command =
      app.add_subcommand("load", "sends requests and says who answered how fast; exit 0 when all succeeded");
  spillway::lab::add_load_flags(*load_command, load);

  spillway::lab::CompareOptions compare;
  CLI::App* compare_command = app.add_subcommand("compare", "runs that load has saved, side by side");
  compare_command->add_option("FILE", compare.files, "as saved with load --json")->type_name("")->required();

  CLI::App* version_command = app.add_subcommand("version", "prints the version");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    app.exit(error, std::cerr, std::cerr);
    return 2;
  }
  try {
    if (*version_command) {
      std::printf("spillway-lab %s\n", spillway::version);
      return 0;
    }
    if (*load_command) return spillway::lab::load(load);
    if (*compare_command) return spillway::lab::compare(compare);
    if (*scenario_command) return spillway::lab::scenario(scenario);
    return *simulate_command ? spillway::lab::simulate(simulate) : spillway::lab::demo(demo);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "spillway-lab: %s\n", error.what());
    return 1;
  }
}
