#include "spillway/routing/owner_marks.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace spillway;
using routing::OwnerMarks;

namespace {

config::Config two_backends() {
  config::Config config;
  config.affinity_secrets.push_back(config::Secret("a secret that no input knows"));
  config.affinity_secrets.push_back(config::Secret("another one that was used before"));
  config.backends.resize(2);
  config.backends[0].name = "east";
  config.backends[1].name = "west";
  config.pools.resize(1);
  config.pools[0].name = "pool";
  config.pools[0].members = {{1, 1, 1}};
  return config;
}

}  // namespace

// Whatever a client sends is not what was never marked; what was marked leads back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const config::Config config = two_backends();
  static const OwnerMarks marks(config);
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (marks.open(text) || marks.open_cookie(text, 0)) std::abort();

  for (std::size_t backend = 0; backend < config.backends.size(); ++backend) {
    const OwnerMarks::Mark mark = marks.mark(text, backend);
    const std::string marked = text + std::string(mark.data(), mark.size());
    const auto owned = marks.open(marked);
    const bool can_open = !text.empty() && text.size() <= OwnerMarks::max_id_size;
    if (OwnerMarks::looks_marked(marked) != can_open || owned.has_value() != can_open) std::abort();
    if (owned && (owned->id != text || owned->backend != backend)) std::abort();
    if (marks.open(marked + 'x') || marks.open("x" + marked)) std::abort();
  }
  return 0;
}
