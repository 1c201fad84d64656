#include "spillway/base/error.hpp"

#include <string>

#include "spillway/base/failure.hpp"

namespace spillway {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "spillway"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::end_of_stream: return "the peer closed the connection";
      case Errc::would_block: return "the operation would block";
      case Errc::timeout: return "the deadline passed";
      case Errc::cancelled: return "cancelled";
      case Errc::truncated: return "the peer closed in the middle of a message";
      case Errc::bad_message: return "the message breaks the protocol";
      case Errc::too_large: return "the message passes a limit";
      case Errc::name_not_found: return "the host name has no address";
      case Errc::tls_handshake: return "the TLS handshake failed";
      case Errc::tls_protocol: return "the TLS session broke";
      case Errc::no_connection_slot: return "the backend's connection limit is reached";
      case Errc::no_memory: return "the memory for this is used up";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& spillway_category() noexcept {
  static const Category category;
  return category;
}

std::string_view name(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::connect: return "connect";
    case ErrorKind::tls: return "tls";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::reset: return "reset";
    case ErrorKind::invalid_response: return "invalid_response";
  }
  return "reset";
}

ErrorKind Failure::kind() const noexcept {
  if (error == Errc::timeout) return ErrorKind::timeout;
  switch (stage) {
    case Stage::resolve:
    case Stage::connect: return ErrorKind::connect;
    case Stage::handshake: return ErrorKind::tls;
    default: break;
  }
  if (error == Errc::bad_message || error == Errc::too_large) return ErrorKind::invalid_response;
  return ErrorKind::reset;
}

}  // namespace spillway
