#include "spillway/identity/http_call.hpp"

#include <utility>
#include <vector>

#include "spillway/http/reader.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::identity {
namespace {

constexpr std::uint32_t most_connections = 64;

std::string serialise(const HttpRequest& request) {
  std::string out = request.method + " " + request.path;
  if (!request.query.empty()) out += "?" + request.query;
  out += " HTTP/1.1\r\n";
  http::append_field(out, "Host", request.url.authority());
  for (const auto& [name, value] : request.fields) http::append_field(out, name, value);
  http::append_field(out, "Accept", "application/json");
  if (request.method == "POST") http::append_field(out, "Content-Length", request.body.size());
  http::append_field(out, "Connection", "close");
  return out + "\r\n" + request.body;
}

std::string dial_problem(const config::BackendUrl& url, const net::DialFailure& failure) {
  std::string text = failure.stage == Stage::resolve     ? "cannot find "
                     : failure.stage == Stage::handshake ? "no TLS connection to "
                                                         : "cannot connect to ";
  text += url.text() + ": " + failure.error.message();
  if (!failure.detail.empty()) text += " (" + failure.detail + ")";
  return text;
}

// Puts an answer together from the pieces that come, up to its bounds.
class Assembler {
 public:
  explicit Assembler(HttpAnswer& answer) : answer_(answer), reader_(http::HeadLimits()) {}

  // True once there is nothing more to wait for: the answer is whole, or has a problem.
  bool take(std::string_view piece) {
    input_.append(piece);
    while (!in_body_) {
      if (!take_head()) return !answer_.problem.empty();
    }
    return take_body();
  }

  // The stream has ended: whether the answer is whole.
  bool end() const noexcept { return in_body_ && framing_ == http::Framing::until_close; }

 private:
  // False: more is needed, or there is a problem.
  bool take_head() {
    const http::ReadState state = reader_.parse(input_, false);
    if (state == http::ReadState::rejected) answer_.problem = "the answer is no HTTP: " + std::string(reader_.reason());
    if (state != http::ReadState::complete) return false;
    const http::ResponseHead& head = reader_.head();
    const bool interim = head.status < 200;
    if (!interim) {
      in_body_ = true;
      answer_.status = head.status;
      framing_ = head.framing;
      length_ = head.content_length;
      for (const http::Field& field : head.fields)
        answer_.fields.emplace_back(std::string(field.name), std::string(field.value));
    }
    input_.erase(0, reader_.size());
    reader_.reset();
    return true;
  }

  bool take_body() {
    bool whole = framing_ == http::Framing::none;
    if (framing_ == http::Framing::chunked) {
      const http::ChunkDecoder::Step step = chunks_.decode(input_);
      answer_.body.append(input_, 0, step.payload);
      input_.erase(0, step.consumed);
      whole = step.state == http::ReadState::complete;
      if (step.state == http::ReadState::rejected) answer_.problem = "the answer's body is no HTTP";
    } else if (framing_ != http::Framing::none) {
      answer_.body += std::exchange(input_, {});
      whole = framing_ == http::Framing::length && answer_.body.size() >= length_;
      if (whole) answer_.body.resize(static_cast<std::size_t>(length_));
    }
    const bool announced_too_much = framing_ == http::Framing::length && length_ > Caller::max_answer;
    if (announced_too_much || answer_.body.size() > Caller::max_answer) answer_.problem = "the answer is too large";
    return whole || !answer_.problem.empty();
  }

  HttpAnswer& answer_;
  http::ResponseReader reader_;
  http::ChunkDecoder chunks_;
  std::string input_;
  bool in_body_ = false;
  http::Framing framing_ = http::Framing::none;
  std::uint64_t length_ = 0;
};

}  // namespace

Caller::Caller(net::Loop& loop, net::Resolver& resolver, std::optional<std::string> ca)
    : connections_(loop, resolver, Milliseconds(1'000), [](const std::shared_ptr<net::Endpoint>&) {}),
      ca_(std::move(ca)) {}

std::shared_ptr<net::Endpoint> Caller::endpoint(const config::BackendUrl& url, std::string& problem) {
  const std::string key = std::string(url.tls ? "https://" : "http://") + url.authority();
  const auto known = endpoints_.find(key);
  if (known != endpoints_.end()) return known->second;
  std::shared_ptr<net::TlsClient> tls;
  if (url.tls) {
    net::TlsClient::Options options;
    options.ca = ca_;
    options.server_name = url.host;
    auto made = net::TlsClient::make(options, problem);
    if (!made) return nullptr;
    tls = *made;
  }
  auto made = std::make_shared<net::Endpoint>(url.host, url.port, std::move(tls), most_connections);
  endpoints_.emplace(key, made);
  return made;
}

net::awaitable<HttpAnswer> Caller::call(const HttpRequest& request, TimePoint deadline, net::CancelSlot& slot) {
  HttpAnswer answer;
  const std::shared_ptr<net::Endpoint> to = endpoint(request.url, answer.problem);
  if (!to) co_return answer;
  net::Connection connection;
  net::DialFailure failure;
  const bool connected = co_await connections_.dial(to, deadline, slot, connection, failure);
  if (!connected) {
    answer.problem = dial_problem(request.url, failure);
    co_return answer;
  }
  net::Stream& stream = *connection.stream;
  const net::CancelSlot::Guard guard(slot, stream);
  const std::string bytes = serialise(request);
  const net::asio::const_buffer buffer(bytes.data(), bytes.size());
  const std::span<const net::asio::const_buffer> buffers(&buffer, 1);
  const ErrorCode written = co_await stream.write(buffers, Milliseconds(0), deadline);
  if (written) {
    answer.problem = "sending to " + request.url.text() + " failed: " + written.message();
    co_return answer;
  }
  Assembler assembler(answer);
  std::vector<char> block(16U << 10);
  const net::asio::mutable_buffer room(block.data(), block.size());
  for (;;) {
    const net::Io io = co_await stream.read_some(room, deadline);
    const bool ended = io.error == Errc::end_of_stream && assembler.end();
    if (io.error && !ended) answer.problem = "no answer from " + request.url.text() + ": " + io.error.message();
    if (io.error) break;
    const bool done = assembler.take(std::string_view(block.data(), io.bytes));
    if (done) break;
  }
  stream.close();
  co_return answer;
}

}  // namespace spillway::identity
