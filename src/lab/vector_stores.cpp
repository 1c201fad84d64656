#include <nlohmann/json.hpp>

#include "object_actions.hpp"

namespace spillway::lab {
namespace {

Json counts(std::size_t files) {
  return {{"in_progress", 0}, {"completed", files}, {"failed", 0}, {"cancelled", 0}, {"total", files}};
}

// The file's name in the store is its own.
Object& add_file(ObjectCall& call, const std::string& store, const std::string& id, const Json& members) {
  const std::string base = store + "/files";
  Object& made = call.make("vector_stores/*/files", base, members, id);
  const Object* file = call.store.find("files/" + id);
  made.content = file->content;
  made.body["usage_bytes"] = file->content.size();
  call.store.find(store)->body["file_counts"] = counts(call.store.children(base).size());
  return made;
}

}  // namespace

Answer create_vector_store(ObjectCall& call) {
  Object& store = call.make("vector_stores", "vector_stores", call.body);
  for (const std::string& id : named_in(call.body, "file_ids[]")) add_file(call, store.path, id, Json::object());
  return json_answer(200, store.body);
}

Answer create_vector_store_file(ObjectCall& call) {
  const std::string id = text_of(member(call.body, "file_id"));
  return json_answer(200, add_file(call, call.place.parent, id, call.body).body);
}

Answer create_file_batch(ObjectCall& call) {
  const std::vector<std::string> ids = named_in(call.body, "file_ids[]");
  for (const std::string& id : ids) add_file(call, call.place.parent, id, Json::object());
  Object& batch = call.make("vector_stores/*/file_batches", call.place.base, {{"file_counts", counts(ids.size())}});
  batch.content = dump(call.body["file_ids"]);
  return json_answer(200, batch.body);
}

Answer list_batch_files(ObjectCall& call) {
  Json data = Json::array();
  for (const Json& id : parse_json(call.object->content).value_or(Json::array())) {
    const Object* file = call.store.find(call.place.parent + "/files/" + text_of(id));
    if (file != nullptr) data.push_back(file->body);
  }
  return json_answer(200, {{"object", "list"}, {"data", data}, {"has_more", false}});
}

Answer search_vector_store(ObjectCall& call) {
  Json data = Json::array();
  for (const Object* file : call.store.children(call.object->path + "/files")) {
    const Object* uploaded = call.store.find("files/" + file->id());
    const Json text = {{"type", "text"}, {"text", file->content.substr(0, file->content.find('\n'))}};
    data.push_back({{"file_id", file->id()},
                    {"filename", uploaded == nullptr ? Json() : member(uploaded->body, "filename")},
                    {"score", 0.5},
                    {"attributes", member(file->body, "attributes")},
                    {"content", Json::array({text})}});
  }
  const Json& query = member(call.body, "query");
  return json_answer(200, {{"object", "vector_store.search_results.page"},
                           {"search_query", query.is_array() ? query : Json::array({query})},
                           {"data", data},
                           {"has_more", false},
                           {"next_page", nullptr}});
}

}  // namespace spillway::lab
