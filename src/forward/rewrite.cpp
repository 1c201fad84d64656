#include "rewrite.hpp"

#include "affinity.hpp"
#include "credentials.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/header_rules.hpp"
#include "spillway/http/multipart.hpp"
#include "spillway/http/object_ids.hpp"
#include "spillway/http/target.hpp"
#include "spillway/http/websocket.hpp"
#include "spillway/http/writer.hpp"
#include "spillway/routing/router.hpp"

namespace spillway::forward {
namespace {

// The path the backend sees, without the prefix of its URL.
std::string path_for(const Original& original, const config::Backend& backend, std::string_view deployment,
                     bool renamed) {
  std::string moved;
  if (original.route->rewrite_path) moved = routing::Router::rewritten_path(*original.route, original.path);
  const std::string_view came = moved.empty() ? original.path : moved;
  if (backend.api == config::Api::openai) return http::to_openai_path(came);
  std::string path = http::to_azure_path(came);
  if (!renamed) return path;
  if (const auto segment = http::deployment_segment(path)) {
    const auto at = static_cast<std::size_t>(segment->data() - path.data());
    path.replace(at, segment->size(), http::percent_encode_segment(deployment));
  }
  return path;
}

void append_target(std::string& head, const Original& original, const config::Backend& backend,
                   std::string_view deployment, bool renamed) {
  const std::string path = path_for(original, backend, deployment, renamed);
  head.append(backend.url.path_prefix).append(path);
  http::QueryEdits edits;
  if (backend.api == config::Api::openai) {
    edits.drop_api_version = true;
    edits.name_it_model = original.model_in_query;
  } else if (backend.api_version && http::is_classic(path)) {
    edits.api_version = backend.api_version;
  }
  // Named twice, it must not mean one model here and another there.
  if (original.model_in_query) edits.model = deployment;
  const std::string query = http::rewrite_query(original.query, edits);
  if (!query.empty()) head.append("?").append(query);
}

// The body with the model as this backend calls it, as pieces of `out`.
void splice_model(Outgoing& out, const Original& original, std::string_view deployment, bool renamed, bool in_body) {
  out.body = {original.body, {}, {}};
  out.model_text.clear();
  const ModelPlace& place = *original.place;
  http::ModelSpan span{place.insert_at, 0};
  if (place.span && (renamed || in_body)) {
    span = *place.span;
    out.model_text =
        place.body == ModelPlace::Body::json ? http::json_string_contents(deployment) : std::string(deployment);
  } else if (!place.span && in_body && place.body == ModelPlace::Body::json) {
    out.model_text = "\"model\":\"" + http::json_string_contents(deployment) + (place.more_members ? "\"," : "\"");
  } else if (!place.span && in_body && place.body == ModelPlace::Body::form) {
    out.model_text = http::multipart_model_part(place.boundary, deployment);
  } else {
    return;
  }
  out.body = {original.body.substr(0, span.offset), out.model_text, original.body.substr(span.offset + span.size)};
}

std::size_t size_of(const std::array<std::string_view, 3>& pieces) noexcept {
  return pieces[0].size() + pieces[1].size() + pieces[2].size();
}

void append_unless_empty(std::string& head, std::string_view name, const std::string& value) {
  if (!value.empty()) http::append_field(head, name, value);
}

bool replaced_by_tracing(const http::Field& field, const Original& original) noexcept {
  if (original.traceparent.empty()) return false;
  if (field.id == http::FieldId::tracestate) return original.drops_tracestate;
  return field.id == http::FieldId::traceparent;
}

// Without what is meant for the gateway alone, and asking for an answer that can be read where its ids will be marked.
void append_fields(std::string& head, const Original& original) {
  const http::RequestHead& request = *original.head;
  for (const http::Field& field : request.fields) {
    if (!http::passes_to_backend(field)) continue;
    if (replaced_by_tracing(field, original)) continue;
    if (field.id == http::FieldId::sec_websocket_protocol)
      append_unless_empty(head, field.name, http::without_subprotocol_keys(field.value));
    else if (field.id == http::FieldId::cookie && !original.own_cookie.empty())
      append_unless_empty(head, field.name, without_cookie(field.value, original.own_cookie));
    else if (field.id == http::FieldId::accept_encoding && original.plain_answer)
      http::append_field(head, field.name, "identity");
    else
      http::append_field(head, field.name, field.value);
  }
}

bool wants_length(std::string_view method) noexcept {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

void compose(Outgoing& out, const Original& original, const config::Backend& backend, std::string_view deployment,
             const routing::Access& access, std::string_view token) {
  const http::RequestHead& request = *original.head;
  const bool renamed = !original.model.empty() && deployment != original.model;
  // What Azure reads from the path, others read from the body; but a batch has its models in its file.
  const bool in_body =
      backend.api == config::Api::openai && original.model_in_path && !http::object_path(original.path);
  splice_model(out, original, deployment, renamed, in_body);

  std::string& head = out.head;
  head.clear();
  head.reserve(1024);
  head.append(request.method).append(" ");
  append_target(head, original, backend, deployment, renamed);
  head.append(" HTTP/1.1\r\n");
  http::append_field(head, "Host", backend.url.authority());
  append_fields(head, original);
  append_unless_empty(head, "traceparent", original.traceparent);
  if (original.websocket) head.append(http::websocket_upgrade);
  append_credentials(head, backend, request, access, token);
  if (original.has_body && !original.body_length) {
    http::append_field(head, "Transfer-Encoding", "chunked");
  } else if (original.has_body || wants_length(request.method)) {
    const std::uint64_t length = original.body_length.value_or(0) - original.body.size() + size_of(out.body);
    http::append_field(head, "Content-Length", length);
  }
  head.append("\r\n");
}

}  // namespace spillway::forward
