#include "exposition.hpp"

#include "decimal.hpp"

namespace spillway::observe {
namespace {

std::string_view name(SampleType type) noexcept {
  switch (type) {
    case SampleType::counter: return "counter";
    case SampleType::gauge: return "gauge";
    case SampleType::histogram: return "histogram";
  }
  return "untyped";
}

void append_label(std::string& out, std::string_view field, std::string_view value) {
  out.append(field).append("=\"");
  if (value.empty()) value = "-";
  for (const char c : value) {
    switch (c) {
      case '\\': out.append("\\\\"); break;
      case '"': out.append("\\\""); break;
      case '\n': out.append("\\n"); break;
      default: out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_seconds(std::string& out, Duration duration) {
  append_decimal(out, std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count(), 9);
}

}  // namespace

void Exposition::family(std::string_view family, SampleType type, std::string_view help, std::string_view prefix) {
  prefix_ = prefix;
  name_ = family;
  out_.append("# HELP ").append(prefix).append(family).append(" ").append(help).append("\n# TYPE ");
  out_.append(prefix).append(family).append(" ").append(name(type)).push_back('\n');
}

void Exposition::series(std::string_view suffix, std::span<const Label> labels, std::string_view bound) {
  out_.append(prefix_).append(name_).append(suffix);
  if (!labels.empty() || !bound.empty()) {
    char separator = '{';
    for (const Label& label : labels) {
      out_.push_back(separator);
      append_label(out_, label.name, label.value);
      separator = ',';
    }
    if (!bound.empty()) {
      out_.push_back(separator);
      append_label(out_, "le", bound);
    }
    out_.push_back('}');
  }
  out_.push_back(' ');
}

void Exposition::line(std::string_view suffix, std::span<const Label> labels, std::string_view bound,
                      std::uint64_t value) {
  series(suffix, labels, bound);
  out_.append(std::to_string(value)).push_back('\n');
}

void Exposition::sample(std::span<const Label> labels, std::uint64_t value) {
  line("", labels, "", value);
}

void Exposition::sample(std::span<const Label> labels, std::int64_t value) {
  series("", labels, "");
  out_.append(std::to_string(value)).push_back('\n');
}

void Exposition::sample(std::span<const Label> labels, Duration value) {
  series("", labels, "");
  append_seconds(out_, value);
  out_.push_back('\n');
}

void Exposition::sample(std::span<const Label> labels, const Histogram& histogram) {
  // The total is the sum of what was read, so that the lines agree with each other whatever is observed meanwhile.
  std::uint64_t total = 0;
  std::string bound;
  for (std::size_t bucket = 0; bucket < histogram.buckets(); ++bucket) {
    total += histogram.count(bucket);
    bound.clear();
    append_seconds(bound, histogram.bound(bucket));
    line("_bucket", labels, bound, total);
  }
  total += histogram.count(histogram.buckets());
  line("_bucket", labels, "+Inf", total);
  series("_sum", labels, "");
  append_seconds(out_, histogram.sum());
  out_.push_back('\n');
  line("_count", labels, "", total);
}

}  // namespace spillway::observe
