#include "hub_fixture.hpp"

#include <poll.h>

namespace spillway::listener {

bool HubTest::is_readable(const test::Socket& client) {
  pollfd entry{client.descriptor(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace spillway::listener
