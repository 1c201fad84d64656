#include "object_backend.hpp"

#include <map>

namespace spillway::test {
namespace {

using nlohmann::json;

// Collections and how their ids begin.
const std::map<std::string, std::string> prefixes = {
    {"responses", "resp_"},  {"conversations", "conv_"}, {"files", "file-"},     {"batches", "batch_"},
    {"assistants", "asst_"}, {"threads", "thread_"},     {"uploads", "upload_"}, {"vector_stores", "vs_"},
    {"containers", "cntr_"}, {"jobs", "ftjob-"},
};

const Headers json_type = {{"Content-Type", "application/json"}};

// Collection and id of a path: `/openai/v1/responses/resp_1/cancel`.
std::pair<std::string, std::string> parts(const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  for (const auto& [name, prefix] : prefixes) {
    const std::size_t at = path.find("/" + name);
    if (at == std::string::npos) continue;
    std::string rest = path.substr(at + 1 + name.size());
    if (rest.empty()) return {name, ""};
    rest.erase(0, 1);
    return {name, rest.substr(0, rest.find('/'))};
  }
  return {"", ""};
}

}  // namespace

ObjectBackend::ObjectBackend(char letter) : letter_(1, letter) {
  fake_.always([this](FakeBackend::Turn& turn) { answer(turn); });
}

int ObjectBackend::foreign_ids() const {
  const std::lock_guard lock(mutex_);
  return foreign_;
}

std::vector<std::string> ObjectBackend::ids() const {
  const std::lock_guard lock(mutex_);
  return {ids_.begin(), ids_.end()};
}

void ObjectBackend::add(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ids_.insert(id);
}

bool ObjectBackend::knows(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(id);
}

bool ObjectBackend::knows_all(const json& body) {
  std::vector<std::string> named;
  for (const char* key : {"previous_response_id", "input_file_id", "conversation", "assistant_id"})
    if (body.contains(key) && body[key].is_string()) named.push_back(body[key]);
  if (body.contains("conversation") && body["conversation"].is_object()) named.push_back(body["conversation"]["id"]);
  for (const char* key : {"file_ids", "vector_store_ids"})
    if (body.contains(key)) named.insert(named.end(), body[key].begin(), body[key].end());
  const std::lock_guard lock(mutex_);
  for (const std::string& id : named) {
    if (ids_.contains(id)) continue;
    ++foreign_;
    return false;
  }
  return true;
}

void ObjectBackend::create(FakeBackend::Turn& turn, const std::string& collection, const json& body) {
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    id = prefixes.at(collection) + letter_ + std::to_string(++made_);
    ids_.insert(id);
  }
  json object = {{"id", id}, {"object", collection}, {"metadata", body.value("metadata", json::object())}};
  if (body.contains("previous_response_id")) object["previous_response_id"] = body["previous_response_id"];
  if (!body.value("stream", false)) {
    turn.reply(200, json_type, object.dump());
    return;
  }
  turn.begin_stream({{"Content-Type", "text/event-stream; charset=utf-8"}});
  const auto event = [](const char* type, const json& more) {
    json data = {{"type", type}};
    data.update(more);
    return std::string("event: ") + type + "\ndata: " + data.dump() + "\n\n";
  };
  turn.chunk(event("response.created", {{"response", object}}));
  turn.chunk(event("response.output_text.delta", {{"item_id", "msg_1"}, {"delta", "Hi"}}));
  turn.chunk(event("response.completed", {{"response", object}}));
  turn.end_stream();
}

void ObjectBackend::answer(FakeBackend::Turn& turn) {
  const auto [collection, id] = parts(turn.request().target());
  if (collection.empty()) {
    turn.reply(200, json_type, "{\"id\":\"chatcmpl-1\"}");
    return;
  }
  const json body = json::parse(turn.request().body, nullptr, false);
  const json fields = body.is_object() ? body : json::object();
  if (!knows_all(fields)) {
    turn.reply(400, json_type, R"({"error":{"code":"previous_response_not_found","message":"Not found."}})");
  } else if (id.empty() && turn.request().method() == "GET") {
    json list = {{"object", "list"}, {"data", json::array()}};
    for (const std::string& known : ids()) list["data"].push_back({{"id", known}});
    turn.reply(200, json_type, list.dump());
  } else if (id.empty()) {
    create(turn, collection, fields);
  } else if (!knows(id)) {
    const std::lock_guard lock(mutex_);
    ++foreign_;
    turn.reply(404, json_type, R"({"error":{"code":"not_found","message":"No such object."}})");
  } else {
    turn.reply(200, json_type, json{{"id", id}, {"object", collection}}.dump());
  }
}

}  // namespace spillway::test
