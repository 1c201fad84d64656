#include "admin.hpp"

#include <chrono>

#include "explain.hpp"
#include "page.hpp"
#include "process.hpp"
#include "spillway/base/fault.hpp"
#include "spillway/base/log.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::app {
namespace {

using listener::Reply;

constexpr char plain[] = "text/plain; charset=utf-8";

Reply text(int status, std::string body) {
  return {status, plain, std::move(body)};
}

struct Path {
  std::string_view path;
  std::string_view method;
};
constexpr Path paths[] = {{"/", "GET"},       {"/healthz", "GET"}, {"/readyz", "GET"}, {"/metrics", "GET"},
                          {"/status", "GET"}, {"/explain", "GET"}, {"/reload", "POST"}};

Reply status_page() {
  Reply reply{200, "text/html; charset=utf-8", page().document};
  http::append_field(reply.extra_fields, "Content-Security-Policy", page().policy);
  http::append_field(reply.extra_fields, "Referrer-Policy", "no-referrer");
  return reply;
}

}  // namespace

listener::awaitable<void> Admin::handle(listener::Exchange& client) {
  // A body says nothing here, but it must be out of the way.
  constexpr std::uint64_t body_at_most = 64 << 10;
  const listener::BodyResult body = co_await client.read_body(body_at_most);
  if (body.error) {
    client.break_off();
    co_return;
  }
  Reply reply = co_await answer(client.head());
  http::append_field(reply.extra_fields, "Cache-Control", "no-store");
  http::append_field(reply.extra_fields, "X-Content-Type-Options", "nosniff");
  co_await client.send(reply);
}

Reply Admin::refuse(const http::Rejection& rejection, const std::string&) {
  return text(rejection.status, std::string(rejection.reason) + "\n");
}

listener::awaitable<Reply> Admin::answer(const http::RequestHead& head) {
  const std::string_view method = head.method;
  const std::string_view path = head.path;
  for (const Path& known : paths) {
    if (path != known.path) continue;
    const bool allowed = method == known.method || (known.method == "GET" && method == "HEAD");
    if (!allowed) {
      Reply reply = text(405, "Use " + std::string(known.method) + ".\n");
      http::append_field(reply.extra_fields, "Allow", known.method == "GET" ? "GET, HEAD" : known.method);
      co_return reply;
    }
    if (path == "/") co_return status_page();
    if (path == "/healthz") co_return text(200, "ok\n");
    if (path == "/readyz") co_return ready();
    if (path == "/metrics") co_return metrics();
    if (path == "/status") co_return status(head.query);
    if (path == "/explain") co_return explain(head.query);
    co_return co_await reload();
  }
  co_return text(
      404, "There is nothing here. Try / (a page for people), /healthz, /readyz, /status, /explain or /metrics.\n");
}

Reply Admin::ready() const {
  if (operations_.draining()) return text(503, "draining\n");
  const TimePoint now = Clock::now();
  const pool::Fleet& fleet = operations_.snapshot().fleet();
  std::string missing;
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    if (fleet.pool(i)->ready(now)) continue;
    missing += "pool " + fleet.pool(i)->config().name + " has no eligible member\n";
    for (const pool::MemberStatus& member : fleet.pool(i)->status(now).members) {
      if (!member.has_credential) missing += "  there is no access token for backend " + member.backend + "\n";
    }
  }
  return missing.empty() ? text(200, "ready\n") : text(503, std::move(missing));
}

Reply Admin::status(std::string_view query) const {
  const bool with_history = http::query_value(query, "history") == "true";
  return {200, "application/json",
          status_json(operations_, Clock::now(), std::chrono::system_clock::now(), with_history)};
}

Reply Admin::explain(std::string_view query) const {
  const forward::Snapshot& snapshot = operations_.snapshot();
  const config::Config& config = snapshot.config();
  Question question;
  question.path = http::query_value(query, "path").value_or("");
  question.model = http::query_value(query, "model").value_or("");
  if (!question.path.starts_with('/')) return text(400, "Ask with ?path=/… and, as needed, &model=…&client=….\n");
  if (const auto name = http::query_value(query, "client")) {
    question.client = client_named(config, *name);
    if (!question.client) return text(404, "There is no client of that name.\n");
  }
  const Explanation said = app::explain(config, snapshot.router(), snapshot.fleet(), question, Clock::now());
  return {200, "application/json", explanation_json(config, said)};
}

Reply Admin::metrics() const {
  const TimePoint now = Clock::now();
  const forward::Snapshot& snapshot = operations_.snapshot();
  observe::Metrics::Sampled sampled;
  for (const config::Pool& pool : snapshot.config().pools) {
    for (const config::Member& member : pool.members) {
      const config::Backend& backend = snapshot.config().backends[member.backend];
      sampled.members.push_back({pool.name, backend.name, backend.region, std::string(config::name(backend.kind)),
                                 member.priority, member.weight});
    }
  }
  for (const pool::Fleet::BackendStatus& backend : snapshot.fleet().backends(now)) {
    sampled.backends.push_back({backend.backend, backend.in_flight});
    for (const pool::CircuitStatus& circuit : backend.circuits) {
      sampled.circuits.push_back({backend.backend, circuit.deployment, std::string(pool::name(circuit.state))});
    }
  }
  for (std::size_t i = 0; i < snapshot.endpoints().size(); ++i) {
    const std::uint32_t open = snapshot.endpoint(i)->open_connections();
    const std::uint32_t idle = std::min(open, snapshot.endpoint(i)->idle_connections());
    snapshot.backend_series(i).connections_idle->set(idle);
    snapshot.backend_series(i).connections_active->set(open - idle);
  }
  for (const auto& credential : operations_.credentials()) {
    sampled.tokens.push_back({credential->description(), credential->resource(), credential->token() != nullptr});
  }
  for (const auto& keys : snapshot.tokens().keys) {
    const identity::TenantKeys::Status status = keys->status();
    sampled.tenants.push_back({keys->tenant().id, keys->tenant().authority, status.keys, status.fetched_at});
  }
  for (const identity::Vault::Kept& kept : operations_.secrets()) {
    sampled.secrets.push_back({kept.secret.text(), kept.fetched_at});
  }
  sampled.loop_stall = operations_.watchdog().longest();
  sampled.log_lines_dropped = log::dropped();
  sampled.faults = faults();
  sampled.spans_exported = operations_.spans().exported();
  sampled.spans_dropped = operations_.spans().dropped();
  sampled.process = process_sample(operations_.started_at());
  return {200, "text/plain; version=0.0.4; charset=utf-8", operations_.metrics().text(sampled)};
}

listener::awaitable<Reply> Admin::reload() {
  const std::vector<std::string> problems = co_await operations_.reload();
  if (problems.empty()) co_return text(200, "reloaded\n");
  std::string body;
  for (const std::string& problem : problems) body += problem + "\n";
  co_return text(422, std::move(body));
}

}  // namespace spillway::app
