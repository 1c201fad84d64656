#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"

namespace spillway::lab {

// What came back for one request. `error` is empty when an answer came whole.
struct HttpReply {
  int status = 0;
  std::vector<Header> fields;
  std::string body;
  std::string error;
  double seconds = 0;  // from the first byte sent to the last received

  std::string_view field(std::string_view name) const noexcept;
};

// A small blocking HTTP/1.1 client for one server, which it keeps a connection to. Used by one thread.
class HttpClient {
 public:
  struct Target {
    std::string host = "127.0.0.1";  // a literal IPv4 address
    std::uint16_t port = 0;
    std::optional<std::string> ca;  // PEM file: speak TLS and verify against it
  };
  explicit HttpClient(Target target);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Waits at most 10 s for each byte. A kept connection that turns out closed before any byte of the answer is replaced
  // once.
  HttpReply send(std::string_view method, std::string_view path, const std::vector<Header>& fields,
                 std::string_view body);

 private:
  struct ContextDelete {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  struct SslDelete {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };

  bool open(std::string& error);
  void close() noexcept;
  bool write(std::string_view bytes);
  // Appends what is there; false at the end of the stream or on an error.
  bool read(std::string& bytes);
  // True when an answer came whole; `begun` when any byte of it came.
  bool exchange(std::string_view request, bool to_head, HttpReply& reply, bool& begun);

  Target target_;
  std::unique_ptr<SSL_CTX, ContextDelete> context_;
  std::unique_ptr<SSL, SslDelete> ssl_;
  int descriptor_ = -1;
};

}  // namespace spillway::lab
