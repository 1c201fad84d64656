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
#include "spillway/http/head.hpp"

namespace spillway::routing {

// Who is calling. Keys are kept and compared as SHA-256 digests salted per process, in constant time; looking one up
// does not take longer with more keys. Thread-safe: immutable.
class Access {
 public:
  // Throws std::runtime_error when the machine gives no random bytes.
  explicit Access(const config::Config& config);

  enum class Refusal { missing_api_key, invalid_api_key };
  struct Decision {
    bool admitted = false;
    std::optional<std::size_t> client;  // index into the configuration's clients; none = anonymous
    Refusal refusal = Refusal::missing_api_key;
  };

  // The first of `api-key`, `Ocp-Apim-Subscription-Key` and `Authorization: Bearer` that is present decides; the query
  // parameters `api-key` and `subscription-key` (case ignored) are looked at only when none is, and after those, in a
  // WebSocket handshake, the subprotocol `openai-insecure-api-key.KEY` and the query parameter `Authorization`, which
  // browsers send. A header or parameter
  // without a value, and `Bearer` without a token, count as missing; an Authorization of another scheme is a wrong key,
  // and so are two different values of one header. Without `clients` everybody is admitted as nobody, whatever they
  // send.
  Decision admit(const http::RequestHead& head) const;

  // Whether the text is a key of some client: such a credential is never passed on.
  bool is_client_key(std::string_view key) const;

 private:
  using Digest = std::array<std::uint8_t, 32>;
  struct Entry {
    Digest digest{};
    std::optional<std::size_t> client;  // none: a free place
  };
  struct Sha256;  // OpenSSL's algorithm, looked up once

  Digest digest(std::string_view key) const;
  std::size_t place(const Digest& digest) const noexcept;
  void add(std::string_view key, std::size_t client);
  std::optional<std::size_t> find(std::string_view key) const;

  std::shared_ptr<const Sha256> sha256_;
  std::vector<Entry> entries_;  // open addressing by the digest's first bytes; a power of two, at most half of it taken
  std::array<std::uint8_t, 16> salt_{};
  bool anonymous_ = false;
};

}  // namespace spillway::routing
