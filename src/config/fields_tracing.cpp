#include <algorithm>
#include <array>
#include <charconv>

#include "fields.hpp"
#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

constexpr Milliseconds shortest{1};
constexpr std::uint32_t most_spans = 1'000'000;

Rule<double> share() {
  Rule<double> rule;
  rule.type = "number, 0 to 1";
  rule.read = [](Reader& reader, const Place& place, double& out) {
    const auto text = reader.scalar(place, "number, 0 to 1");
    if (!text) return false;
    double value = -1;
    const bool plain = !text->empty() && text->find_first_not_of("0123456789.") == std::string_view::npos;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (!plain || error != std::errc() || end != text->data() + text->size() || value > 1) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not a share", "0 to 1, such as 0.1 for a tenth");
      return false;
    }
    out = value;
    return true;
  };
  rule.text = [](const double& value) {
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return std::string(digits.data(), error == std::errc() ? end : digits.data());
  };
  return rule;
}

bool is_field_name(std::string_view name) {
  constexpr std::string_view signs = "!#$%&'*+-.^_`|~";
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           signs.find(c) != std::string_view::npos;
  });
}

bool is_our_own(std::string_view name) {
  constexpr std::array<std::string_view, 6> own = {"host",       "content-length", "content-type",
                                                   "connection", "accept",         "transfer-encoding"};
  return std::any_of(own.begin(), own.end(), [&](std::string_view each) { return iequals(each, name); });
}

// Like a secret, but with the space that stands between a scheme and its credential.
bool read_value(Reader& reader, const Place& place, Secret& out) {
  const auto text = reader.secret_scalar(place, "a secret, such as \"Bearer ${NAME}\"");
  if (!text) return false;
  const bool sendable = std::all_of(text->begin(), text->end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!sendable) {
    reader.problem(place,
                   "holds a character that cannot be part of a header (printable ASCII; a line end slipped in?)");
    return false;
  }
  out = Secret(std::string(*text));
  return true;
}

Rule<std::map<std::string, Secret>> header_fields() {
  Rule<std::map<std::string, Secret>> rule;
  rule.type = "map of header name to secret";
  rule.read = [type = rule.type](Reader& reader, const Place& place, std::map<std::string, Secret>& out) {
    if (!reader.is(place, Node::Kind::map, type)) return false;
    const std::size_t before = reader.problem_count();
    for (const Entry& entry : place.node->entries) {
      if (entry.key->broken) continue;
      const std::string& name = entry.key->text;
      const Place value{entry.value.get(), place.path_of(printable(shown_key(*entry.key))), entry.key->position};
      if (!is_field_name(name)) {
        reader.key_problem(value, "not usable as a header's name (letters, digits and !#$%&'*+-.^_`|~)");
      } else if (is_our_own(name)) {
        reader.key_problem(value, "is what the gateway sets itself (leave it out)");
      }
      Secret secret;
      if (read_value(reader, value, secret)) out.emplace(name, std::move(secret));
    }
    return reader.problem_count() == before;
  };
  rule.text = [](const std::map<std::string, Secret>&) { return std::string("none"); };
  return rule;
}

void check_queue(Reader& reader, const Place& place, Tracing& tracing) {
  const auto batch = place.find("batch");
  const auto queue = place.find("queue");
  if (tracing.batch <= tracing.queue) return;
  if (batch && reader.clean(*batch)) {
    reader.problem(*batch, "is more than the queue holds (at most " + std::to_string(tracing.queue) + ")");
  } else if (queue && reader.clean(*queue)) {
    reader.problem(*queue, "is less than a batch (at least " + std::to_string(tracing.batch) + ", or a smaller batch)");
  }
}

std::optional<std::string> variable(Reader& reader, const char* name) {
  std::optional<std::string> value = reader.environment()(name);
  if (value && value->empty()) value.reset();
  return value;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    const char* const digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return out;
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

// `key1=value1,key2=value2`, percent-encoded (OpenTelemetry, Resource SDK). Nothing when any of it is wrong.
std::optional<Attributes> parse_attributes(std::string_view text) {
  Attributes all;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = percent_decoded(trim(item.substr(0, equals)));
    auto value = percent_decoded(trim(item.substr(equals + 1)));
    if (!key || key->empty() || !value) return std::nullopt;
    all.emplace_back(*key, std::move(*value));
  }
  return all;
}

}  // namespace

void complete_tracing(Reader& reader, Config& config) {
  const auto place = reader.root().find("tracing");
  if (!place || !config.tracing) return;
  Tracing& tracing = *config.tracing;
  if (const auto text = variable(reader, "OTEL_RESOURCE_ATTRIBUTES")) {
    if (auto attributes = parse_attributes(*text))
      tracing.attributes = std::move(*attributes);
    else
      reader.warn(*place, "OTEL_RESOURCE_ATTRIBUTES is not understood and left out (write key=value,key=value)");
  }
  std::string named = "spillway";
  std::erase_if(tracing.attributes, [&](const auto& attribute) {
    if (attribute.first == "service.name" && !attribute.second.empty()) named = attribute.second;
    return attribute.first == "service.name";
  });
  if (!place->find("service_name")) tracing.service_name = variable(reader, "OTEL_SERVICE_NAME").value_or(named);
  if (place->find("endpoint")) return;
  tracing.endpoint = BackendUrl{false, "localhost", 4318, {}};
  const auto text = variable(reader, "OTEL_EXPORTER_OTLP_ENDPOINT");
  if (!text) return;
  // The variable's value is not shown: a URL is where passwords end up by mistake.
  if (const auto url = parse_url(*text))
    tracing.endpoint = *url;
  else
    reader.problem(*place, "OTEL_EXPORTER_OTLP_ENDPOINT is no usable URL (write http://HOST:4318)");
}

template <>
const Table<Tracing>& table() {
  static const auto keys =
      Table<Tracing>(
          {
              field("endpoint", &Tracing::endpoint, backend_url(),
                    "The collector, spoken to by OTLP/HTTP; spans go to `/v1/traces` below it.")
                  .otherwise("`OTEL_EXPORTER_OTLP_ENDPOINT` if set, else `http://localhost:4318`"),
              field("headers", &Tracing::headers, header_fields(),
                    "Sent with every export, such as `Authorization: \"Bearer ${OTLP_TOKEN}\"`."),
              field("service_name", &Tracing::service_name, name(), "`service.name` of all spans.")
                  .otherwise("`OTEL_SERVICE_NAME` if set, else `service.name` in `OTEL_RESOURCE_ATTRIBUTES`, else "
                             "`spillway`"),
              field("sample", &Tracing::sample, share(),
                    "The share of requests that are recorded, of those whose client says nothing about it. A client's "
                    "`traceparent` decides otherwise."),
              field("queue", &Tracing::queue, integer<std::uint32_t>(1, most_spans),
                    "Spans that may wait to be sent; further ones are dropped and counted."),
              field("batch", &Tracing::batch, integer<std::uint32_t>(1, most_spans), "Spans of one export."),
              field("interval", &Tracing::interval, duration(shortest),
                    "Between two exports, unless a batch is there before."),
              field("timeout", &Tracing::timeout, duration(shortest), "Of one export."),
              field("ca", &Tracing::ca, ca_file(), "What the collector's certificate is verified with.")
                  .otherwise("the system's roots"),
          })
          .with_intro(
              "`{}` turns tracing on. Further attributes of the gateway come from `OTEL_RESOURCE_ATTRIBUTES`. Never a "
              "key, a prompt, an answer or a query.")
          .with_check(check_queue)
          .holding_secrets();
  return keys;
}

}  // namespace spillway::config
