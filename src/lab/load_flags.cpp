#include "load_flags.hpp"

namespace spillway::lab {
namespace {

void add_request_flags(CLI::App& command, LoadOptions& options) {
  const std::string group = "What is sent";
  const auto text = [&](const char* name, std::string& value, const char* help, const char* type) {
    return command.add_option(name, value, help)->type_name(type)->group(group);
  };
  text("--url", options.url, "the gateway, or an Azure OpenAI resource; https://HOST[:PORT][/PATH]", "URL")->required();
  text("--model", options.model, "the deployment, or the model", "NAME")->required();
  text("--api-key", options.api_key,
       "the key; better in SPILLWAY_API_KEY or a file: other users of the machine can read a command line", "KEY");
  text("--api-key-file", options.api_key_file, "a file that holds the key", "FILE")->excludes("--api-key");
  text("--api", options.api, "chat (default) or responses", "NAME")
      ->check(CLI::IsMember(std::vector<std::string>{"chat", "responses"}));
  text("--dialect", options.dialect,
       "azure: paths with /deployments/ and api-version; openai: paths below /v1 and a Bearer key (default: openai for "
       "a "
       "URL that ends in /v1, else azure)",
       "NAME")
      ->check(CLI::IsMember(std::vector<std::string>{"azure", "openai"}));
  text("--api-version", options.api_version, "of the azure dialect (default: 2024-10-21; responses 2025-04-01-preview)",
       "DATE");
  text("--path", options.path, "path and query behind the URL, instead of the usual ones", "PATH");
  command.add_flag("--stream", options.stream, "ask for a stream, and read it to its end")->group(group);
  text("--prompt", options.prompt, "what is asked (default: Hello)", "TEXT");
  command.add_option("--max-tokens", options.max_tokens, "the longest answer; 0: leave it out (default: 64)")
      ->type_name("N")
      ->group(group);
  text("--body", options.body_file, "a file to send instead, as it is", "FILE");
  text("--ca", options.ca, "PEM file with the certificates to trust instead of the system's", "FILE");
  command.add_flag("--insecure", options.insecure, "take any certificate")->excludes("--ca")->group(group);
  text("--timeout", options.timeout, "for one request, connecting included (default: 5m; 0s: none)", "DURATION");
}

void add_pace_flags(CLI::App& command, LoadOptions& options) {
  const std::string group = "How many, how fast";
  command
      .add_option("--requests", options.requests, "how many (default: 20, without a limit when --duration is given)")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_option(
          "--concurrency", options.concurrency,
          "callers side by side, each of which waits for its answer (default: 1); with --rate the most requests "
          "in flight (default: 1000)")
      ->type_name("N")
      ->check(CLI::Range(1, 50'000))
      ->group(group);
  command.add_option("--delay", options.delay, "between an answer and the same caller's next request")
      ->type_name("DURATION")
      ->group(group);
  command
      .add_option(
          "--rate", options.rate,
          "requests start when they are due, whatever is still in flight; their time counts from then: 50, 50/s, "
          "300/m")
      ->type_name("RATE")
      ->group(group);
  command.add_option("--duration", options.duration, "no request starts after this")
      ->type_name("DURATION")
      ->group(group);
  command.add_option("--warmup", options.warmup, "requests before the run, which are not counted")
      ->type_name("N")
      ->group(group);
}

void add_output_flags(CLI::App& command, LoadOptions& options) {
  const std::string group = "What is shown and saved";
  command.add_flag("--quiet", options.quiet, "no line for each request")->group(group);
  command
      .add_option("--max-failures-shown", options.max_failures_shown, "how many failures the end lists (default: 10)")
      ->type_name("N")
      ->group(group);
  command.add_option("--label", options.label, "a name for the run, in reports and compare")
      ->type_name("TEXT")
      ->group(group);
  command.add_option("--json", options.json, "save everything; for compare")->type_name("FILE")->group(group);
  command.add_option("--report", options.report, "save a page for people, one HTML file")
      ->type_name("FILE")
      ->group(group);
}

}  // namespace

void add_load_flags(CLI::App& command, LoadOptions& options) {
  add_request_flags(command, options);
  add_pace_flags(command, options);
  add_output_flags(command, options);
}

}  // namespace spillway::lab
