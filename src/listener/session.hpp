#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spillway/http/reader.hpp"
#include "spillway/http/writer.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/listener/listener.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/socket_stream.hpp"
#include "spillway/net/stream.hpp"

namespace spillway::listener {

// One client connection and, one after another, the requests on it. The request's head and, when it fits, its body are
// views into the input buffer, which is held only while there are bytes in it.
class Session final : public Exchange, private net::Watcher {
 public:
  Session(Hub& hub, int descriptor, std::shared_ptr<net::TlsServer> tls, bool overloaded);
  ~Session() override;

  awaitable<void> run();
  // Closes at once when no request is under way.
  void close_if_idle();
  void dismiss();
  void abort();

  const http::RequestHead& head() const noexcept override { return reader_.head(); }
  bool is_tls() const noexcept override { return stream_->is_tls(); }
  std::string peer() const override { return stream_->peer(); }
  const std::vector<config::CertificateName>& certificate_names() override;
  TimePoint started() const noexcept override { return started_; }

  awaitable<BodyResult> read_body(std::uint64_t limit) override;
  awaitable<BodyResult> read_piece() override;
  std::uint64_t body_bytes() const noexcept override { return body_bytes_; }
  void release_request() noexcept override;

  bool client_gone() const noexcept override { return gone_; }
  bool client_left_early() const noexcept override { return gone_ || (!body_complete_ && stream_->peer_has_closed()); }
  void on_client_gone(net::Cancellable* target) override;

  awaitable<ErrorCode> send(const Reply& reply) override;
  void begin(int status, std::string head, AnswerBody body) override;
  awaitable<ErrorCode> write(std::string_view piece) override;
  awaitable<ErrorCode> finish(std::string_view last) override;
  void break_off() noexcept override;
  awaitable<ErrorCode> switch_protocols(std::string head, std::string_view first) override;
  net::Stream& stream() noexcept override { return *stream_; }
  std::string take_early_bytes() override;
  void on_dismissal(Dismissible* target) override;
  bool answer_begun() const noexcept override { return answer_begun_; }
  std::uint64_t answer_bytes() const noexcept override { return answer_bytes_; }

 private:
  // A head or a body leaves the last byte of the buffer free, so that there is always room to notice that the client
  // has gone.
  static constexpr std::size_t request_room = net::Buffer::size() - 1;

  // session.cpp: the connection
  awaitable<bool> open();
  awaitable<bool> read_head(bool first);
  awaitable<void> refuse(http::Rejection rejection);
  awaitable<bool> end_exchange();
  awaitable<void> linger();
  void start_exchange();

  // session_input.cpp: the request's body
  std::size_t available() const noexcept { return end_ - begin_; }
  std::string_view input() noexcept { return {in_.data() + begin_, available()}; }
  void make_room();
  ErrorCode fill(std::size_t limit) noexcept;
  bool has_arrived();
  awaitable<ErrorCode> more_input(TimePoint deadline);
  awaitable<ErrorCode> more_body();
  awaitable<ErrorCode> send_continue();
  awaitable<ErrorCode> fill_body(std::uint64_t target);
  bool decode(std::size_t most, std::string_view& payload, ErrorCode& error);
  ErrorCode append_body(std::string_view bytes);
  bool reserve_body(std::uint64_t size);
  void drop_body() noexcept;
  bool can_discard() const noexcept;
  awaitable<bool> discard_body();

  // session_watch.cpp: looking out for the client's leaving
  void on_readable() override;
  void start_watch();
  void look();
  void lost() noexcept;

  // session_answer.cpp
  bool will_keep_alive() const noexcept;
  bool bodyless(int status) const noexcept;
  awaitable<ErrorCode> put(std::string_view piece, bool last);

  friend class Hub;
  Hub& hub_;
  std::list<std::unique_ptr<Session>>::iterator place_;
  int descriptor_;
  std::shared_ptr<net::TlsServer> tls_;
  bool overloaded_;
  std::unique_ptr<net::Stream> stream_;
  std::optional<std::vector<config::CertificateName>> certificate_names_;
  net::Cancellable* handshaking_ = nullptr;
  SessionOptions options_;

  // Input. The head comes first, up to head_end_; bytes before front_ are still looked at (the head, a body or piece
  // behind it); begin_ to end_ is not used yet.
  net::Buffer in_;
  std::size_t head_end_ = 0;
  std::size_t front_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  http::RequestReader reader_;
  bool idle_ = false;
  bool aborted_ = false;
  TimePoint started_{};

  // The request's body
  std::unique_ptr<char[]> body_;
  BodyShare body_share_;
  std::size_t body_size_ = 0;
  std::size_t body_capacity_ = 0;
  std::string_view body_in_place_;  // the body, when all of it stands in the input buffer
  std::uint64_t body_bytes_ = 0;
  http::ChunkDecoder decoder_;
  ErrorCode body_error_;
  bool body_complete_ = true;
  bool to_head_ = false;  // remembered: an answer may begin after the request has been released
  bool continue_owed_ = false;
  bool gone_ = false;
  bool input_full_ = false;  // look stopped for want of room
  net::Cancellable* gone_target_ = nullptr;
  Dismissible* dismissal_target_ = nullptr;

  // The answer
  enum class Coding { none, length, chunked, until_close };
  std::string answer_head_;
  Coding coding_ = Coding::none;
  std::uint64_t answer_length_ = 0;
  std::uint64_t answer_bytes_ = 0;
  bool answer_begun_ = false;
  bool answer_done_ = false;
  bool broken_ = false;
  bool keep_alive_ = true;
};

}  // namespace spillway::listener
