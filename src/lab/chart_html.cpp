#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "chart.hpp"
#include "load_text.hpp"
#include "printable.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t most_bars = 120;
constexpr std::size_t most_rows = 20;
// The drawing is stretched to the room there is; these are its own units.
constexpr double bar_step = 10;
constexpr double bar_width = 8.5;
constexpr double height = 1000;

std::string axis_text(double milliseconds, double top) {
  return top < 1000 ? fmt::format("{:g} ms", milliseconds) : fmt::format("{:g} s", milliseconds / 1000);
}

std::string numbers_text(const Bar& bar) {
  return bar.first == bar.last ? std::to_string(bar.first) : fmt::format("{}–{}", bar.first, bar.last);
}

std::string colour_name(std::size_t colour, const std::vector<std::string>& regions) {
  if (colour >= regions.size()) return nameless;
  if (colour + 1 == region_colours && regions.size() > region_colours) return "other regions";
  return regions[colour].empty() ? nameless : regions[colour];
}

std::string tip(const Bar& bar, const std::vector<std::string>& regions) {
  std::string out = fmt::format("{} {}: ", bar.requests == 1 ? "request" : "requests", numbers_text(bar));
  out += bar.requests == 1 ? seconds_text(bar.median)
                           : fmt::format("median {}, {} to {}", seconds_text(bar.median), seconds_text(bar.minimum),
                                         seconds_text(bar.maximum));
  for (std::size_t i = 0; i < bar.by_colour.size(); ++i) {
    if (bar.by_colour[i] == 0) continue;
    out += ", " + colour_name(i, regions) + (bar.requests == 1 ? "" : fmt::format(" {}", bar.by_colour[i]));
  }
  if (bar.failed != 0) out += bar.requests == 1 ? ", failed" : fmt::format(", {} failed", bar.failed);
  return html_text(out);
}

// One piece of a bar for each colour, as high as its share of the bar's requests.
std::string bar_svg(const Bar& bar, std::size_t place, double top, const std::vector<std::string>& regions) {
  const double x = static_cast<double>(place) * bar_step + (bar_step - bar_width) / 2;
  const auto y = [&](double value) { return height * (1 - std::min(value / top, 1.0)); };
  std::string out = fmt::format("<g><title>{}</title>", tip(bar, regions));
  // The room above the bar answers to the pointer, too.
  out += fmt::format(R"(<rect class="hover" x="{:.1f}" y="0" width="{:.1f}" height="{:.1f}"/>)",
                     static_cast<double>(place) * bar_step, bar_step, height);
  const double full = height - y(bar.median);
  double from = height;
  const auto piece = [&](const std::string& name, std::size_t requests) {
    if (requests == 0) return;
    const double part = full * static_cast<double>(requests) / static_cast<double>(bar.requests);
    from -= part;
    out += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", name, x, from,
                       bar_width, part);
  };
  for (std::size_t i = 0; i < bar.by_colour.size(); ++i) piece(fmt::format("r{}", i), bar.by_colour[i]);
  piece("bad", bar.failed);
  if (bar.requests > 1) {
    const double middle = x + bar_width / 2;
    out += fmt::format(R"(<line class="span" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", middle,
                       y(bar.maximum), y(bar.minimum));
  }
  return out + "</g>";
}

std::string legend(const std::vector<Bar>& drawn, const std::vector<std::string>& regions) {
  std::array<std::size_t, region_colours> used{};
  std::size_t failed = 0;
  for (const Bar& bar : drawn) {
    for (std::size_t i = 0; i < region_colours; ++i) used[i] += bar.by_colour[i];
    failed += bar.failed;
  }
  std::string out = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < region_colours; ++i) {
    if (used[i] != 0)
      out += fmt::format(R"(<li><span class="swatch r{}"></span>{}</li>)", i, html_text(colour_name(i, regions)));
  }
  if (failed != 0) out += R"(<li><span class="swatch bad"></span>failed</li>)";
  return out + R"(<li><span class="dashes"></span>average</li></ul>)";
}

std::string as_table(const std::vector<Bar>& rows) {
  std::string out =
      "<details><summary>The same as a table</summary><div class=\"scroll\"><table><thead><tr>"
      "<th scope=\"col\">Requests</th><th scope=\"col\">Median</th><th scope=\"col\">Minimum</th>"
      "<th scope=\"col\">Maximum</th><th scope=\"col\">Failed</th></tr></thead><tbody>";
  for (const Bar& row : rows) {
    out +=
        fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", numbers_text(row),
                    seconds_text(row.median), seconds_text(row.minimum), seconds_text(row.maximum), row.failed);
  }
  return out + "</tbody></table></div></details>";
}

std::string note(const std::vector<Bar>& drawn, const Scale& scale, double maximum) {
  std::string out;
  if (!drawn.empty() && drawn.front().requests > 1) {
    out += fmt::format(
        "Each bar stands for {} requests: it is as high as their median, its colours are their regions' shares, "
        "and the thin line goes from the shortest to the longest. ",
        drawn.front().requests);
  }
  if (scale.beyond != 0) {
    out += fmt::format("{} request{} took longer than the picture is high; the longest took {}.", scale.beyond,
                       scale.beyond == 1 ? "" : "s", seconds_text(maximum));
  }
  return out.empty() ? out : "<p class=\"note\">" + out + "</p>";
}

}  // namespace

std::string chart(const std::string& id, const std::string& title, const std::vector<LoadRecord>& records,
                  double LoadRecord::* time, double average, const std::vector<std::string>& regions) {
  const std::vector<Bar> drawn = bars(records, time, regions, most_bars);
  const Scale high = scale(records, time);
  const double wide = bar_step * static_cast<double>(std::max<std::size_t>(drawn.size(), 1));
  double maximum = 0;
  for (const Bar& bar : drawn) maximum = std::max(maximum, bar.maximum);

  std::string out = fmt::format("<figure><figcaption>{}</figcaption>{}<div class=\"plot\"><div class=\"axis\">",
                                html_text(title), legend(drawn, regions));
  for (const double line : high.lines) {
    out += fmt::format(R"(<span style="bottom:{:.2f}%">{}</span>)", 100 * line / high.top, axis_text(line, high.top));
  }
  out += fmt::format(
      R"(</div><svg role="img" aria-labelledby="{0}-title" viewBox="0 0 {1:.0f} {2:.0f}" preserveAspectRatio="none">)"
      R"(<title id="{0}-title">{3}: average {4}, longest {5}; the table below has the numbers</title>)",
      id, wide, height, html_text(title), seconds_text(average), seconds_text(maximum));
  for (const double line : high.lines) {
    out += fmt::format(R"(<line class="grid" x1="0" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>)", wide,
                       height * (1 - line / high.top), height * (1 - line / high.top));
  }
  for (std::size_t i = 0; i < drawn.size(); ++i) out += bar_svg(drawn[i], i, high.top, regions) + "\n";
  if (average > 0) {
    out += fmt::format(R"(<line class="average" x1="0" x2="{0:.0f}" y1="{1:.1f}" y2="{1:.1f}"/>)", wide,
                       height * (1 - std::min(average / high.top, 1.0)));
  }
  out += "</svg></div>";
  if (!records.empty()) {
    out += fmt::format("<div class=\"ends\"><span>request {}</span><span>{}</span></div>", records.front().number,
                       records.back().number);
  }
  return out + note(drawn, high, maximum) + as_table(bars(records, time, regions, most_rows)) + "</figure>\n";
}

}  // namespace spillway::lab
