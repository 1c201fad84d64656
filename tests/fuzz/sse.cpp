#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spillway/http/sse.hpp"

using namespace spillway::http;

namespace {

std::string events(std::string_view stream, std::size_t step) {
  SseSplitter splitter(1 << 20);
  std::string out;
  while (!stream.empty()) {
    splitter.feed(stream.substr(0, step));
    stream.remove_prefix(std::min(step, stream.size()));
    while (const auto event = splitter.next()) {
      if (event->event.find_first_of("\r\n") != std::string::npos || event->data.find('\r') != std::string::npos)
        std::abort();
      out.append(std::to_string(event->event.size())).append(event->event);
      out.append(std::to_string(event->data.size())).append(event->data);
    }
  }
  return out;
}

}  // namespace

// The events are the same however the stream was cut. The first byte says how to cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string whole = events(stream, std::max<std::size_t>(stream.size(), 1));
  if (events(stream, 1) != whole || events(stream, 2U + data[0]) != whole) std::abort();
  return 0;
}
