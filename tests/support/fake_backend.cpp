#include "fake_backend.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace spillway::test {

struct FakeBackend::Peer {
  Socket socket;
  std::string buffered;
  bool idle = false;
  std::thread thread;
};

Headers retry_after_ms(int milliseconds) {
  return {{"retry-after-ms", std::to_string(milliseconds)}};
}

FakeBackend::FakeBackend() : FakeBackend(Options()) {}

FakeBackend::FakeBackend(const Options& options) : options_(options), tls_(make_certificate(options.certificate)) {
  if (options_.configure) options_.configure(tls_.get());
  const std::string body = "{\"backend\":" + std::to_string(port()) + "}";
  always_ = [body](Turn& turn) { turn.reply(200, {{"Content-Type", "application/json"}}, body); };
  acceptor_ = std::thread([this] { accept(); });
}

FakeBackend::~FakeBackend() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    // Wakes threads that are blocked in a read or a write.
    for (Peer& peer : peers_)
      if (peer.socket.open()) ::shutdown(peer.socket.descriptor(), SHUT_RDWR);
  }
  changed_.notify_all();
  listening_.close();
  if (acceptor_.joinable()) acceptor_.join();
  for (Peer& peer : peers_)
    if (peer.thread.joinable()) peer.thread.join();
}

std::string FakeBackend::url() const {
  return (options_.tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port());
}

FakeBackend& FakeBackend::then(Step step) {
  const std::lock_guard lock(mutex_);
  script_.push_back(std::move(step));
  return *this;
}

FakeBackend& FakeBackend::then_reply(int status, const Headers& headers, std::string body) {
  return then([=](Turn& turn) { turn.reply(status, headers, body); });
}

FakeBackend& FakeBackend::always(Step step) {
  const std::lock_guard lock(mutex_);
  always_ = std::move(step);
  return *this;
}

FakeBackend& FakeBackend::always_reply(int status, const Headers& headers, std::string body) {
  return always([=](Turn& turn) { turn.reply(status, headers, body); });
}

FakeBackend& FakeBackend::on_connect(std::function<void(Socket&)> handler) {
  const std::lock_guard lock(mutex_);
  on_connect_ = std::move(handler);
  return *this;
}

void FakeBackend::accept() {
  for (;;) {
    Socket socket = listening_.accept();
    const std::lock_guard lock(mutex_);
    if (ending_ || !socket.open()) return;
    ++connections_;
    Peer& peer = peers_.emplace_back();
    peer.socket = std::move(socket);
    peer.thread = std::thread([this, &peer] { serve(peer); });
    changed_.notify_all();
  }
}

// The mutex is held: whoever has seen a request come knows that it has its step.
FakeBackend::Step FakeBackend::next_step() {
  if (script_.empty()) return always_;
  Step step = std::move(script_.front());
  script_.pop_front();
  return step;
}

void FakeBackend::serve(Peer& peer) {
  std::function<void(Socket&)> on_connect;
  {
    const std::lock_guard lock(mutex_);
    on_connect = on_connect_;
  }
  if (on_connect) on_connect(peer.socket);
  bool keep = peer.socket.open() && (!options_.tls || peer.socket.start_tls_server(tls_.get()));
  if (keep && options_.tls && SSL_session_reused(peer.socket.ssl()) == 1) {
    const std::lock_guard lock(mutex_);
    ++resumed_;
  }
  for (std::size_t ordinal = 1; keep; ++ordinal) {
    std::optional<Message> message;
    {
      const std::lock_guard lock(mutex_);
      peer.idle = peer.buffered.empty();
    }
    changed_.notify_all();
    while (!(message = take_message(peer.buffered))) {
      const std::string bytes = peer.socket.receive();
      if (bytes.empty()) break;
      peer.buffered += bytes;
    }
    if (!message) break;
    std::size_t number = 0;
    Step step;
    {
      const std::lock_guard lock(mutex_);
      peer.idle = false;
      number = requests_.size();
      requests_.push_back(*message);
      statuses_.push_back(0);
      step = next_step();
    }
    changed_.notify_all();
    Turn turn(*this, peer.socket, peer.buffered, std::move(*message), number, ordinal);
    step(turn);
    keep = turn.keep_ && peer.socket.open();
  }
  {
    const std::lock_guard lock(mutex_);
    peer.socket.close();
    ++closed_;
  }
  changed_.notify_all();
}

void FakeBackend::Turn::reply(int status, const Headers& headers, std::string_view body) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " X\r\n";
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  if (request_.method() != "HEAD") bytes.append(body);
  {
    const std::lock_guard lock(backend_.mutex_);
    backend_.statuses_[number_] = status;
  }
  if (!socket_.send(bytes)) close();
}

void FakeBackend::Turn::begin_stream(const Headers& headers) {
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  socket_.send(bytes + "\r\n");
}

bool FakeBackend::Turn::chunk(std::string_view data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return socket_.send(std::string(size).append(data).append("\r\n"));
}

void FakeBackend::Turn::end_stream() {
  socket_.send("0\r\n\r\n");
}

bool FakeBackend::Turn::wait_for_release() {
  std::unique_lock lock(backend_.mutex_);
  backend_.changed_.wait(lock, [&] { return backend_.releases_ > 0 || backend_.ending_; });
  if (backend_.releases_ == 0) return false;
  --backend_.releases_;
  return true;
}

bool FakeBackend::Turn::wait_for_close() {
  keep_ = false;
  while (!socket_.receive().empty()) {
  }
  return !socket_.timed_out();
}

void FakeBackend::Turn::reset() {
  keep_ = false;
  socket_.reset();
}

void FakeBackend::Turn::cut() {
  keep_ = false;
  socket_.cut();
}

template <class Condition>
bool FakeBackend::wait_until(Condition condition) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, condition);
}

std::vector<Message> FakeBackend::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<int> FakeBackend::statuses() const {
  const std::lock_guard lock(mutex_);
  return statuses_;
}

Message FakeBackend::last_request() const {
  const std::lock_guard lock(mutex_);
  return requests_.empty() ? Message() : requests_.back();
}

std::size_t FakeBackend::request_count() const {
  const std::lock_guard lock(mutex_);
  return requests_.size();
}

std::size_t FakeBackend::connection_count() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::size_t FakeBackend::resumed_count() const {
  const std::lock_guard lock(mutex_);
  return resumed_;
}

std::size_t FakeBackend::closed_count() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

bool FakeBackend::wait_for_requests(std::size_t n) const {
  return wait_until([&] { return requests_.size() >= n; });
}

bool FakeBackend::wait_for_connections(std::size_t n) const {
  return wait_until([&] { return connections_ >= n; });
}

bool FakeBackend::wait_for_closed(std::size_t n) const {
  return wait_until([&] { return closed_ >= n; });
}

void FakeBackend::release() {
  {
    const std::lock_guard lock(mutex_);
    ++releases_;
  }
  changed_.notify_all();
}

void FakeBackend::close_idle() {
  const auto is_idle = [](const Peer& peer) { return peer.idle && peer.socket.open(); };
  // Whoever has just had an answer may be quicker than the one that gave it.
  EXPECT_TRUE(wait_until([&] { return std::any_of(peers_.begin(), peers_.end(), is_idle); }));
  const std::lock_guard lock(mutex_);
  for (Peer& peer : peers_)
    if (is_idle(peer)) ::shutdown(peer.socket.descriptor(), SHUT_RDWR);
}

void FakeBackend::refuse_connections() {
  listening_.close();
}

void FakeBackend::kill() {
  listening_.close();
  acceptor_.join();
  const std::lock_guard lock(mutex_);
  for (Peer& peer : peers_)
    if (peer.socket.open()) ::shutdown(peer.socket.descriptor(), SHUT_RDWR);
}

void FakeBackend::restart() {
  listening_.reopen();
  acceptor_ = std::thread([this] { accept(); });
}

}  // namespace spillway::test
