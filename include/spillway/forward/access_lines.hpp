#pragma once

#include <cstddef>
#include <string>

#include "spillway/config/config.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/observe/access_log.hpp"

namespace spillway::forward {

// The access log of one worker. Lines are handed to the log together, within 20 ms, because waking its writer costs
// more than writing a line does. Belongs to the worker's loop; hands over what is left when it dies.
class AccessLines {
 public:
  explicit AccessLines(net::Loop& loop);
  ~AccessLines();
  AccessLines(const AccessLines&) = delete;
  AccessLines& operator=(const AccessLines&) = delete;

  // The line of a request that has ended, if it gets one; notes in it for how many it stands.
  void add(const config::Log& settings, observe::AccessRecord& record);

 private:
  void hand_over();

  net::Loop& loop_;
  std::string lines_;  // without the last line end
  std::size_t count_ = 0;
  net::Alarm alarm_;
};

}  // namespace spillway::forward
