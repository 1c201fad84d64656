#include "load_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chart.hpp"
#include "load_style.hpp"
#include "load_text.hpp"
#include "printable.hpp"
#include "spillway/base/units.hpp"

namespace spillway::lab {
namespace {

std::string title_of(const LoadParameters& parameters) {
  return "Load test: " + (parameters.label.empty() ? parameters.url : parameters.label);
}

std::string tile(const std::string& value, const std::string& name, const char* kind = "") {
  return fmt::format("<li><b class=\"{}\">{}</b><span>{}</span></li>", kind, value, name);
}

std::string time_text(double milliseconds, std::uint64_t measured) {
  return measured == 0 ? "–" : seconds_text(milliseconds);
}

std::string tiles(const LoadSummary& s) {
  std::string out = "<ul class=\"tiles\">";
  out += tile(std::to_string(s.requests), "requests");
  out += tile(percent_text(s.succeeded, s.requests), "succeeded", s.failed() == 0 ? "good" : "bad");
  out += tile(time_text(s.response.average, s.succeeded), "average");
  out += tile(time_text(s.response.p95, s.succeeded), "P95");
  out += tile(time_text(s.first_byte.p50, s.succeeded), "first byte, P50");
  out += tile(fmt::format("{:.1f}", s.requests_per_second()), "requests a second");
  return out + "</ul>\n";
}

std::string warnings(const LoadResult& result) {
  const LoadSummary& s = result.summary;
  std::string out;
  if (s.interrupted) out += "<p class=\"warning\">The run was interrupted; requests in flight are not counted.</p>\n";
  if (s.held_back != 0) {
    out += fmt::format(
        "<p class=\"warning\">{} requests had to wait because {} were in flight; their waiting is part of their "
        "time.</p>\n",
        s.held_back, result.parameters.concurrency);
  }
  return out;
}

std::string distribution(const char* title, const std::vector<Share>& shares, std::uint64_t whole,
                         const std::vector<std::string>* regions) {
  std::string out = fmt::format(
      "<h2>{0}s</h2><div class=\"scroll\"><table class=\"shares\"><thead><tr><th scope=\"col\">{0}</th>"
      "<th scope=\"col\">Requests</th><th scope=\"col\">Share</th><th scope=\"col\">Average</th>"
      "<th scope=\"col\">Failed</th></tr></thead><tbody>\n",
      title);
  for (const Share& share : shares) {
    const double percent = whole == 0 ? 0 : 100.0 * static_cast<double>(share.requests) / static_cast<double>(whole);
    const std::string colour = regions == nullptr ? "plain" : fmt::format("r{}", colour_of(share.name, *regions));
    const std::uint64_t failed = share.requests - share.succeeded;
    out += fmt::format(
        "<tr><th scope=\"row\">{}<div class=\"bar {}\" style=\"width:{:.2f}%\"></div></th><td>{}</td><td>{}</td>"
        "<td>{}</td><td{}>{}</td></tr>\n",
        html_text(shown_name(share)), colour, percent, share.requests, percent_text(share.requests, whole),
        time_text(share.average_ms, share.succeeded), failed == 0 ? "" : " class=\"bad\"", failed);
  }
  return out + "</tbody></table></div>\n";
}

std::string times_table(const LoadResult& result) {
  struct Row {
    const char* name;
    double Times::* value;
  };
  static constexpr Row rows[] = {{"Average", &Times::average}, {"Minimum", &Times::minimum},
                                 {"P50", &Times::p50},         {"P95", &Times::p95},
                                 {"P99", &Times::p99},         {"Maximum", &Times::maximum}};
  const LoadSummary& s = result.summary;
  std::string out =
      "<h2>Times</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Requests that succeeded</th>"
      "<th scope=\"col\">Response</th><th scope=\"col\">First byte</th></tr></thead><tbody>\n";
  for (const Row& row : rows) {
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n", row.name,
                       time_text(s.response.*row.value, s.succeeded), time_text(s.first_byte.*row.value, s.succeeded));
  }
  out += "</tbody></table></div>\n";
  if (result.records.size() < s.requests) {
    out += fmt::format("<p class=\"note\">Percentiles and pictures are of an even random sample of {} requests.</p>\n",
                       result.records.size());
  }
  return out;
}

std::string status_text(int status) {
  return status == 0 ? "none" : std::to_string(status);
}

std::string failures(const LoadResult& result) {
  if (result.summary.failed() == 0) return {};
  std::string out =
      "<h2>Failures</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Requests</th>"
      "<th scope=\"col\">Status</th><th scope=\"col\" class=\"words\">What</th></tr></thead><tbody>\n";
  for (const FailureKind& kind : result.summary.failure_kinds) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"words\">{}</td></tr>\n", kind.requests,
                       status_text(kind.status), html_text(kind.what));
  }
  out += fmt::format(
      "</tbody></table></div>\n<details><summary>The first {}</summary><div class=\"scroll\"><table><thead><tr>"
      "<th scope=\"col\">Request</th><th scope=\"col\">After</th><th scope=\"col\">Status</th>"
      "<th scope=\"col\" class=\"words\">Why</th></tr></thead><tbody>\n",
      result.failures.size());
  for (const LoadFailure& failure : result.failures) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"words\">{}</td></tr>\n", failure.number,
                       seconds_text(failure.at * 1000), status_text(failure.status), html_text(failure.why()));
  }
  return out + "</tbody></table></div></details>\n";
}

std::string term(const std::string& name, const std::string& value) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, html_text(value));
}

std::string parameters(const LoadResult& result) {
  const LoadParameters& p = result.parameters;
  std::string out = "<h2>The run</h2><dl>\n" + term("URL", p.url + p.path);
  out += term("Model", p.model);
  out += term("API", p.api + (p.stream ? ", streamed" : ""));
  out += term("Pace", pace_text(p));
  if (p.duration.count() != 0) out += term("Duration", format_duration(p.duration));
  if (p.warmup != 0) out += term("Before it", fmt::format("{} requests that are not counted", p.warmup));
  std::string strategies;
  for (const Share& share : result.summary.strategies) strategies += (strategies.empty() ? "" : ", ") + share.name;
  if (!strategies.empty()) out += term("Strategy", strategies);
  return out + term("Started", result.started_at) + term("Lasted", fmt::format("{:.1f} s", result.summary.lasted_s)) +
         "</dl>\n";
}

}  // namespace

std::string load_page(const LoadResult& result) {
  const LoadSummary& s = result.summary;
  std::vector<std::string> regions;
  for (const Share& share : s.by_region) regions.push_back(share.name);
  // A region keeps its colour from run to run, as long as the same ones answer.
  std::sort(regions.begin(), regions.end(),
            [](const std::string& a, const std::string& b) { return a.empty() != b.empty() ? b.empty() : a < b; });
  const std::string title = html_text(title_of(result.parameters));
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
      "<p class=\"lead\">{2} to {3}, {4}</p>\n",
      title, load_style, html_text(result.parameters.model), html_text(result.parameters.url),
      html_text(pace_text(result.parameters)));
  out += warnings(result) + tiles(s);
  out += chart("response", "Response time by request", result.records, &LoadRecord::milliseconds, s.response.average,
               regions);
  out += times_table(result);
  out += distribution("Region", s.by_region, s.requests, &regions);
  out += distribution("Backend", s.by_backend, s.requests, nullptr);
  if (result.parameters.stream) {
    out += chart("first-byte", "Time to first byte by request", result.records, &LoadRecord::first_byte_ms,
                 s.first_byte.average, regions);
  }
  return out + failures(result) + parameters(result) + "</main>\n</body>\n</html>\n";
}

}  // namespace spillway::lab
