#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"

namespace spillway::routing {

// The names of a TLS certificate (DER): its subject and its DNS, URI and mail alternative names, each as
// config::CertificateName has them. Those that hold anything but printable ASCII are left out, and so is a name with a
// NUL, which another reader might take for its end. Empty when it is no certificate, or has expired by `now`: TLS
// sessions may outlive the certificate they began with.
std::vector<config::CertificateName> certificate_names(std::span<const std::uint8_t> der, WallTime now);

// Which client a certificate stands for. Only for certificates that have been verified: what they say is believed.
// Thread-safe: immutable.
class CertificateAccess {
 public:
  explicit CertificateAccess(const config::Config& config);

  // No client has `certificate`.
  bool empty() const noexcept { return clients_.empty(); }

  // The client one of the names belongs to: of several, the first in the file. An index into the configuration's
  // clients.
  std::optional<std::size_t> client(const std::vector<config::CertificateName>& names) const;

 private:
  std::map<config::CertificateName, std::size_t> clients_;
};

}  // namespace spillway::routing
