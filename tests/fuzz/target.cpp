#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/reader.hpp"
#include "spillway/http/target.hpp"

using namespace spillway::http;

namespace {

void check_query(std::string_view query) {
  for (const auto& version : {std::optional<std::string>{}, std::optional<std::string>("2024-10-21")}) {
    const std::string rewritten = rewrite_query(query, version);
    for (const char* name : {"api-key", "subscription-key"}) {
      if (query_value(rewritten, name, true)) std::abort();
    }
    if (version && query_value(rewritten, "api-version") != version) std::abort();
    if (rewrite_query(rewritten, version) != rewritten) std::abort();
  }
}

void check_path(std::string_view path) {
  const auto decoded = percent_decode(path);
  if (!decoded) std::abort();
  if (decoded->find("/../") != std::string::npos || decoded->ends_with("/..") ||
      decoded->find('\\') != std::string::npos)
    std::abort();
  is_classic(path);
  if (const auto segment = deployment_segment(path)) {
    const auto name = percent_decode(*segment);
    if (!name || percent_decode(percent_encode_segment(*name)) != name) std::abort();
  }
  if (!has_path_prefix(path, "/") || !has_path_prefix(path, path)) std::abort();
}

}  // namespace

// A target that the reader accepts can be taken apart and rewritten; any text survives encoding and decoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (percent_decode(percent_encode_segment(text)) != text) std::abort();
  rewrite_query(text, std::nullopt);
  deployment_segment(text);

  const std::string request = "GET " + text + " HTTP/1.1\r\nHost: gateway.test\r\n\r\n";
  RequestReader reader(HeadLimits{});
  if (reader.parse(request) != ReadState::complete || reader.size() != request.size()) return 0;
  check_path(reader.head().path);
  check_query(reader.head().query);
  return 0;
}
