// One kept-alive client connection: a request, its answer, the next request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "answer_reader.hpp"
#include "loop.hpp"
#include "stream.hpp"

namespace bench {

struct Target {
  std::uint16_t port = 0;
  TlsContext tls;  // null: plain
};

class Client : public Handler {
 public:
  Client(Loop& loop, const Target& target);

  // The request must live until its answer is complete. Connects first when there is no connection.
  void send(const std::string& request);
  [[nodiscard]] bool busy() const { return request_ != nullptr; }

 protected:
  // Status of a complete answer, or 0 when the connection broke, was refused or made no sense.
  virtual void on_answer(int status) = 0;
  // Body bytes came, without their framing. Takes what it wants from the front.
  virtual void on_payload(std::string& payload) { payload.clear(); }

  Loop& loop_;

 private:
  void on_ready() final;
  void flush();
  void receive();
  void finish(int status);
  void disconnect();

  // Its own handler, so that late events for a connection that is gone are not taken for one of the next.
  class Socket;

  Target target_;
  std::unique_ptr<Handler> socket_handler_;
  Stream* stream_ = nullptr;  // owned by socket_handler_
  const std::string* request_ = nullptr;
  std::size_t sent_ = 0;
  AnswerReader answer_;
  std::string payload_;
};

}  // namespace bench
