#include "load_request.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "json.hpp"
#include "spillway/base/units.hpp"
#include "spillway/http/target.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::lab {
namespace {

constexpr std::uint64_t usual_requests = 20;
constexpr std::uint32_t usual_in_flight = 1000;  // with a rate
constexpr double highest_rate = 100'000;
constexpr std::string_view chat_version = "2024-10-21";
constexpr std::string_view responses_version = "2025-04-01-preview";

bool ends_in_v1(std::string_view path) {
  return path == "/v1" || (path.size() > 3 && path.substr(path.size() - 3) == "/v1");
}

// Path and query behind the URL's own path.
std::string target_of(const LoadOptions& options, bool openai, std::string_view base) {
  const bool chat = options.api == "chat";
  const std::string operation = chat ? "/chat/completions" : "/responses";
  if (openai) return (ends_in_v1(base) ? "" : "/openai/v1") + operation;
  const std::string version(!options.api_version.empty() ? options.api_version
                            : chat                       ? chat_version
                                                         : responses_version);
  const std::string deployment = chat ? "/deployments/" + http::percent_encode_segment(options.model) : "";
  return "/openai" + deployment + operation + "?api-version=" + http::percent_encode_segment(version);
}

std::string body_of(const LoadOptions& options) {
  Json body = {{"model", options.model}};
  if (options.api == "chat") {
    const Json message = {{"role", "user"}, {"content", options.prompt}};
    body["messages"] = Json::array({message});
    if (options.max_tokens != 0) body["max_tokens"] = options.max_tokens;
  } else {
    body["input"] = options.prompt;
    if (options.max_tokens != 0) body["max_output_tokens"] = options.max_tokens;
  }
  if (options.stream) body["stream"] = true;
  return dump(body);
}

bool read_duration(std::string_view name, const std::string& text, Milliseconds& out, std::string& problem) {
  if (text.empty()) return true;
  const auto parsed = parse_duration(text);
  if (!parsed) {
    problem = std::string(name) + ": " + text + " is no duration (250ms, 10s, 5m, 1h)";
    return false;
  }
  out = *parsed;
  return true;
}

bool read_plan(const LoadOptions& options, LoadSetup& setup, std::string& problem) {
  LoadParameters& shown = setup.parameters;
  if (!read_duration("--delay", options.delay, shown.delay, problem)) return false;
  if (!read_duration("--duration", options.duration, shown.duration, problem)) return false;
  if (!read_duration("--timeout", options.timeout, setup.timeout, problem)) return false;
  if (!options.rate.empty()) {
    const auto rate = parse_rate(options.rate);
    if (!rate) {
      problem = "--rate: " + options.rate + " is no rate (50, 50/s, 300/m; at most 100000 a second)";
      return false;
    }
    if (shown.delay.count() != 0) {
      problem = "--delay and --rate do not go together: with a rate requests start when they are due";
      return false;
    }
    shown.rate = *rate;
  }
  shown.requests = options.requests != 0 || shown.duration.count() != 0 ? options.requests : usual_requests;
  shown.concurrency = options.concurrency != 0 ? options.concurrency : shown.rate > 0 ? usual_in_flight : 1;
  shown.timeout = setup.timeout;
  shown.warmup = options.warmup;
  setup.plan.requests = shown.requests;
  setup.plan.in_flight = shown.concurrency;
  setup.plan.delay = shown.delay;
  setup.plan.rate = shown.rate;
  setup.plan.lasts = shown.duration;
  return true;
}

}  // namespace

std::string post_request(std::string_view host, std::string_view target, const std::vector<Header>& fields,
                         std::string_view body) {
  std::string out = "POST " + std::string(target) + " HTTP/1.1\r\n";
  http::append_field(out, "Host", host);
  for (const Header& field : fields) http::append_field(out, field.name, field.value);
  http::append_field(out, "Content-Type", "application/json");
  http::append_field(out, "Content-Length", body.size());
  return out.append("\r\n").append(body);
}

bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<double> parse_rate(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit == "/m") value /= 60;
  if (!unit.empty() && unit != "/s" && unit != "/m") return std::nullopt;
  if (!(value > 0) || value > highest_rate) return std::nullopt;
  return value;
}

std::optional<LoadSetup> read_load(const LoadOptions& options, std::string_view key,
                                   const std::optional<std::string>& body, std::string& problem) {
  LoadSetup setup;
  const auto url = config::parse_url(options.url);
  if (!url) problem = "--url: http:// or https://, a host, perhaps a port and a path, and nothing behind it";
  if (!is_field_value(key)) problem = "the API key has characters that no header can carry";
  if (!options.path.empty() && (options.path.front() != '/' || !is_field_value(options.path)))
    problem = "--path: starts with / and has visible ASCII only";
  if (!problem.empty() || !read_plan(options, setup, problem)) return std::nullopt;

  setup.url = *url;
  const bool openai = options.dialect == "openai" || (options.dialect.empty() && ends_in_v1(url->path_prefix));
  const std::string target = options.path.empty() ? target_of(options, openai, url->path_prefix) : options.path;
  std::vector<Header> fields;
  if (!key.empty() && openai) fields.push_back({"Authorization", "Bearer " + std::string(key)});
  if (!key.empty() && !openai) fields.push_back({"api-key", std::string(key)});
  setup.request = post_request(url->authority(), url->path_prefix + target, fields, body ? *body : body_of(options));

  LoadParameters& shown = setup.parameters;
  shown.label = options.label;
  shown.url = url->text();
  shown.path = target.substr(0, target.find('?'));
  shown.model = options.model;
  shown.api = options.api;
  shown.stream = options.stream;
  return setup;
}

}  // namespace spillway::lab
