#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/config/config.hpp"
#include "spillway/http/head.hpp"

namespace spillway::routing {

// Who is calling. Keys are kept and compared as SHA-256 digests salted per process, in constant time; looking one up does
// not take longer with more keys. Thread-safe: immutable.
class Access {
 public:
  explicit Access(const config::Config& config);

  enum class Refusal { missing_api_key, invalid_api_key };
  struct Decision {
    bool admitted = false;
    std::optional<std::size_t> client;  // index into the configuration's clients; none = anonymous
    Refusal refusal = Refusal::missing_api_key;
  };

  // The first of `api-key`, `Ocp-Apim-Subscription-Key` and `Authorization: Bearer` that is present decides; the query
  // parameters `api-key` and `subscription-key` are looked at only when none is. Two different values of one header: refused.
  // Without `clients` everybody is admitted as nobody.
  Decision admit(const http::RequestHead& head) const;

  // Whether the text is a key of some client: such a credential is never passed on.
  bool is_client_key(std::string_view key) const;

 private:
  struct Entry;
  std::optional<std::size_t> find(std::string_view key) const;
  std::vector<Entry> entries_;  // open addressing by the digest's first bytes
  std::array<std::uint8_t, 16> salt_{};
  bool anonymous_ = false;
};

}  // namespace spillway::routing
