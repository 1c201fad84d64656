#include "call.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "handshake.hpp"
#include "spillway/http/target.hpp"

namespace spillway::lab {
namespace {

struct DeploymentPath {
  std::string_view path;
  Operation operation;
  std::string_view azure_name;
};

// Below `/deployments/{d}` on classic paths, and below `/openai/v1`. All are POST.
constexpr std::array<DeploymentPath, 8> deployment_paths = {{
    {"chat/completions", Operation::chat_completions, "ChatCompletions_Create"},
    {"completions", Operation::completions, "Completions_Create"},
    {"embeddings", Operation::embeddings, "Embeddings_Create"},
    {"images/generations", Operation::image_generations, "ImageGenerations_Create"},
    {"images/edits", Operation::image_edits, "ImageEdits_Create"},
    {"audio/transcriptions", Operation::transcriptions, "Transcriptions_Create"},
    {"audio/translations", Operation::translations, "Translations_Create"},
    {"audio/speech", Operation::speech, "Speech_Create"},
}};

struct ObjectPath {
  std::string_view method;
  std::string_view collection;
  bool has_id;
  std::string_view action;
  Operation operation;
};

// Below `/openai` and `/openai/v1`: `COLLECTION[/ID[/ACTION]]`.
constexpr std::array<ObjectPath, 7> object_paths = {{
    {"POST", "responses", false, "", Operation::create_response},
    {"GET", "responses", true, "", Operation::get_response},
    {"DELETE", "responses", true, "", Operation::delete_response},
    {"POST", "responses", true, "cancel", Operation::cancel_response},
    {"GET", "responses", true, "input_items", Operation::response_input_items},
    {"GET", "models", false, "", Operation::list_models},
    {"GET", "models", true, "", Operation::get_model},
}};

Operation deployment_operation(std::string_view method, std::string_view path) {
  if (method != "POST") return Operation::unknown;
  const auto* found = std::find_if(deployment_paths.begin(), deployment_paths.end(),
                                   [&](const DeploymentPath& known) { return known.path == path; });
  return found == deployment_paths.end() ? Operation::unknown : found->operation;
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return out;
}

void read_object(std::string_view method, std::string_view path, Call& call) {
  call.place = find_place(method, path);
  if (call.place) {
    call.operation = Operation::object;
    return;
  }
  const std::vector<std::string_view> parts = segments(path);
  if (parts.empty() || parts.size() > 3) return;
  const std::string_view action = parts.size() == 3 ? parts[2] : std::string_view{};
  for (const ObjectPath& known : object_paths) {
    if (known.method != method || known.collection != parts[0]) continue;
    if (known.has_id != (parts.size() > 1) || known.action != action) continue;
    if (known.has_id) {
      const auto id = http::percent_decode(parts[1]);
      if (!id || id->empty()) return;
      call.id = *id;
    }
    call.operation = known.operation;
    return;
  }
}

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_dated(std::string_view version) {
  constexpr std::string_view shape = "0000-00-00";
  if (version.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = version[i] >= '0' && version[i] <= '9';
    if (shape[i] == '-' ? version[i] != '-' : !digit) return false;
  }
  const std::string_view rest = version.substr(shape.size());
  return rest.empty() || rest == "-preview";
}

}  // namespace

std::string_view azure_name(Operation operation) noexcept {
  if (operation == Operation::create_response) return "Responses_Create";
  if (operation == Operation::realtime) return "Realtime_Connect";
  const auto* found = std::find_if(deployment_paths.begin(), deployment_paths.end(),
                                   [&](const DeploymentPath& known) { return known.operation == operation; });
  return found == deployment_paths.end() ? std::string_view{} : found->azure_name;
}

bool uses_deployment(Operation operation) noexcept {
  return !azure_name(operation).empty();
}

bool takes_form(Operation operation) noexcept {
  return operation == Operation::image_edits || operation == Operation::transcriptions ||
         operation == Operation::translations;
}

Call read_call(const Request& request, Api api) {
  Call call;
  call.api_version = http::query_value(request.query, "api-version").value_or("");
  std::string_view path = request.path;
  if (!remove_prefix(path, api == Api::openai ? "/" : "/openai/")) return call;
  const bool v1 = remove_prefix(path, "v1/");
  if (request.method == "GET" && path == "realtime" && (v1 || api == Api::azure)) {
    call.surface = v1 ? Surface::v1 : Surface::classic;
    call.operation = Operation::realtime;
    call.deployment_in_path = true;
    call.deployment = http::query_value(request.query, v1 ? "model" : "deployment").value_or("");
    return call;
  }
  if (v1) {
    call.surface = Surface::v1;
    if (path == "responses" && wants_websocket(request)) {
      call.operation = Operation::responses_socket;
      return call;
    }
    call.operation = deployment_operation(request.method, path);
    if (call.operation == Operation::unknown) read_object(request.method, path, call);
    return call;
  }
  if (api == Api::openai) return call;
  call.surface = Surface::classic;
  if (!remove_prefix(path, "deployments/")) {
    read_object(request.method, path, call);
    return call;
  }
  const std::size_t slash = path.find('/');
  const auto deployment = http::percent_decode(path.substr(0, slash));
  if (slash == std::string_view::npos || !deployment || deployment->empty()) return call;
  call.deployment_in_path = true;
  call.deployment = *deployment;
  path.remove_prefix(slash + 1);
  call.operation = deployment_operation(request.method, path);
  // Node's package makes them there.
  if (request.method == "POST" && path == "batches") read_object(request.method, path, call);
  return call;
}

bool names_model(const Call& call, std::string_view method) noexcept {
  return call.place && method == "POST" && call.place->action == nullptr &&
         call.place->collection->model != Model::none;
}

VersionCheck check_version(const Call& call, Api api) {
  if (api == Api::openai) return VersionCheck::ok;
  if (call.surface == Surface::classic) return is_dated(call.api_version) ? VersionCheck::ok : VersionCheck::not_found;
  const bool known = call.api_version.empty() || call.api_version == "v1" || call.api_version == "preview";
  return known ? VersionCheck::ok : VersionCheck::not_supported;
}

bool supports(std::string_view model, Operation operation) noexcept {
  const auto starts = [&](std::string_view prefix) { return model.substr(0, prefix.size()) == prefix; };
  const bool image = operation == Operation::image_generations || operation == Operation::image_edits;
  const bool listens = operation == Operation::transcriptions || operation == Operation::translations;
  const bool speaks = operation == Operation::speech;
  const bool embeds = operation == Operation::embeddings;
  if (operation == Operation::realtime || model.find("realtime") != std::string_view::npos) {
    return operation == Operation::realtime && model.find("realtime") != std::string_view::npos;
  }
  if (starts("text-embedding-")) return embeds;
  if (starts("dall-e") || starts("gpt-image")) return image;
  if (starts("whisper") || model.find("-transcribe") != std::string_view::npos) return listens;
  if (starts("tts") || model.find("-tts") != std::string_view::npos) return speaks;
  if (starts("gpt-35-turbo-instruct") || starts("gpt-3.5-turbo-instruct")) return operation == Operation::completions;
  if (starts("gpt-") || starts("o1") || starts("o3") || starts("o4")) {
    return operation == Operation::chat_completions || operation == Operation::create_response ||
           operation == Operation::completions;
  }
  return true;
}

}  // namespace spillway::lab
