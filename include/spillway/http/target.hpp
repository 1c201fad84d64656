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

// The first value of a query parameter, percent-decoded (`+` stays). The name is compared after decoding; case matters
// unless `ignore_case`.
std::optional<std::string> query_value(std::string_view query, std::string_view name, bool ignore_case = false);

// The query with credentials (header_rules) left out and, when given, `api-version` set: the first one is replaced in
// place, further ones are left out, a missing one is appended. Names are compared decoded and without case. All else is
// unchanged and in order.
std::string rewrite_query(std::string_view query, const std::optional<std::string>& api_version);

}  // namespace spillway::http
