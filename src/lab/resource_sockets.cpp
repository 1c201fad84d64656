#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "handshake.hpp"
#include "realtime.hpp"
#include "resource.hpp"
#include "responses_socket.hpp"

// What a resource does about WebSockets.
namespace spillway::lab {

Answer Resource::open_realtime(const Call& call, const Request& request, Moment moment, Deployment* served) {
  if (call.deployment.empty()) return errors::model_missing();
  if (served == nullptr) return errors::deployment_not_found();
  if (!supports(served->config.model, call.operation)) {
    return errors::operation_not_supported(azure_name(call.operation), served->config.model);
  }
  if (auto refused = throttle(call, *served, 0, moment.now)) return *refused;
  const bool preview = call.surface == Surface::classic;
  return accept_websocket(request, std::make_shared<Realtime>(served->config, seed_, preview, ids_));
}

Answer Resource::open_responses(const Request& request) {
  const std::string path(request.path);
  return accept_websocket(request,
                          std::make_shared<ResponsesSocket>([this, path](std::string_view body, Moment moment) {
                            Request each;
                            each.method = "POST";
                            each.path = path;
                            each.body = body;
                            return respond_to(each, moment, nullptr);
                          }));
}

}  // namespace spillway::lab
