#include "commands.hpp"

#include <openssl/crypto.h>
#include <sys/resource.h>
#include <boost/version.hpp>
#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "explain.hpp"
#include "gateway.hpp"
#include "hash_key.hpp"
#include "health.hpp"
#include "spillway/base/log.hpp"
#include "spillway/config/load.hpp"
#include "spillway/version.hpp"

namespace spillway::app {
namespace {

constexpr int usage_error = 2;
constexpr char default_admin[] = "127.0.0.1:9901";  // what every example configuration uses

// A dump would hold every secret.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

int serve(const std::string& file) {
  forbid_core_dumps();
  Gateway gateway(file, config::process_environment());
  const bool started = gateway.start(true);
  const int code = started ? gateway.run() : 1;
  log::flush();
  return code;
}

int check(const std::string& file) {
  const config::Loaded loaded = config::load_file(file, std::chrono::system_clock::now());
  for (const config::Problem& problem : loaded.problems) std::cerr << config::format(problem, file) << "\n";
  if (!loaded.config) return 1;
  for (const config::Problem& warning : loaded.warnings) std::cerr << config::format(warning, file) << " (warning)\n";
  std::cout << config::summary(*loaded.config, loaded.secrets);
  return 0;
}

int health(const std::string& file, std::string address) {
  if (address.empty() && file.empty()) address = default_admin;
  if (address.empty()) {
    const config::Loaded loaded = config::load_file(file, std::chrono::system_clock::now());
    if (!loaded.config) {
      for (const config::Problem& problem : loaded.problems) std::cerr << config::format(problem, file) << "\n";
      return 1;
    }
    if (!loaded.config->admin) {
      std::cerr << file << ": there is no admin listener to ask\n";
      return 1;
    }
    address = loaded.config->admin->text();
  }
  std::string said;
  const bool ready = ask_ready(address, said);
  (ready ? std::cout : std::cerr) << address << ": " << said << (said.ends_with('\n') ? "" : "\n");
  return ready ? 0 : 1;
}

struct ExplainOptions {
  std::string path;
  std::string model;
  std::string client;
};

int explain(const std::string& file, const ExplainOptions& options) {
  const config::Loaded loaded = config::load_file(file, std::chrono::system_clock::now());
  for (const config::Problem& problem : loaded.problems) std::cerr << config::format(problem, file) << "\n";
  if (!loaded.config) return 1;
  const auto config = std::make_shared<const config::Config>(*loaded.config);
  Question question{options.path.substr(0, options.path.find('?')), options.model, std::nullopt};
  if (!options.client.empty()) {
    question.client = client_named(*config, options.client);
    if (!question.client) {
      std::cerr << file << ": there is no client " << options.client << "\n";
      return 1;
    }
  }
  const pool::Fleet fleet(config, nullptr, [](std::string_view, std::string_view, const pool::Transition&) {});
  const Explanation said = explain(*config, routing::Router(*config), fleet, question, Clock::now());
  std::cout << explanation_text(*config, said);
  return said.status == 0 ? 0 : 1;
}

int print_version() {
  std::cout << "spillway " << version << "\n"
            << "compiler: " << __VERSION__ << "\n"
            << "boost: " << BOOST_VERSION / 100000 << "." << BOOST_VERSION / 100 % 1000 << "." << BOOST_VERSION % 100
            << "\n"
            << "openssl: " << OpenSSL_version(OPENSSL_VERSION) << "\n"
            << "nlohmann-json: " << NLOHMANN_JSON_VERSION_MAJOR << "." << NLOHMANN_JSON_VERSION_MINOR << "."
            << NLOHMANN_JSON_VERSION_PATCH << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("A reverse-proxy gateway in front of Azure OpenAI.", "spillway");
  program.require_subcommand(1);
  std::string file;
  std::string address;
  CLI::App* const serve_command = program.add_subcommand("serve", "Run the gateway in the foreground.");
  serve_command->add_option("--config", file, "The configuration, a YAML file.")->required()->type_name("FILE");
  CLI::App* const check_command = program.add_subcommand("check", "Validate a configuration and summarise it.");
  check_command->add_option("--config", file, "The configuration, a YAML file.")->required()->type_name("FILE");
  CLI::App* const health_command = program.add_subcommand("health", "Ask a running gateway whether it is ready.");
  CLI::Option* const of_config =
      health_command->add_option("--config", file, "The configuration, whose admin address is asked.")
          ->type_name("FILE");
  health_command
      ->add_option("--address", address, "The admin address, HOST:PORT; 127.0.0.1:9901 when neither is given.")
      ->type_name("A")
      ->excludes(of_config);
  ExplainOptions explained;
  CLI::App* const explain_command =
      program.add_subcommand("explain", "Say where a request would go: route, pool, members in the order of trying.");
  explain_command->add_option("--config", file, "The configuration, a YAML file.")->required()->type_name("FILE");
  explain_command->add_option("--path", explained.path, "The request's path, such as /openai/v1/chat/completions.")
      ->required()
      ->check(CLI::Validator([](std::string& path) { return path.starts_with('/') ? "" : "must start with /"; }, ""))
      ->type_name("P");
  explain_command->add_option("--model", explained.model, "The model its body names.")->type_name("M");
  explain_command->add_option("--client", explained.client, "The name of the client that sends it.")->type_name("C");
  bool generate = false;
  CLI::App* const hash_command =
      program.add_subcommand("hash-key", "Read a client's key from standard input and print its hash for the file.");
  hash_command->add_flag("--generate", generate, "Make a new random key and print it with its hash.");
  CLI::App* const version_command =
      program.add_subcommand("version", "Print the versions of the program and its libraries.");
  (void)version_command;

  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = program.get_subcommands();
    std::cout << (chosen.empty() ? program.help() : chosen.front()->help());
    return 0;
  } catch (const CLI::ParseError& error) {
    const auto chosen = program.get_subcommands();
    std::cerr << error.what() << "\n\n" << (chosen.empty() ? program.help() : chosen.front()->help());
    return usage_error;
  }
  if (serve_command->parsed()) return serve(file);
  if (check_command->parsed()) return check(file);
  if (health_command->parsed()) return health(file, address);
  if (explain_command->parsed()) return explain(file, explained);
  if (hash_command->parsed()) return generate ? generate_key(std::cout, std::cerr) : hash_typed_key();
  return print_version();
}

}  // namespace spillway::app
