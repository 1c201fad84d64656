#include "simulator.hpp"

#include <future>

#include "clock.hpp"
#include "control.hpp"
#include "errors.hpp"
#include "play.hpp"
#include "spillway/base/log.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::lab {
namespace {

using listener::awaitable;

constexpr std::size_t most_connections = 20'000;
constexpr std::uint64_t largest_body = 512ULL << 20;

Request request_of(const http::RequestHead& head, std::string_view body) {
  Request request;
  request.method = head.method;
  request.path = head.path;
  request.query = head.query;
  for (const http::Field& field : head.fields) request.fields.emplace_back(field.name, field.value);
  request.body = body;
  return request;
}

// Reads a whole body. False: it never came whole, and what there is to say about it has been said.
awaitable<bool> read_whole(listener::Exchange& exchange, std::string_view& bytes) {
  const listener::BodyResult body = co_await exchange.read_body(largest_body);
  bytes = body.bytes;
  if (!body.error && body.complete) co_return true;
  if (exchange.client_gone() || body.error == Errc::end_of_stream || body.error == Errc::cancelled) {
    exchange.break_off();
    co_return false;
  }
  listener::Reply reply;
  reply.status = body.error == Errc::timeout ? 408 : body.error == Errc::bad_message ? 400 : 413;
  reply.body = errors::outage(reply.status).body();
  co_await exchange.send(reply);
  co_return false;
}

listener::Reply refusal(const http::Rejection& rejection) {
  const Answer answer = errors::outage(rejection.status);
  listener::Reply reply(rejection.status, answer.content_type, answer.body());
  return reply;
}

}  // namespace

class Simulator::ResourceHandler final : public listener::Handler {
 public:
  ResourceHandler(net::Loop& loop, Resource& resource) : loop_(loop), resource_(resource) {}

  awaitable<void> handle(listener::Exchange& exchange) override {
    std::string_view body;
    const bool whole = co_await read_whole(exchange, body);
    if (!whole) co_return;
    const Answer answer = resource_.respond(request_of(exchange.head(), body), this_moment());
    exchange.release_request();
    net::CancelSlot gone;
    exchange.on_client_gone(&gone);
    co_await play(answer, exchange, loop_, gone);
    exchange.on_client_gone(nullptr);
    resource_.finished(answer, Clock::now());
  }

  listener::Reply refuse(const http::Rejection& rejection, const std::string&) override { return refusal(rejection); }

 private:
  net::Loop& loop_;
  Resource& resource_;
};

class Simulator::ControlHandler final : public listener::Handler {
 public:
  explicit ControlHandler(Simulator& simulator) : simulator_(simulator) {}

  awaitable<void> handle(listener::Exchange& exchange) override {
    std::string_view body;
    const bool whole = co_await read_whole(exchange, body);
    if (!whole) co_return;
    const Answer answer = control(simulator_.resources_, request_of(exchange.head(), body), Clock::now());
    simulator_.follow_faults();
    net::CancelSlot gone;
    co_await play(answer, exchange, simulator_.loop_, gone);
  }

  listener::Reply refuse(const http::Rejection& rejection, const std::string&) override { return refusal(rejection); }

 private:
  Simulator& simulator_;
};

// A listening address and the connections it accepted. The hub goes last of what the loop's coroutines use.
struct Simulator::Station {
  std::unique_ptr<listener::Handler> handler;
  std::unique_ptr<listener::Hub> hub;
  std::unique_ptr<listener::Listener> listener;
  Endpoint bound;  // with the port that was chosen
};

Simulator::Simulator(const LabConfig& config) : config_(config), limit_(most_connections) {
  for (const ResourceConfig& resource : config_.resources)
    resources_.emplace_back(resource, config_.seed, config_.speed);
}

Simulator::~Simulator() {
  for (const auto& station : stations_) station->listener.reset();
  if (control_) control_->listener.reset();
  loop_.poll();
}

bool Simulator::listen(Station& station, const Endpoint& endpoint, std::string& problem) {
  auto opened =
      listener::Listener::open(loop_, endpoint.host, endpoint.port, nullptr, {station.hub.get()}, limit_, problem);
  if (!opened) {
    problem = "cannot listen on " + endpoint.text() + ": " + problem;
    return false;
  }
  station.listener = std::move(*opened);
  station.listener->start();
  // Others may read it while the loop opens the listener again, at the same address.
  if (station.bound.port == 0) station.bound = {endpoint.host, station.listener->port()};
  return true;
}

bool Simulator::open(std::string& problem) {
  listener::SessionOptions options;
  options.max_request_body = largest_body;
  for (Resource& resource : resources_) {
    auto station = std::make_unique<Station>();
    station->handler = std::make_unique<ResourceHandler>(loop_, resource);
    station->hub = std::make_unique<listener::Hub>(loop_, *station->handler, options, limit_);
    if (!listen(*station, resource.config().address, problem)) return false;
    resource.listens_at(station->bound);
    stations_.push_back(std::move(station));
  }
  if (config_.control) {
    control_ = std::make_unique<Station>();
    control_->handler = std::make_unique<ControlHandler>(*this);
    control_->hub = std::make_unique<listener::Hub>(loop_, *control_->handler, options, limit_);
    if (!listen(*control_, *config_.control, problem)) return false;
  }
  follow_faults();
  return true;
}

void Simulator::follow_faults() {
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    Station& station = *stations_[i];
    const bool refuses = resources_[i].faults().refuses();
    if (refuses && station.listener) {
      station.listener->stop();
      station.listener.reset();
      station.hub->abort_all();
    } else if (!refuses && !station.listener) {
      std::string problem;
      if (!listen(station, station.bound, problem)) log::error(problem, {{"resource", resources_[i].config().name}});
    }
  }
}

void Simulator::run() {
  loop_.run();
}

void Simulator::stop() {
  loop_.post([this] {
    std::vector<Station*> all;
    for (const auto& station : stations_) all.push_back(station.get());
    if (control_) all.push_back(control_.get());
    const auto left = std::make_shared<std::size_t>(all.size());
    for (Station* station : all) {
      if (station->listener) station->listener->stop();
      station->hub->abort_all();
      station->hub->drain([this, left] {
        if (--*left == 0) loop_.stop();
      });
    }
  });
}

void Simulator::with_resources(const std::function<void(std::vector<Resource>&)>& action) {
  std::promise<void> done;
  std::future<void> finished = done.get_future();
  loop_.post([this, &action, &done] {
    action(resources_);
    follow_faults();
    done.set_value();
  });
  finished.get();
}

std::vector<std::string> Simulator::addresses() const {
  std::vector<std::string> out;
  for (const auto& station : stations_) out.push_back(station->bound.text());
  return out;
}

std::string Simulator::control_address() const {
  return control_ ? control_->bound.text() : std::string();
}

}  // namespace spillway::lab
