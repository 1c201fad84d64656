#include <algorithm>
#include <utility>

#include "forwarding.hpp"
#include "outcome.hpp"
#include "spillway/http/websocket.hpp"
#include "stream_gauge.hpp"
#include "tunnel.hpp"

namespace spillway::forward {
namespace {

// How the backend did, in the end. It has answered well; only its own break counts against it afterwards.
pool::Verdict verdict_of(const Tunnel& tunnel, const pool::Verdict& answered) {
  switch (tunnel.ended_by()) {
    case Tunnel::EndedBy::both:
    case Tunnel::EndedBy::gateway: return answered;
    case Tunnel::EndedBy::client: return pool::Verdict::abandoned();
    case Tunnel::EndedBy::backend: break;
  }
  Failure failure;
  failure.error = tunnel.error();
  failure.stage = Stage::read_body;
  failure.blame = Blame::backend;
  failure.answer_begun = true;
  return classify(failure);
}

observe::AbortedBy aborted_by(Tunnel::EndedBy side) noexcept {
  switch (side) {
    case Tunnel::EndedBy::client: return observe::AbortedBy::client;
    case Tunnel::EndedBy::backend: return observe::AbortedBy::upstream;
    case Tunnel::EndedBy::both:
    case Tunnel::EndedBy::gateway: break;
  }
  return observe::AbortedBy::none;
}

}  // namespace

// Passes a backend's 101 on and then whatever the two have to say to each other. The place at the backend is held until
// they are done.
awaitable<void> Forwarding::tunnel() {
  const std::unique_ptr<Candidate> chosen = std::move(candidate_);
  note(*chosen);
  record_.stream = true;
  const StreamGauge counted(&services_.metrics.streams_active());

  std::string head = answer_head(*chosen);
  head.append(http::websocket_upgrade);
  const std::string behind = chosen->answer->take_rest();
  const ErrorCode lost = co_await client_.switch_protocols(std::move(head), behind);
  const TimePoint first = services_.loop.now();
  record_.ttfb = first - client_.started();
  record_.overhead = std::max(Duration::zero(), *record_.ttfb - waited_);

  pool::Verdict ended = pool::Verdict::abandoned();
  record_.aborted_by = observe::AbortedBy::client;
  if (!lost) {
    std::string early = client_.take_early_bytes();
    client_.release_request();
    const config::PoolTimeouts& timeouts = pool_config().timeouts;
    Tunnel::Limits limits;
    limits.idle = limits.backend_write = timeouts.stream_idle;
    limits.client_write = snapshot_->config().timeouts.write_idle;
    limits.deadline = deadline_;
    Tunnel tunnel(services_.loop, client_.stream(), chosen->answer->stream(), limits);
    client_.on_dismissal(&tunnel);
    co_await tunnel.run(std::move(early), behind);
    client_.on_dismissal(nullptr);
    ended = verdict_of(tunnel, verdict_);
    record_.aborted_by = aborted_by(tunnel.ended_by());
    record_.bytes_in = tunnel.bytes_in();
    record_.bytes_out = tunnel.bytes_out();
  }

  const TimePoint now = services_.loop.now();
  const observe::Outcome how = outcome(ended);
  observe::AttemptRecord& entry = record_.attempts[chosen->attempt];
  entry.took += now - first;
  if (ended.kind == pool::Verdict::Kind::failed) entry.error = observe::name(how);
  snapshot_->member_series(pool_index_, chosen->member).outcome(how).add();
  chosen->lease.settle(ended, now);
}

}  // namespace spillway::forward
