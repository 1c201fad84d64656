#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "spillway/base/text.hpp"
#include "spillway/http/reader.hpp"
#include "spillway/http/target.hpp"

using namespace spillway::http;

namespace {

void check_query(std::string_view query) {
  QueryEdits plain;
  QueryEdits version;
  version.api_version = "2024-10-21";
  QueryEdits openai;
  openai.drop_api_version = openai.name_it_model = true;
  QueryEdits renamed = openai;
  renamed.model = "a&b";
  for (const QueryEdits& edits : {plain, version, openai, renamed}) {
    const std::string rewritten = rewrite_query(query, edits);
    for (const char* name : {"api-key", "subscription-key"}) {
      if (query_value(rewritten, name, true)) std::abort();
    }
    if (edits.api_version && query_value(rewritten, "api-version") != edits.api_version) std::abort();
    if (edits.drop_api_version && query_value(rewritten, "api-version", true)) std::abort();
    if (edits.name_it_model && query_value(rewritten, "deployment", true)) std::abort();
    if (edits.model && query_value(rewritten, "model", true).value_or(*edits.model) != edits.model) std::abort();
    if (rewrite_query(rewritten, edits) != rewritten) std::abort();
  }
}

void check_path(std::string_view path) {
  const auto decoded = percent_decode(path);
  if (!decoded) std::abort();
  if (decoded->find("/../") != std::string::npos || decoded->ends_with("/..") ||
      decoded->find('\\') != std::string::npos)
    std::abort();
  if (is_classic(to_openai_path(path)) && !is_classic(path)) std::abort();
  if (!spillway::iequals(to_openai_path(to_azure_path(path)), to_openai_path(path))) std::abort();
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
  rewrite_query(text, {});
  deployment_segment(text);

  const std::string request = "GET " + text + " HTTP/1.1\r\nHost: gateway.test\r\n\r\n";
  RequestReader reader(HeadLimits{});
  if (reader.parse(request) != ReadState::complete || reader.size() != request.size()) return 0;
  check_path(reader.head().path);
  check_query(reader.head().query);
  return 0;
}
