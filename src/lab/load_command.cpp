#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "commands.hpp"
#include "load_file.hpp"
#include "load_page.hpp"
#include "load_run.hpp"
#include "load_text.hpp"
#include "text_file.hpp"

namespace spillway::lab {
namespace {

constexpr int usage_error = 2;

int refuse(const std::string& problem) {
  fmt::print(stderr, "spillway-lab load: {}\n", problem);
  return usage_error;
}

// From the command line, a file or the environment; empty when nothing is given.
std::optional<std::string> key_of(const LoadOptions& options, std::string& problem) {
  if (!options.api_key.empty()) return options.api_key;
  if (options.api_key_file.empty()) {
    const char* set = std::getenv("SPILLWAY_API_KEY");
    return std::string(set == nullptr ? "" : set);
  }
  auto key = read_text_file(options.api_key_file, problem);
  if (key) key->erase(key->find_last_not_of("\r\n") + 1);
  return key;
}

bool prepare_tls(const LoadOptions& options, const config::BackendUrl& url, std::shared_ptr<net::TlsClient>& tls,
                 std::string& problem) {
  if (!url.tls) return true;
  net::TlsClient::Options how;
  how.verify = !options.insecure;
  if (!options.ca.empty()) how.ca = options.ca;
  how.server_name = url.host;
  const auto made = net::TlsClient::make(how, problem);
  if (made) tls = *made;
  return made.has_value();
}

// As many connections as the system allows. Making room for them while requests are on their way would hold those up.
void prepare_descriptors() {
  constexpr rlim_t enough = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min(limit.rlim_max, enough);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const int reserved = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, static_cast<int>(limit.rlim_cur) - 1);
  if (reserved >= 0) ::close(reserved);
}

bool can_save(const LoadOptions& options, std::string& problem) {
  return (options.json.empty() || can_write_file(options.json, problem)) &&
         (options.report.empty() || can_write_file(options.report, problem));
}

// A reader who has gone (`| head`) is no reason to lose what is to be saved.
void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

bool save(const std::string& path, const std::string& text) {
  std::string problem;
  const bool saved = write_text_file(path, text, problem);
  if (saved) say("Saved " + path + "\n");
  if (!saved) fmt::print(stderr, "spillway-lab load: {}\n", problem);
  return saved;
}

}  // namespace

int load(const LoadOptions& options) {
  std::string problem;
  const auto key = key_of(options, problem);
  if (!key) return refuse(problem);
  std::optional<std::string> body;
  if (!options.body_file.empty()) {
    body = read_text_file(options.body_file, problem);
    if (!body) return refuse(problem);
  }
  const auto setup = read_load(options, *key, body, problem);
  if (!setup) return refuse(problem);
  std::shared_ptr<net::TlsClient> tls;
  if (!prepare_tls(options, setup->url, tls, problem) || !can_save(options, problem)) return refuse(problem);

  prepare_descriptors();
  const SignalWatch signals;
  LoadRun::Show show;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  show.lines = !options.quiet;
  show.progress = options.quiet || !terminal;
  show.terminal = ::isatty(STDERR_FILENO) == 1;
  show.paint = Paint(terminal);
  LoadRun run(*setup, std::move(tls), show);
  const LoadResult result = run.play(signals);
  say(summary_text(result, options.max_failures_shown, show.paint));
  bool good = result.summary.failed() == 0 && result.summary.requests != 0;
  if (!options.json.empty()) good = save(options.json, write_load_result(result)) && good;
  if (!options.report.empty()) good = save(options.report, load_page(result)) && good;
  return good ? 0 : 1;
}

}  // namespace spillway::lab
