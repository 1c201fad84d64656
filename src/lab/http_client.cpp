#include "http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "answer_reader.hpp"
#include "spillway/base/time.hpp"
#include "spillway/http/writer.hpp"

namespace spillway::lab {
namespace {

constexpr timeval patience{10, 0};

}  // namespace

std::string_view HttpReply::field(std::string_view name) const noexcept {
  return field_of(fields, name);
}

HttpClient::HttpClient(Target target) : target_(std::move(target)) {
  if (!target_.ca) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_load_verify_locations(context_.get(), target_.ca->c_str(), nullptr);
}

HttpClient::~HttpClient() {
  close();
}

bool HttpClient::open(std::string& error) {
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(target_.port);
  ::inet_pton(AF_INET, target_.host.c_str(), &address.sin_addr);
  const int yes = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    error = std::string("cannot connect: ") + std::strerror(errno);
    return false;
  }
  if (!context_) return true;
  ssl_.reset(SSL_new(context_.get()));
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), target_.host.c_str());
  SSL_set_fd(ssl_.get(), descriptor_);
  if (SSL_connect(ssl_.get()) == 1) return true;
  error = "the TLS handshake failed";
  return false;
}

void HttpClient::close() noexcept {
  ssl_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool HttpClient::write(std::string_view bytes) {
  if (ssl_) return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::read(std::string& bytes) {
  std::array<char, 16384> block;
  const auto got = ssl_ ? static_cast<ssize_t>(SSL_read(ssl_.get(), block.data(), static_cast<int>(block.size())))
                        : ::recv(descriptor_, block.data(), block.size(), 0);
  if (got <= 0) return false;
  bytes.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

bool HttpClient::exchange(std::string_view request, bool to_head, HttpReply& reply, bool& begun) {
  if (!write(request)) return false;
  AnswerReader reader(to_head, [&](std::string_view piece) { reply.body.append(piece); });
  std::string bytes;
  http::ReadState state = http::ReadState::need_more;
  while (state == http::ReadState::need_more && read(bytes)) {
    begun = true;
    state = reader.take(std::exchange(bytes, {}));
  }
  if (state != http::ReadState::complete && !(state == http::ReadState::need_more && reader.end())) return false;
  reply.status = reader.status();
  reply.fields = reader.fields();
  if (!reader.keep_alive()) close();
  return true;
}

HttpReply HttpClient::send(std::string_view method, std::string_view path, const std::vector<Header>& fields,
                           std::string_view body) {
  std::string request = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\n";
  http::append_field(request, "Host", target_.host + ":" + std::to_string(target_.port));
  for (const Header& header : fields) http::append_field(request, header.name, header.value);
  if (!body.empty() || method == "POST") http::append_field(request, "Content-Length", body.size());
  request.append("\r\n").append(body);

  const TimePoint start = Clock::now();
  for (;;) {
    HttpReply reply;
    const bool kept = descriptor_ >= 0;
    bool begun = false;
    if ((kept || open(reply.error)) && exchange(request, method == "HEAD", reply, begun)) {
      reply.seconds = std::chrono::duration<double>(Clock::now() - start).count();
      return reply;
    }
    close();
    if (kept && !begun) continue;
    if (reply.error.empty()) reply.error = begun ? "the answer was cut" : "the connection was closed without an answer";
    return reply;
  }
}

}  // namespace spillway::lab
