#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"
#include "spillway/http/head.hpp"

namespace spillway::routing {

// Who is calling. Keys are kept as SHA-256(key) and each comparison takes the same time whatever the bytes; looking one
// up does not take longer with more keys. Time can tell only beside how many others a guess was put, and that depends
// on a number nobody outside the process knows and on the guess's SHA-256: not on how much of a key it has right, so no
// key can be found piece by piece. Thread-safe: immutable.
class Access {
 public:
  // Throws std::runtime_error when the machine gives no random bytes.
  explicit Access(const config::Config& config);

  enum class Refusal { missing_api_key, invalid_api_key, expired_api_key };
  struct Decision {
    bool admitted = false;
    std::optional<std::size_t> client;  // index into the configuration's clients; none = anonymous
    Refusal refusal = Refusal::missing_api_key;
    // With `invalid_api_key`: what was taken for a key, unless values contradicted each other. It may prove the client
    // in another way. A secret.
    std::string other;
  };

  // The first of `api-key`, `Ocp-Apim-Subscription-Key` and `Authorization: Bearer` that is present decides; the query
  // parameters `api-key` and `subscription-key` (case ignored) are looked at only when none is, and after those, in a
  // WebSocket handshake, the subprotocol `openai-insecure-api-key.KEY` and the query parameter `Authorization`, which
  // browsers send. A header or parameter
  // without a value, and `Bearer` without a token, count as missing; an Authorization of another scheme is a wrong key,
  // and so are two different values of one header. Without `clients` everybody is admitted as nobody, whatever they
  // send. `now`: a key that has come to its end is refused.
  Decision admit(const http::RequestHead& head, WallTime now) const;

  // Whether the text is a key of some client, expired or not: such a credential is never passed on.
  bool is_client_key(std::string_view key) const;

 private:
  using Digest = config::KeyDigest;
  struct Entry {
    Digest digest{};
    std::optional<std::size_t> client;  // none: a free place
    WallTime expires = WallTime::max();
  };
  struct Sha256;  // OpenSSL's algorithm, looked up once

  Digest hash(std::string_view key) const;
  // Where the digest is, or the free place where it would be.
  std::size_t place(const Digest& digest) const noexcept;
  void add(const config::ClientKey& key, std::size_t client);
  const Entry* find(std::string_view key) const;

  std::shared_ptr<const Sha256> sha256_;
  std::vector<Entry> entries_;  // open addressing; a power of two, at most half of it taken
  std::uint64_t spread_ = 1;    // odd and secret: which digests come to lie beside each other
  bool anonymous_ = false;
};

}  // namespace spillway::routing
