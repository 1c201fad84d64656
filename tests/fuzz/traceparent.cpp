#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "spillway/observe/trace_context.hpp"

using namespace spillway::observe;

// Whatever is read is written so that it reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parent = parse_traceparent(std::string_view(reinterpret_cast<const char*>(data), size));
  if (parent && parse_traceparent(format_traceparent(*parent)) != parent) std::abort();
  return 0;
}
