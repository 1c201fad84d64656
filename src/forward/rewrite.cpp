#include "rewrite.hpp"

#include "credentials.hpp"
#include "spillway/http/header_rules.hpp"
#include "spillway/http/target.hpp"
#include "spillway/http/websocket.hpp"
#include "spillway/http/writer.hpp"
#include "spillway/routing/router.hpp"

namespace spillway::forward {
namespace {

// The path the backend sees, without the prefix of its URL.
std::string path_for(const Original& original, std::string_view deployment, bool renamed) {
  std::string path = routing::Router::rewritten_path(*original.route, original.head->path);
  if (!renamed) return path;
  if (const auto segment = http::deployment_segment(path)) {
    const auto at = static_cast<std::size_t>(segment->data() - path.data());
    path.replace(at, segment->size(), http::percent_encode_segment(deployment));
  }
  return path;
}

void append_target(std::string& head, const Original& original, const config::Backend& backend,
                   const std::string& path) {
  head.append(backend.url.path_prefix).append(path);
  const bool classic = http::is_classic(path);
  http::QueryEdits edits;
  if (classic) edits.api_version = backend.api_version;
  const std::string query = http::rewrite_query(original.head->query, edits);
  if (!query.empty()) head.append("?").append(query);
}

bool wants_length(std::string_view method) noexcept {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

void compose(Outgoing& out, const Original& original, const config::Backend& backend, std::string_view deployment,
             const routing::Access& access) {
  const http::RequestHead& request = *original.head;
  const bool renamed = !original.model.empty() && deployment != original.model;
  std::uint64_t length = original.body_length.value_or(0);
  out.body = {original.body, {}, {}};
  if (renamed && original.model_span) {
    const http::ModelSpan span = *original.model_span;
    out.model_text = original.json ? http::json_string_contents(deployment) : std::string(deployment);
    out.body = {original.body.substr(0, span.offset), out.model_text, original.body.substr(span.offset + span.size)};
    length = length - span.size + out.model_text.size();
  }

  std::string& head = out.head;
  head.clear();
  head.reserve(1024);
  head.append(request.method).append(" ");
  append_target(head, original, backend, path_for(original, deployment, renamed));
  head.append(" HTTP/1.1\r\n");
  http::append_field(head, "Host", backend.url.authority());
  for (const http::Field& field : request.fields) {
    if (field.id == http::FieldId::sec_websocket_protocol) {
      const std::string protocols = http::without_subprotocol_keys(field.value);
      if (!protocols.empty()) http::append_field(head, field.name, protocols);
    } else if (http::passes_to_backend(field, request)) {
      http::append_field(head, field.name, field.value);
    }
  }
  if (original.websocket) head.append(http::websocket_upgrade);
  append_credentials(head, backend, request, access);
  if (original.has_body && !original.body_length) {
    http::append_field(head, "Transfer-Encoding", "chunked");
  } else if (original.has_body || wants_length(request.method)) {
    http::append_field(head, "Content-Length", length);
  }
  head.append("\r\n");
}

}  // namespace spillway::forward
