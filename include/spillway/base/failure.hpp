#pragma once

#include <string_view>

#include "spillway/base/error.hpp"

namespace spillway {

// Where in an attempt something went wrong.
enum class Stage { resolve, connect, handshake, send, read_head, read_body, write_client };

// Who is responsible. Only `backend` may ever count against a circuit.
enum class Blame { backend, client, gateway };

// The kinds of failure the configuration names in `retry.on_errors` and `error_reasons` (contract 3.2, 3.3).
enum class ErrorKind { connect, tls, timeout, reset, invalid_response };
inline constexpr int error_kind_count = 5;

// `connect`, `tls`, `timeout`, `reset`, `invalid_response`.
std::string_view name(ErrorKind kind) noexcept;

// An attempt that ended without a whole answer head.
struct Failure {
  ErrorCode error;
  Stage stage = Stage::connect;
  Blame blame = Blame::backend;
  bool reused_connection = false;  // it was sent on a kept-alive connection
  bool answer_begun = false;       // at least one byte of the answer had arrived

  // The configuration's word for it; meaningful only when `blame` is `backend`.
  ErrorKind kind() const noexcept;
};

}  // namespace spillway
