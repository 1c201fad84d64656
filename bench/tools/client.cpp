#include "client.hpp"

#include <array>
#include <utility>

namespace bench {

namespace {

std::array<char, 256 * 1024> buffer;  // every tool has one loop, on its main thread

}  // namespace

class Client::Socket : public Handler {
 public:
  Socket(int fd, const TlsContext& tls, Client& owner) : stream(fd, tls, false), owner_(owner) {}
  Stream stream;

 private:
  void on_ready() override { owner_.on_ready(); }
  Client& owner_;
};

Client::Client(Loop& loop, const Target& target) : loop_(loop), target_(target) {}

void Client::send(const std::string& request) {
  request_ = &request;
  sent_ = 0;
  answer_.reset();
  if (stream_ == nullptr) {
    const int fd = connect_to(target_.port);
    if (fd < 0) {
      finish(0);
      return;
    }
    auto socket = std::make_unique<Socket>(fd, target_.tls, *this);
    stream_ = &socket->stream;
    loop_.add(fd, *socket);
    socket_handler_ = std::move(socket);
  }
  flush();
}

void Client::on_ready() {
  flush();
  receive();
}

void Client::flush() {
  while (request_ != nullptr && stream_ != nullptr && sent_ < request_->size()) {
    const ssize_t count = stream_->write(request_->data() + sent_, request_->size() - sent_);
    if (count == 0) return;
    if (count < 0) {
      finish(0);
      return;
    }
    sent_ += static_cast<std::size_t>(count);
  }
}

void Client::receive() {
  while (stream_ != nullptr) {
    const ssize_t count = stream_->read(buffer.data(), buffer.size());
    if (count == 0) return;
    if (count < 0) {
      finish(0);
      return;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (request_ == nullptr || !answer_.take(bytes, &payload_)) {
      finish(0);
      return;
    }
    if (!payload_.empty()) on_payload(payload_);
    // A plain socket that gave less than was asked for is empty; the next event tells of more.
    const bool empty = !target_.tls && count < static_cast<ssize_t>(buffer.size()) && !socket_handler_->peer_done();
    if (answer_.complete()) finish(answer_.status());
    if (empty) return;
  }
}

void Client::finish(int status) {
  const bool asked = request_ != nullptr;
  request_ = nullptr;
  if (status == 0 || answer_.closes()) disconnect();
  if (asked) on_answer(status);
}

void Client::disconnect() {
  stream_ = nullptr;
  if (socket_handler_) loop_.retire(std::move(socket_handler_));
}

}  // namespace bench
