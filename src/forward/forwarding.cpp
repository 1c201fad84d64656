#include "forwarding.hpp"

#include <chrono>
#include <random>

#include "affinity.hpp"
#include "replies.hpp"
#include "spillway/base/text.hpp"
#include "tracing.hpp"

namespace spillway::forward {

std::string new_request_id() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  constexpr char digits[] = "0123456789abcdef";
  std::string id(32, '0');
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = generator();
    for (std::size_t i = 0; i < 16; ++i, bits >>= 4U) id[half * 16 + i] = digits[bits & 0xFU];
  }
  return id;
}

Forwarding::Forwarding(const Services& services, const std::shared_ptr<const Snapshot>& current,
                       listener::Exchange& client)
    : services_(services), current_(current), snapshot_(current), client_(client) {
  const http::RequestHead& head = client_.head();
  record_.time = std::chrono::system_clock::now();
  record_.request_id = new_request_id();
  record_.method = head.method;
  record_.path = head.path;
  original_.head = &head;
  if (snapshot_->spans() == nullptr) return;
  trace_ = begin_trace(head, client_.is_tls(), snapshot_->config().tracing->sample);
  record_.trace_id = to_hex(trace_->server.trace);
  original_.drops_tracestate = !trace_->parent;
}

// The story of a request.
awaitable<void> Forwarding::run() {
  const bool admitted = co_await admit();
  if (!admitted) co_return;
  const bool read = co_await read_request();
  if (!read) co_return;
  const bool routed = co_await choose_route();
  if (!routed) co_return;
  client_.on_client_gone(&slot_);
  co_await forward();
  client_.on_client_gone(nullptr);
  if (candidate_) dispose(std::move(candidate_));
}

awaitable<bool> Forwarding::reply(listener::Reply answer) {
  record_.status = answer.status;
  replies::date(answer, std::chrono::system_clock::now());
  const ErrorCode error = co_await client_.send(answer);
  if (error) record_.aborted_by = observe::AbortedBy::client;
  co_return false;
}

awaitable<bool> Forwarding::read_request() {
  const std::uint64_t keep = snapshot_->config().limits.replay_buffer;
  const TimePoint begun = services_.loop.heard();
  // One byte more than may be kept tells a body that just fits from one that does not.
  const listener::BodyResult body = co_await client_.read_body(keep + 1);
  waited_ += services_.loop.heard() - begun;
  if (body.error) {
    if (body.error == Errc::timeout) co_return co_await reply(replies::request_timeout(record_.request_id));
    if (body.error == Errc::too_large) co_return co_await reply(replies::request_too_large(record_.request_id));
    if (body.error == Errc::no_memory) co_return co_await reply(replies::overloaded(record_.request_id));
    if (body.error == Errc::bad_message) co_return co_await reply(replies::malformed_body(record_.request_id));
    record_.aborted_by = observe::AbortedBy::client;
    client_.break_off();
    co_return false;
  }
  take_body(body);
  if (objects_.several_owners) co_return co_await reply(replies::several_owners(record_.request_id));
  if (inspected_.problem == Inspected::Problem::duplicate) {
    co_return co_await reply(replies::duplicate_model(record_.request_id));
  }
  co_return true;
}

// What the request says, with the ids in it as their backend made them.
void Forwarding::take_body(const listener::BodyResult& body) {
  const http::RequestHead& head = client_.head();
  complete_ = body.complete;
  replayable_ = body.complete && body.bytes.size() <= snapshot_->config().limits.replay_buffer;
  objects_ = find_objects(head, body.bytes, snapshot_->marks());
  original_.path = objects_.path ? std::string_view(*objects_.path) : head.path;
  original_.query = objects_.query ? std::string_view(*objects_.query) : head.query;
  original_.body = objects_.body ? std::string_view(*objects_.body) : body.bytes;
  original_.has_body = head.framing != http::Framing::none;
  if (complete_)
    original_.body_length = original_.body.size();
  else if (head.framing == http::Framing::length)
    original_.body_length = head.content_length - body.bytes.size() + original_.body.size();

  inspected_ = inspect(head, original_.body, complete_);
  original_.model = inspected_.model;
  original_.model_in_path = inspected_.in_path;
  original_.model_in_query = inspected_.in_query;
  original_.place = &inspected_.place;
  record_.model = inspected_.model;
}

awaitable<bool> Forwarding::choose_route() {
  const config::Config& config = snapshot_->config();
  const std::string_view path = client_.head().path;
  std::optional<std::string_view> model;
  if (!inspected_.model.empty()) model = inspected_.model;
  const bool unreadable = inspected_.problem == Inspected::Problem::unreadable && !model;
  if (unreadable && snapshot_->router().needs_model(path, client_index_)) {
    co_return co_await reply(replies::body_not_json(record_.request_id));
  }
  routing::Router::Decision decision = snapshot_->router().route(path, client_index_, model);
  if (objects_.owner && !model) follow_owner(decision);
  if (!decision.route) {
    using Refusal = routing::Router::Refusal;
    if (decision.refusal == Refusal::route_not_allowed)
      co_return co_await reply(replies::route_not_allowed(record_.request_id));
    if (decision.refusal == Refusal::model_required)
      co_return co_await reply(replies::model_required(record_.request_id));
    if (decision.refusal == Refusal::model_not_found)
      co_return co_await reply(replies::model_not_found(record_.request_id));
    co_return co_await reply(replies::route_not_found(record_.request_id));
  }
  route_index_ = *decision.route;
  routed_ = true;
  const config::Route& route = config.routes[route_index_];
  record_.route = route.name;
  if (route.deny) co_return co_await reply(replies::denied(*route.deny, record_.request_id));
  pool_index_ = *route.pool;
  pool_ = snapshot_->fleet().pool(pool_index_);
  record_.pool = pool_config().name;
  if (unreadable && pool_->maps_models()) co_return co_await reply(replies::body_not_json(record_.request_id));
  if (!pool_->serves(inspected_.model)) co_return co_await reply(replies::model_not_found(record_.request_id));
  original_.route = &route;
  bind();
  deadline_ = deadline_after(client_.started(), pool_config().timeouts.total);
  co_return true;
}

// Without a model only the id tells which pool the request belongs to, where several share a path.
void Forwarding::follow_owner(routing::Router::Decision& decision) const {
  const config::Config& config = snapshot_->config();
  const auto knows_it = [&](std::size_t pool) {
    return snapshot_->fleet().pool(pool)->member_of(*objects_.owner).has_value();
  };
  if (decision.route) {
    const config::Route& route = config.routes[*decision.route];
    if (route.deny || knows_it(*route.pool)) return;
  }
  const auto other = snapshot_->router().route_to(client_.head().path, client_index_, knows_it);
  if (other) decision.route = other;
}

// Which members may have it, and which it keeps to.
void Forwarding::bind() {
  const config::Affinity& affinity = pool_config().affinity;
  wish_.model = inspected_.model;
  wish_.stream = inspected_.stream;
  if (affinity.cookie) original_.own_cookie = affinity.cookie->name;
  original_.plain_answer = affinity.response_ids && objects_.makes_ids;
  if (affinity.response_ids && objects_.owner) {
    wish_.owner = pool_->member_of(*objects_.owner).value_or(pool::no_member);
    return;
  }
  const http::RequestHead& head = client_.head();
  const bool is_json = inspected_.place.body == ModelPlace::Body::json;
  keep_together(wish_, snapshot_->config(), pool_index_, head, is_json ? original_.body : std::string_view(),
                snapshot_->marks());
  cookie_member_ = wish_.pinned;
  const bool safe = head.method == "GET" || head.method == "HEAD";
  searching_ = affinity.response_ids && safe && objects_.in_path;
}

void Forwarding::report() {
  const config::Config& config = snapshot_->config();
  const TimePoint now = services_.loop.now();
  record_.duration = now - client_.started();
  record_.bytes_in += client_.body_bytes();  // beside what went through a tunnel
  record_.bytes_out += client_.answer_bytes();
  if (record_.aborted_by == observe::AbortedBy::none && client_.client_gone())
    record_.aborted_by = observe::AbortedBy::client;
  // Nobody saw an answer; the number nginx made customary for that.
  if (record_.status == 0) record_.status = 499;
  services_.metrics.requests(record_.route, record_.client, record_.status).add();
  if (routed_) {
    const observe::RouteSeries& series = snapshot_->route_series(route_index_);
    series.duration->observe(record_.duration);
    if (record_.ttfb) series.first_byte->observe(*record_.ttfb);
  }
  if (record_.overhead > Duration::zero()) services_.metrics.overhead().observe(record_.overhead);
  services_.access_log.add(config.log, record_);
  if (trace_) hand_over_trace();
}

}  // namespace spillway::forward
