#include "bench.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include "spillway/base/log.hpp"
#include "spillway/config/load.hpp"
#include "spillway/forward/proxy.hpp"
#include "spillway/listener/listener.hpp"
#include "spillway/net/connection.hpp"
#include "strict.hpp"

namespace spillway::fuzz {
namespace {

constexpr char next_step = '\x1F';
constexpr char next_step_after_more = '\x1D';
constexpr char next_side = '\x1E';
constexpr char reset_here = '\x1C';
constexpr char stay_open = '\x1A';

// Two members, so that there is something to retry. Ids are left alone: with them, bodies would differ on purpose.
constexpr char settings[] = R"(
listeners: [{address: "127.0.0.1:0"}]
allow_anonymous: true
backends:
  - {name: one, url: "http://127.0.0.1:1001", region: East US, auth: {api_key: key-of-the-backends}}
  - {name: two, url: "http://127.0.0.1:1002", region: West US, auth: {api_key: key-of-the-backends}}
pools:
  - {name: both, members: [{backend: one}, {backend: two}], affinity: {response_ids: false}}
limits: {max_header_size: 2KiB, max_header_fields: 40, max_request_body: 3KiB, replay_buffer: 1KiB}
log: {level: error, access: false}
)";

// What stays from one input to the next.
struct Ground {
  std::shared_ptr<const config::Config> config;
  observe::Metrics metrics;
  net::Resolver resolver;

  Ground() {
    log::configure(log::Level::off, log::Format::text);
    config = config::load_text(settings, config::Sources{}).config;
    if (!config) throw std::runtime_error("the target's configuration is refused");
  }
};

std::vector<Step> read_side(std::string_view text, bool closes) {
  std::vector<Step> steps(1);
  steps.front().after_more = closes;  // a backend answers a request
  for (const char c : text) {
    if (c == next_step || c == next_step_after_more) {
      steps.emplace_back().after_more = c == next_step_after_more;
    } else if (c == reset_here) {
      steps.emplace_back().kind = Step::Kind::reset;
      return steps;
    } else if (c == stay_open) {
      return steps;
    } else {
      steps.back().bytes += c;
    }
  }
  if (closes) steps.emplace_back().kind = Step::Kind::close;
  return steps;
}

std::shared_ptr<const forward::Snapshot> snapshot_of(Ground& ground) {
  identity::Credentials credentials(ground.config->backends.size());
  identity::ClientTokens tokens;
  tokens.access = std::make_shared<routing::TokenAccess>(*ground.config);
  return std::make_shared<const forward::Snapshot>(ground.config, nullptr, ground.metrics, nullptr,
                                                   std::move(credentials), std::move(tokens));
}

listener::SessionOptions session_options() {
  listener::SessionOptions options;
  options.head = {max_header_size, max_header_fields};
  options.max_request_body = max_request_body;
  return options;
}

// A worker of the gateway, for one input.
class Bench {
 public:
  explicit Bench(Ground& ground)
      : connections_(loop_, ground.resolver, Milliseconds(60'000), [](const std::shared_ptr<net::Endpoint>&) {}),
        access_log_(loop_),
        proxy_(forward::Services{loop_, connections_, ground.metrics, access_log_}, snapshot_of(ground)),
        hub_(loop_, proxy_, session_options(), &bodies_) {}

  net::Loop& loop() noexcept { return loop_; }

  void serve(Network& there) {
    limit_.enter();
    hub_.adopt_from_elsewhere({-1, nullptr, &limit_, false});
    settle(there);
    there.client->close();
    settle(there);
    // A WebSocket may outlive its client for a while, until the gateway stops.
    hub_.dismiss_all();
    settle(there);
    hub_.abort_all();
    settle(there);
    if (hub_.size() != 0) broken("a connection that does not end", there.client->sent());
    connections_.clear();
    settle(there);
  }

 private:
  // Until nothing happens any more.
  void settle(const Network& there) {
    std::uint64_t before = 0;
    do {
      before = there.activity;
      for (int i = 0; i < 3; ++i) loop_.poll();
    } while (there.activity != before);
  }

  net::Loop loop_;
  listener::ConnectionLimit limit_{8};
  listener::BodyMemory bodies_{1 << 20};
  net::ConnectionCache connections_;
  forward::AccessLines access_log_;
  forward::Proxy proxy_;
  listener::Hub hub_;
};

}  // namespace

Play read_play(std::string_view input) {
  constexpr std::array<std::size_t, 4> sizes = {0, 1, 7, 1000};
  Play play;
  if (input.empty()) return play;
  const auto first = static_cast<unsigned char>(input.front());
  play.to_client = sizes[first & 3U];
  play.to_backend = sizes[first >> 2U & 3U];
  play.hasty = (first & 0x40U) != 0;
  input.remove_prefix(1);
  bool client = true;
  for (bool more = true; more; client = false) {
    const std::size_t end = input.find(next_side);
    more = end != std::string_view::npos;
    const std::string_view side = input.substr(0, end);
    if (client)
      play.client = read_side(side, false);
    else
      play.backends.push_back(read_side(side, true));
    if (more) input.remove_prefix(end + 1);
  }
  return play;
}

std::string bytes_of(const std::vector<Step>& steps) {
  std::string all;
  for (const Step& step : steps) all += step.bytes;
  return all;
}

Outcome perform(const Play& play) {
  static Ground ground;
  Network there;
  network = &there;
  Outcome outcome;
  {
    Bench bench(ground);
    there.client = std::make_shared<Wire>(bench.loop(), play.client, play.to_client);
    for (const std::vector<Step>& steps : play.backends)
      there.backends.push_back(std::make_shared<Wire>(bench.loop(), steps, play.to_backend, play.hasty));
    bench.serve(there);
    outcome = {there.client, there.called};
  }
  network = nullptr;
  return outcome;
}

}  // namespace spillway::fuzz
