#include "exporter.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "spillway/base/fault.hpp"
#include "spillway/base/log.hpp"
#include "spillway/base/text.hpp"
#include "spillway/observe/otlp.hpp"
#include "spillway/version.hpp"

namespace spillway::app {
namespace {

constexpr Milliseconds farewell{2'000};
// Of one batch: the waits between double, unless the collector asks for another.
constexpr int most_tries = 5;
constexpr Milliseconds first_wait{1'000};
constexpr Milliseconds longest_wait{30'000};
constexpr Milliseconds complaint_interval{60'000};

identity::HttpRequest request_for(const config::Tracing& settings, std::string body) {
  identity::HttpRequest request;
  request.method = "POST";
  request.url = settings.endpoint;
  request.path = settings.endpoint.path_prefix + "/v1/traces";
  request.fields.emplace_back("Content-Type", "application/json");
  for (const auto& [name, value] : settings.headers) request.fields.emplace_back(name, std::string(value.reveal()));
  request.body = std::move(body);
  return request;
}

// Spans that a collector did not take although it says 200 (`partialSuccess`; a 64-bit integer, so a text as a rule).
std::size_t rejected_spans(const std::string& body) {
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object()) return 0;
  const auto partial = answer.find("partialSuccess");
  if (partial == answer.end() || !partial->is_object()) return 0;
  const auto rejected = partial->find("rejectedSpans");
  if (rejected == partial->end()) return 0;
  if (rejected->is_number_unsigned()) return rejected->get<std::size_t>();
  if (!rejected->is_string()) return 0;
  return parse_number<std::size_t>(rejected->get_ref<const std::string&>()).value_or(0);
}

std::size_t spans_of(const std::vector<observe::TracedRequest>& batch) {
  std::size_t spans = 0;
  for (const observe::TracedRequest& request : batch) spans += request.spans();
  return spans;
}

}  // namespace

Exporter::Exporter(net::Loop& loop, net::Resolver& resolver)
    : loop_(loop),
      resolver_(resolver),
      rest_(loop),
      wake_(loop, rest_),
      queue_(std::make_shared<observe::SpanQueue>([line = wake_.line()] {
        if (const auto open = line.lock()) open->wake();
      })),
      patience_(loop.timers(), [](void* self) { static_cast<Exporter*>(self)->slot_.cancel(); }, this) {}

Exporter::~Exporter() {
  shut();
}

void Exporter::use(const std::optional<config::Tracing>& settings) {
  if (!settings) return;
  queue_->set_bounds(settings->queue, settings->batch);
  target_ = std::make_shared<Target>(loop_, resolver_, *settings);
  if (running_) return;
  running_ = true;
  loop_.spawn(run(), [this](const std::exception_ptr& thrown) {
    report_fault("exporting spans ended in an exception", thrown);
    ended();
  });
}

void Exporter::stop(std::function<void()> stopped) {
  stopped_ = std::move(stopped);
  stopping_ = true;
  if (!running_) {
    loop_.post([this] { ended(); });
    return;
  }
  patience_.set(loop_.now() + farewell);
  rest_.cancel();
}

void Exporter::shut() {
  stopped_ = {};
  stopping_ = true;
  slot_.cancel();
  rest_.cancel();
  while (running_) loop_.poll();
}

void Exporter::ended() {
  running_ = false;
  patience_.clear();
  if (stopped_) std::exchange(stopped_, {})();
}

net::awaitable<void> Exporter::run() {
  while (!stopping_) {
    const TimePoint next = loop_.now() + target_->settings.interval;
    if (!queue_->has_batch()) co_await rest_.until(next);
    for (;;) {
      const std::vector<observe::TracedRequest> batch = queue_->take();
      if (batch.empty()) break;
      const std::shared_ptr<Target> target = target_;
      co_await send(target, batch);
    }
  }
}

net::awaitable<void> Exporter::send(const std::shared_ptr<Target>& target,
                                    const std::vector<observe::TracedRequest>& batch) {
  const config::Tracing& settings = target->settings;
  const observe::OtlpResource resource{settings.service_name, version, settings.attributes};
  const identity::HttpRequest request = request_for(settings, observe::otlp_traces(resource, batch));
  const std::size_t spans = spans_of(batch);
  const bool taken = co_await deliver(*target, request, spans);
  if (!taken) queue_->count_dropped(spans);
}

// With the patience the protocol asks for; none once everything is to end. True: it has been counted.
net::awaitable<bool> Exporter::deliver(Target& target, const identity::HttpRequest& request, std::size_t spans) {
  Milliseconds wait = first_wait;
  for (int tries = 1; !slot_.cancelled(); ++tries) {
    const TimePoint deadline = loop_.now() + target.settings.timeout;
    const identity::HttpAnswer answer = co_await target.caller.call(request, deadline, slot_);
    const Sent sent = judge(answer, spans);
    if (sent == Sent::taken) co_return true;
    complain(target, answer.problem.empty() ? "status " + std::to_string(answer.status) : answer.problem);
    if (sent == Sent::refused || tries == most_tries || stopping_) break;
    const Milliseconds asked = std::min(answer.retry_after().value_or(wait), longest_wait);
    co_await rest_.until(loop_.now() + asked);
    wait = std::min(2 * wait, longest_wait);
  }
  co_return false;
}

// OTLP/HTTP: 429, 502, 503, 504 and broken connections are worth another try, nothing else is.
Exporter::Sent Exporter::judge(const identity::HttpAnswer& answer, std::size_t spans) {
  if (answer.status == 200 && answer.problem.empty()) {
    const std::size_t rejected = std::min(rejected_spans(answer.body), spans);
    queue_->count_exported(spans - rejected);
    queue_->count_dropped(rejected);
    if (failing_) log::info("spans are exported again");
    failing_ = false;
    return Sent::taken;
  }
  const bool passing = answer.status == 429 || answer.status == 502 || answer.status == 503 || answer.status == 504;
  return answer.status == 0 || passing ? Sent::later : Sent::refused;
}

void Exporter::complain(const Target& target, const std::string& problem) {
  const TimePoint now = loop_.now();
  if (slot_.cancelled() || (failing_ && now - complained_ < complaint_interval)) return;
  failing_ = true;
  complained_ = now;
  log::warn("spans cannot be exported", {{"endpoint", target.settings.endpoint.text()}, {"problem", problem}});
}

}  // namespace spillway::app
