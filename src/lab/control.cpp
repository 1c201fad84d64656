#include "control.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "identity_control.hpp"
#include "spillway/http/target.hpp"

namespace spillway::lab {
namespace {

Answer problem(int status, const std::string& message) {
  return json_answer(status, {{"error", message}});
}

Answer report(const std::vector<Resource>& resources, TimePoint now) {
  Json list = Json::array();
  for (const Resource& resource : resources) list.push_back(resource.report(now));
  return json_answer(200, {{"resources", list}});
}

// A member that is a string, or absent and null: the empty text. Nothing for anything else.
std::optional<std::string> optional_name(const Json& order, std::string_view key) {
  const Json& value = member(order, key);
  if (value.is_null()) return "";
  if (!value.is_string() || text_of(value).empty()) return std::nullopt;
  return text_of(value);
}

std::string names_of(const std::vector<Resource>& resources) {
  std::string list;
  for (const Resource& resource : resources) list += (list.empty() ? "" : ", ") + resource.config().name;
  return list;
}

Answer set_fault(std::vector<Resource>& resources, std::string_view body, TimePoint now) {
  const auto order = parse_json(body);
  if (!order || !order->is_object()) return problem(400, "the body must be a JSON object");
  for (const auto& [key, value] : order->items()) {
    if (key != "resource" && key != "deployment" && key != "fault") {
      return problem(400, "unknown key '" + key + "' (resource, deployment or fault)");
    }
  }
  const auto wanted = optional_name(*order, "resource");
  const auto deployment = optional_name(*order, "deployment");
  if (!wanted || !deployment) return problem(400, "resource and deployment are names, or null");
  if (!order->contains("fault")) return problem(400, "fault is missing (null clears it)");

  std::optional<Fault> fault;
  if (const Json& given = member(*order, "fault"); !given.is_null()) {
    std::string what;
    fault = parse_fault(given, what);
    if (!fault) return problem(400, "fault: " + what);
    if (fault->kind == FaultKind::refuse && !deployment->empty()) {
      return problem(400, "refuse works on a whole resource, not on a deployment");
    }
  }
  std::vector<Resource*> meant;
  for (Resource& resource : resources) {
    if (wanted->empty() || resource.config().name == *wanted) meant.push_back(&resource);
  }
  if (meant.empty()) return problem(404, "no resource '" + *wanted + "' (" + names_of(resources) + ")");
  std::erase_if(
      meant, [&](const Resource* resource) { return !deployment->empty() && !resource->has_deployment(*deployment); });
  if (meant.empty()) return problem(404, "no deployment '" + *deployment + "' there");
  for (Resource* resource : meant) {
    if (fault) {
      resource->faults().set(*deployment, *fault);
    } else {
      resource->faults().clear(*deployment);
    }
  }
  return report(resources, now);
}

}  // namespace

Answer control(std::vector<Resource>& resources, Identity* identity, const Request& request, Moment moment) {
  const TimePoint now = moment.now;
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (request.path == "/healthz") return get ? json_answer(200, {{"status", "ok"}}) : problem(405, "use GET");
  if (http::has_path_prefix(request.path, "/identity")) return identity_control(identity, request, moment);
  if (request.path == "/resources") return get ? report(resources, now) : problem(405, "use GET");
  if (request.path == "/faults") {
    if (get) return report(resources, now);
    return post ? set_fault(resources, request.body, now) : problem(405, "use POST");
  }
  if (request.path == "/reset") {
    if (!post) return problem(405, "use POST");
    for (Resource& resource : resources) resource.reset();
    if (identity != nullptr) identity->reset();
    return report(resources, now);
  }
  return problem(404, "GET /resources, POST /faults, GET /identity, POST /reset or GET /healthz");
}

}  // namespace spillway::lab
