#include "inspect.hpp"

#include "spillway/base/text.hpp"
#include "spillway/http/multipart.hpp"
#include "spillway/http/target.hpp"
#include "spillway/http/websocket.hpp"

namespace spillway::forward {
namespace {

template <class Scan>
void take(Inspected& out, Scan& scan, std::string_view body, bool complete) {
  http::ModelState state = scan.scan(body, complete);
  // What lies beyond the part that is kept cannot be looked at.
  if (state == http::ModelState::need_more)
    state = scan.found_at_least_once() ? http::ModelState::found : http::ModelState::absent;
  switch (state) {
    case http::ModelState::found:
      out.place.span = scan.span();
      if (!out.in_path) out.model = scan.value();
      break;
    case http::ModelState::duplicate: out.problem = Inspected::Problem::duplicate; break;
    case http::ModelState::not_json: out.problem = Inspected::Problem::unreadable; break;
    case http::ModelState::absent:
    case http::ModelState::need_more: break;
  }
}

bool is_compressed(const http::RequestHead& head) noexcept {
  const http::Field* encoding = head.find(http::FieldId::content_encoding);
  return encoding != nullptr && !encoding->value.empty() && !iequals(encoding->value, "identity");
}

}  // namespace

Inspected inspect(const http::RequestHead& head, std::string_view body, bool complete) {
  Inspected out;
  if (const auto segment = http::deployment_segment(head.path)) {
    out.model = http::percent_decode(*segment).value_or(std::string(*segment));
    out.in_path = true;
  } else if (http::asks_for_websocket(head)) {
    out.model = http::handshake_model(head).value_or(std::string());
    out.in_query = true;
  }
  if (head.framing == http::Framing::none || body.empty()) return out;
  if (is_compressed(head)) {
    out.problem = Inspected::Problem::unreadable;
    return out;
  }
  const http::Field* type = head.find(http::FieldId::content_type);
  if (type != nullptr) {
    if (auto boundary = http::multipart_boundary(type->value)) {
      http::MultipartModelScan scan(*boundary);
      take(out, scan, body, complete);
      if (out.problem == Inspected::Problem::unreadable) return out;
      out.place.body = ModelPlace::Body::form;
      out.place.insert_at = scan.first_part();
      out.place.boundary = std::move(*boundary);
      return out;
    }
  }
  http::ModelScan scan;
  take(out, scan, body, complete);
  if (out.problem == Inspected::Problem::unreadable) return out;
  out.place.body = ModelPlace::Body::json;
  out.place.insert_at = scan.first_member();
  out.place.more_members = scan.has_members();
  out.stream = scan.stream();
  return out;
}

}  // namespace spillway::forward
