#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"

namespace spillway::lab {

// One of Azure's identity services, or Key Vault: everything but the socket. Not thread-safe.
class IdentityService {
 public:
  virtual ~IdentityService() = default;

  // What it does, by names for counters and faults.
  virtual std::vector<std::string_view> operations() const = 0;
  // Which of them a request is; `-` when it is none.
  virtual std::string operation(const Request& request) const = 0;
  virtual Answer respond(const Request& request, Moment moment) = 0;
  // How the service says that it cannot, with this status.
  virtual Answer outage(int status, Moment moment) = 0;
  // What it has to tell beside its counters; never a secret.
  virtual Json report() const = 0;
  // What a client on this machine is told of it: `NAME=VALUE` words, one space between.
  virtual std::string hint(const std::string& url) const = 0;
  virtual void reset() = 0;
};

}  // namespace spillway::lab
