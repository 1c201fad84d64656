#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace spillway {

using ErrorCode = boost::system::error_code;

template <class T>
using Result = boost::system::result<T, ErrorCode>;

// Errors of our own, beside those of the operating system and OpenSSL.
enum class Errc {
  end_of_stream = 1,   // the peer closed its side in an orderly way
  would_block,         // nothing can be done now; wait and try again
  timeout,             // a deadline passed
  cancelled,           // the work was given up, usually because the client went away
  truncated,           // the peer went away in the middle of a message
  bad_message,         // bytes that break the protocol
  too_large,           // a limit of ours was passed
  name_not_found,      // a host name has no address
  tls_handshake,       // the handshake failed: verification, protocol or garbage
  tls_protocol,        // a broken record after the handshake
  no_connection_slot,  // the backend's connection limit is reached
  no_memory,           // the memory for this is used up
};

const boost::system::error_category& spillway_category() noexcept;

inline ErrorCode make_error_code(Errc error) noexcept {
  return {static_cast<int>(error), spillway_category()};
}

}  // namespace spillway

template <>
struct boost::system::is_error_code_enum<spillway::Errc> : std::true_type {};
