#include "load_file.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "json.hpp"

namespace spillway::lab {
namespace {

constexpr std::string_view format_name = "spillway-load";
constexpr int format_version = 1;

// To three places: milliseconds to the microsecond.
double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

double to_millionths(double seconds) {
  return std::round(seconds * 1e6) / 1e6;
}

Json times_json(const Times& times) {
  return {{"average", rounded(times.average)}, {"minimum", rounded(times.minimum)}, {"maximum", rounded(times.maximum)},
          {"p50", rounded(times.p50)},         {"p95", rounded(times.p95)},         {"p99", rounded(times.p99)}};
}

Json shares_json(const std::vector<Share>& shares, std::uint64_t whole) {
  Json out = Json::array();
  for (const Share& share : shares) {
    const double part = whole == 0 ? 0 : static_cast<double>(share.requests) / static_cast<double>(whole);
    out.push_back({{"name", share.name},
                   {"requests", share.requests},
                   {"succeeded", share.succeeded},
                   {"share", to_millionths(part)},
                   {"average_ms", rounded(share.average_ms)}});
  }
  return out;
}

Json parameters_json(const LoadParameters& p) {
  return {{"url", p.url},
          {"path", p.path},
          {"model", p.model},
          {"api", p.api},
          {"stream", p.stream},
          {"requests", p.requests},
          {"concurrency", p.concurrency},
          {"rate", p.rate},
          {"delay_ms", p.delay.count()},
          {"duration_ms", p.duration.count()},
          {"timeout_ms", p.timeout.count()},
          {"warmup", p.warmup}};
}

Json failures_json(const LoadResult& result) {
  Json kinds = Json::array();
  for (const FailureKind& kind : result.summary.failure_kinds)
    kinds.push_back({{"status", kind.status}, {"what", kind.what}, {"requests", kind.requests}});
  Json first = Json::array();
  for (const LoadFailure& one : result.failures) {
    first.push_back({{"number", one.number},
                     {"at", to_millionths(one.at)},
                     {"status", one.status},
                     {"code", one.code},
                     {"message", one.message},
                     {"error", one.error}});
  }
  return {{"kinds", kinds}, {"first", first}};
}

Json record_json(const LoadRecord& record) {
  return {{"number", record.number},
          {"at", to_millionths(record.at)},
          {"status", record.status},
          {"succeeded", record.succeeded},
          {"backend", record.backend},
          {"region", record.region},
          {"ms", rounded(record.milliseconds)},
          {"first_byte_ms", rounded(record.first_byte_ms)},
          {"waited_ms", rounded(record.waited_ms)}};
}

Json head_json(const LoadResult& result) {
  const LoadSummary& s = result.summary;
  return {{"format", format_name},
          {"version", format_version},
          {"label", result.parameters.label},
          {"started_at", result.started_at},
          {"interrupted", s.interrupted},
          {"parameters", parameters_json(result.parameters)},
          {"totals",
           {{"requests", s.requests},
            {"succeeded", s.succeeded},
            {"failed", s.failed()},
            {"success_rate", to_millionths(s.success_rate())},
            {"lasted_s", rounded(s.lasted_s)},
            {"requests_per_second", rounded(s.requests_per_second())},
            {"held_back", s.held_back}}},
          {"response_ms", times_json(s.response)},
          {"first_byte_ms", times_json(s.first_byte)},
          {"by_backend", shares_json(s.by_backend, s.requests)},
          {"by_region", shares_json(s.by_region, s.requests)},
          {"by_strategy", shares_json(s.strategies, s.requests)},
          {"failures", failures_json(result)},
          {"sampled", result.records.size() < s.requests}};
}

// Members must be there and be of the right kind: what is wrong throws Json::exception, which names the member.
Times read_times(const Json& json) {
  return {json.at("average").get<double>(), json.at("minimum").get<double>(), json.at("maximum").get<double>(),
          json.at("p50").get<double>(),     json.at("p95").get<double>(),     json.at("p99").get<double>()};
}

std::vector<Share> read_shares(const Json& json) {
  std::vector<Share> out;
  for (const Json& one : json) {
    out.push_back({one.at("name").get<std::string>(), one.at("requests").get<std::uint64_t>(),
                   one.at("succeeded").get<std::uint64_t>(), one.at("average_ms").get<double>()});
  }
  return out;
}

LoadParameters read_parameters(const Json& json) {
  LoadParameters out;
  out.url = json.at("url").get<std::string>();
  out.path = json.at("path").get<std::string>();
  out.model = json.at("model").get<std::string>();
  out.api = json.at("api").get<std::string>();
  out.stream = json.at("stream").get<bool>();
  out.requests = json.at("requests").get<std::uint64_t>();
  out.concurrency = json.at("concurrency").get<std::uint32_t>();
  out.rate = json.at("rate").get<double>();
  out.delay = Milliseconds(json.at("delay_ms").get<std::int64_t>());
  out.duration = Milliseconds(json.at("duration_ms").get<std::int64_t>());
  out.timeout = Milliseconds(json.at("timeout_ms").get<std::int64_t>());
  out.warmup = json.at("warmup").get<std::uint64_t>();
  return out;
}

void read_failures(const Json& json, LoadResult& out) {
  for (const Json& kind : json.at("kinds")) {
    out.summary.failure_kinds.push_back(
        {kind.at("status").get<int>(), kind.at("what").get<std::string>(), kind.at("requests").get<std::uint64_t>()});
  }
  for (const Json& one : json.at("first")) {
    out.failures.push_back({one.at("number").get<std::uint64_t>(), one.at("at").get<double>(),
                            one.at("status").get<int>(), one.at("code").get<std::string>(),
                            one.at("message").get<std::string>(), one.at("error").get<std::string>()});
  }
}

LoadResult read_result(const Json& json) {
  LoadResult out;
  LoadSummary& s = out.summary;
  out.parameters = read_parameters(json.at("parameters"));
  out.parameters.label = json.at("label").get<std::string>();
  out.started_at = json.at("started_at").get<std::string>();
  const Json& totals = json.at("totals");
  s.requests = totals.at("requests").get<std::uint64_t>();
  s.succeeded = totals.at("succeeded").get<std::uint64_t>();
  s.held_back = totals.at("held_back").get<std::uint64_t>();
  s.lasted_s = totals.at("lasted_s").get<double>();
  s.interrupted = json.at("interrupted").get<bool>();
  s.response = read_times(json.at("response_ms"));
  s.first_byte = read_times(json.at("first_byte_ms"));
  s.by_backend = read_shares(json.at("by_backend"));
  s.by_region = read_shares(json.at("by_region"));
  s.strategies = read_shares(json.at("by_strategy"));
  read_failures(json.at("failures"), out);
  return out;
}

}  // namespace

std::string write_load_result(const LoadResult& result) {
  constexpr int indent = 2;
  std::string out = head_json(result).dump(indent, ' ', false, Json::error_handler_t::replace);
  out.erase(out.rfind('\n'));
  out += ",\n  \"records\": [";
  const char* between = "\n    ";
  for (const LoadRecord& record : result.records) {
    out += between + dump(record_json(record));
    between = ",\n    ";
  }
  return out + "\n  ]\n}\n";
}

std::optional<LoadResult> read_load_result(std::string_view text, std::string& problem) {
  const auto json = parse_json(text);
  if (!json) {
    problem = "is not JSON";
    return std::nullopt;
  }
  if (text_of(member(*json, "format")) != format_name) {
    problem = "was not written by `spillway-lab load --json`";
    return std::nullopt;
  }
  if (number_of(member(*json, "version"), 0) != format_version) {
    problem = "has another version of the format than 1";
    return std::nullopt;
  }
  try {
    return read_result(*json);
  } catch (const Json::exception& error) {
    problem = std::string("is incomplete: ") + error.what();
    return std::nullopt;
  }
}

}  // namespace spillway::lab
