#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http_message.hpp"
#include "socket.hpp"
#include "tls_files.hpp"

namespace spillway::test {

// A backend that does what its script says, one step a request, and remembers what it got. Threads and blocking
// sockets; every wait of a script ends when the backend is destroyed.
class FakeBackend {
 public:
  // One request being answered. A step gets it after the whole request has been read (unless the script is for raw
  // bytes).
  class Turn {
   public:
    const Message& request() const { return request_; }
    // Which request of its connection it is, from 1.
    std::size_t ordinal() const { return ordinal_; }
    Socket& socket() { return socket_; }
    // Bytes that have come behind the request.
    std::string& unread() { return unread_; }

    void reply(int status, const Headers& headers = {}, std::string_view body = {});
    // A head with `Transfer-Encoding: chunked`, then chunks, then the end.
    void begin_stream(const Headers& headers = {});
    bool chunk(std::string_view data);
    void end_stream();
    // Waits until the test calls `release` once more (each call lets one waiting step go on). False when the backend is
    // ending.
    bool wait_for_release();
    // Waits until the client has closed or reset the connection.
    bool wait_for_close();
    // The connection is closed after this step, however it ended.
    void close() { keep_ = false; }
    void reset();
    // Over TLS: an end that TLS was not told of.
    void cut();

   private:
    friend class FakeBackend;
    Turn(FakeBackend& backend, Socket& socket, std::string& unread, Message request, std::size_t number,
         std::size_t ordinal)
        : backend_(backend),
          socket_(socket),
          unread_(unread),
          request_(std::move(request)),
          number_(number),
          ordinal_(ordinal) {}
    FakeBackend& backend_;
    Socket& socket_;
    std::string& unread_;
    Message request_;
    std::size_t number_;
    std::size_t ordinal_;
    bool keep_ = true;
  };
  using Step = std::function<void(Turn&)>;

  struct Options {
    bool tls = false;
    CertificateOptions certificate;
    std::function<void(SSL_CTX*)> configure;  // last touches to the TLS context
  };

  FakeBackend();
  explicit FakeBackend(const Options& options);
  ~FakeBackend();
  FakeBackend(const FakeBackend&) = delete;
  FakeBackend& operator=(const FakeBackend&) = delete;

  // What the next requests get, in order; after those, every request gets the last `always`, at first 200 with a small
  // body that names this backend.
  FakeBackend& then(Step step);
  FakeBackend& then_reply(int status, const Headers& headers = {}, std::string body = "{}");
  FakeBackend& always(Step step);
  FakeBackend& always_reply(int status, const Headers& headers = {}, std::string body = "{}");
  // Called for each new connection, before its TLS handshake; what is still open after it is served.
  FakeBackend& on_connect(std::function<void(Socket&)> handler);

  std::uint16_t port() const { return listening_.port(); }
  std::string url() const;

  // What has come so far, whole requests only.
  std::vector<Message> requests() const;
  // What each of them got with `Turn::reply`; 0 = no such answer.
  std::vector<int> statuses() const;
  std::size_t request_count() const;
  Message last_request() const;  // an empty one when none has come
  std::size_t connection_count() const;
  // TLS handshakes that resumed an earlier session.
  std::size_t resumed_count() const;
  // Connections the peer has closed, seen by a step that waited for it or between requests.
  std::size_t closed_count() const;
  // Wait for it, at most `patience`. False: it did not happen.
  bool wait_for_requests(std::size_t n) const;
  bool wait_for_connections(std::size_t n) const;
  bool wait_for_closed(std::size_t n) const;
  void release();
  // Closes every connection that waits for its next request, once there is one.
  void close_idle();
  // No new connections are taken; those to come are refused.
  void refuse_connections();
  // As if its process had died: every connection ends, new ones are refused. Then it is started again.
  void kill();
  void restart();

 private:
  struct Peer;
  void accept();
  void serve(Peer& peer);
  Step next_step();
  template <class Condition>
  bool wait_until(Condition condition) const;

  Options options_;
  TlsServerContext tls_;
  ListeningSocket listening_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Step> script_;
  Step always_;
  std::function<void(Socket&)> on_connect_;
  std::vector<Message> requests_;
  std::vector<int> statuses_;
  std::size_t connections_ = 0;
  std::size_t closed_ = 0;
  std::size_t resumed_ = 0;
  std::size_t releases_ = 0;
  bool ending_ = false;
  std::list<Peer> peers_;
  std::thread acceptor_;
};

Headers retry_after_ms(int milliseconds);

}  // namespace spillway::test
