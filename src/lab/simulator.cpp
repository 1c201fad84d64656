#include "simulator.hpp"

#include <future>

#include "clock.hpp"
#include "control.hpp"
#include "service_handler.hpp"
#include "spillway/base/log.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t most_connections = 20'000;

}  // namespace

// A listening address and the connections it accepted. The hub goes last of what the loop's coroutines use.
struct Simulator::Station {
  std::unique_ptr<listener::Handler> handler;
  std::unique_ptr<listener::Hub> hub;
  std::unique_ptr<listener::Listener> listener;
  Endpoint bound;  // with the port that was chosen
  std::string name;
  const FaultPlan* faults = nullptr;  // that may close it
};

Simulator::Simulator(const LabConfig& config) : config_(config), limit_(most_connections) {
  if (config_.identity) identity_ = std::make_unique<Identity>(*config_.identity, config_.seed);
  for (const ResourceConfig& resource : config_.resources) {
    resources_.emplace_back(resource, config_.seed, config_.speed);
    if (identity_) resources_.back().trust(identity_->issuer());
  }
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

std::unique_ptr<Simulator::Station> Simulator::open_station(std::unique_ptr<listener::Handler> handler,
                                                            const Endpoint& endpoint, std::string& problem) {
  listener::SessionOptions options;
  options.max_request_body = largest_body;
  auto station = std::make_unique<Station>();
  station->handler = std::move(handler);
  station->hub = std::make_unique<listener::Hub>(loop_, *station->handler, options);
  if (!listen(*station, endpoint, problem)) return nullptr;
  return station;
}

bool Simulator::open(std::string& problem) {
  for (Resource& resource : resources_) {
    const auto respond = [&resource](const Request& request) { return resource.respond(request, this_moment()); };
    const auto finished = [&resource](const Answer& answer) { resource.finished(answer, Clock::now()); };
    auto station =
        open_station(std::make_unique<ServiceHandler>(loop_, respond, finished), resource.config().address, problem);
    if (!station) return false;
    resource.listens_at(station->bound);
    station->name = resource.config().name;
    station->faults = &resource.faults();
    stations_.push_back(std::move(station));
  }
  if (identity_) {
    for (IdentityStand& stand : identity_->stands()) {
      const auto respond = [&stand](const Request& request) { return stand.respond(request, this_moment()); };
      auto station = open_station(std::make_unique<ServiceHandler>(loop_, respond), stand.address(), problem);
      if (!station) return false;
      identity_->listens_at(stand, station->bound);
      station->name = stand.name();
      station->faults = &stand.faults();
      stations_.push_back(std::move(station));
    }
  }
  if (config_.control) {
    const auto respond = [this](const Request& request) {
      Answer answer = control(resources_, identity_.get(), request, this_moment());
      follow_faults();
      return answer;
    };
    control_ = open_station(std::make_unique<ServiceHandler>(loop_, respond), *config_.control, problem);
    if (!control_) return false;
  }
  follow_faults();
  return true;
}

void Simulator::follow_faults() {
  for (const auto& station : stations_) {
    const bool refuses = station->faults->refuses();
    if (refuses && station->listener) {
      station->listener->stop();
      station->listener.reset();
      station->hub->abort_all();
    } else if (!refuses && !station->listener) {
      std::string problem;
      if (!listen(*station, station->bound, problem)) log::error(problem, {{"service", station->name}});
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

void Simulator::on_loop(const std::function<void()>& action) {
  std::promise<void> done;
  std::future<void> finished = done.get_future();
  loop_.post([this, &action, &done] {
    action();
    follow_faults();
    done.set_value();
  });
  finished.get();
}

void Simulator::with_resources(const std::function<void(std::vector<Resource>&)>& action) {
  on_loop([this, &action] { action(resources_); });
}

void Simulator::with_identity(const std::function<void(Identity&)>& action) {
  on_loop([this, &action] { action(*identity_); });
}

std::vector<std::string> Simulator::addresses() const {
  std::vector<std::string> out;
  for (const Resource& resource : resources_) out.push_back(resource.config().address.text());
  return out;
}

std::string Simulator::control_address() const {
  return control_ ? control_->bound.text() : std::string();
}

}  // namespace spillway::lab
