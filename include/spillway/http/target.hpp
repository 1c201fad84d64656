#pragma once

#include <optional>
#include <string>
#include <string_view>

// The parts of a request target the gateway looks at and rewrites.
namespace spillway::http {

// Percent-decoded; nothing when an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);
// As one path segment: unreserved characters and sub-delims of RFC 3986 3.3 stay.
std::string percent_encode_segment(std::string_view text);

// `prefix` of `path` that ends at a segment: `/openai` of `/openai` and `/openai/x`, not of `/openaix`. A trailing
// slash of the prefix is ignored; the empty prefix and `/` match everything.
bool has_path_prefix(std::string_view path, std::string_view prefix) noexcept;

// Where the deployment stands in `…/deployments/{d}/…` or `…/deployments/{d}`: the raw (encoded) segment, a view into
// `path`. The first such segment counts; the word is compared decoded and without case, as the service does, so that no
// spelling hides a deployment from the rules. Nothing when there is no such segment or it is empty.
std::optional<std::string_view> deployment_segment(std::string_view path) noexcept;

// The path is one of the dated, `api-version`ed surface: below `/openai/` but not below `/openai/v1`. `path` is as the
// backend will see it, without the prefix of its URL. Case is ignored.
bool is_classic(std::string_view path) noexcept;

// The path as OpenAI has it, of one as Azure has it: below `/openai/deployments/{d}/`, `/openai/v1/` or `/openai/` it
// becomes one below `/v1/`. Everything else, `/v1/…` too, is unchanged. Case is ignored; `path` is without the prefix
// of a backend's URL.
std::string to_openai_path(std::string_view path);
// The path as Azure has it, of one as OpenAI has it: `/v1` and what is below go to `/openai/v1`. Everything else is
// unchanged.
std::string to_azure_path(std::string_view path);

// The first value of a query parameter, percent-decoded (`+` stays). The name is compared after decoding; case matters
// unless `ignore_case`.
std::optional<std::string> query_value(std::string_view query, std::string_view name, bool ignore_case = false);

struct QueryEdits {
  // Set: the first `api-version` is replaced in place, further ones are left out, a missing one is appended.
  std::optional<std::string> api_version;
  bool drop_api_version = false;  // every `api-version` is left out, unless one is set
  // The value of `deployment` and `model`, where they are (the URLs of realtime connections).
  std::optional<std::string> model;
  bool name_it_model = false;  // `deployment` is called `model`; of several of either the first is kept
};

// The query with these edits, and with credentials (header_rules) left out. Names are compared decoded and without
// case. All else is unchanged and in order.
std::string rewrite_query(std::string_view query, const QueryEdits& edits);

}  // namespace spillway::http
