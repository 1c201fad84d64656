#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/config/config.hpp"

namespace spillway::routing {

// What tells which backend an object or a session belongs to, without a store: ids carry a mark made from the id and
// the backend's name by HMAC-SHA256 with the configuration's `affinity_secrets`. A mark is the same each time, over
// restarts and on every gateway with the same secrets and backend names; it reveals no name, and only what was marked
// opens. Thread-safe: immutable.
//
// A marked id is the backend's own id, `_spw`, and 16 characters of base64url (96 bits of the HMAC).
class OwnerMarks {
 public:
  // `config` must outlive this. Throws std::runtime_error when the machine has no HMAC.
  explicit OwnerMarks(const config::Config& config);
  ~OwnerMarks();
  OwnerMarks(const OwnerMarks&) = delete;
  OwnerMarks& operator=(const OwnerMarks&) = delete;

  static constexpr std::string_view sign = "_spw";
  static constexpr std::size_t mark_size = 20;
  // Longer ids are neither marked nor opened.
  static constexpr std::size_t max_id_size = 512;

  // Has the form of a marked id; `open` tells whether it is one. Cheap.
  static bool looks_marked(std::string_view id) noexcept;

  // What is to be appended to an id made by a backend (index into the configuration's backends).
  using Mark = std::array<char, mark_size>;
  Mark mark(std::string_view id, std::size_t backend) const;

  struct Owned {
    std::string_view id;      // as the backend made it: a view into what was opened
    std::size_t backend = 0;  // index into the configuration's backends
  };
  // Nothing when no backend of the configuration made the mark: an id from elsewhere, or a forged one.
  std::optional<Owned> open(std::string_view marked) const;

  // The value of a session cookie for a member of a pool: 32 characters of base64url, different for each `nonce`.
  std::string cookie(std::size_t pool, std::size_t member, std::uint64_t nonce) const;
  // The member a cookie of this pool names; nothing for any other value.
  std::optional<std::size_t> open_cookie(std::string_view value, std::size_t pool) const;

 private:
  struct Keys;
  const config::Config& config_;
  std::unique_ptr<const Keys> keys_;
};

}  // namespace spillway::routing
