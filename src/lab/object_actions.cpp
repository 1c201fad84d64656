#include "object_actions.hpp"

#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "prompt.hpp"

// Files and what is made of them; conversations and containers.
namespace spillway::lab {
namespace {

// One line of a batch's output.
Json batch_answer(const Json& line, ObjectCall& call) {
  const std::string url = text_of(member(line, "url"));
  const bool response = url.size() >= 10 && url.substr(url.size() - 10) == "/responses";
  const Json& asked = member(line, "body");
  const Prompt prompt = read_prompt(response ? Operation::create_response : Operation::chat_completions, asked);
  std::string said;
  for (const std::string& token : reply_tokens(prompt.last, 0, call.seed)) said += token;
  Json body = {
      {"id", "chatcmpl-" + call.ids.hex(28)}, {"object", "chat.completion"}, {"model", member(asked, "model")}};
  const Json message = {{"role", "assistant"}, {"content", said}};
  if (response) {
    const Json content = {{"type", "output_text"}, {"text", said}};
    const Json item = {{"type", "message"}, {"role", "assistant"}, {"content", Json::array({content})}};
    body["id"] = "resp_" + call.ids.hex(48);
    body["object"] = "response";
    body["output"] = Json::array({item});
  } else {
    const Json choice = {{"index", 0}, {"finish_reason", "stop"}, {"message", message}};
    body["choices"] = Json::array({choice});
  }
  return {{"id", "batch_req_" + call.ids.hex(32)},
          {"custom_id", member(line, "custom_id")},
          {"response", {{"status_code", 200}, {"request_id", call.ids.guid()}, {"body", body}}},
          {"error", nullptr}};
}

Object& make_file(ObjectCall& call, const std::string& name, const std::string& purpose, std::string content) {
  const Json members = {{"bytes", content.size()}, {"filename", name}, {"purpose", purpose}};
  std::string id = (purpose == "assistants" ? "assistant-" : "file-") + call.ids.hex(32);
  Object& file = call.make("files", "files", members, std::move(id));
  file.content = std::move(content);
  return file;
}

void add_container_file(ObjectCall& call, const std::string& base, const Object& file) {
  const Json members = {{"bytes", file.content.size()},
                        {"path", "/mnt/data/" + text_of(member(file.body, "filename"))}};
  call.make("containers/*/files", base, members).content = file.content;
}

}  // namespace

Answer create_object(ObjectCall& call) {
  Object& made = call.make(call.place.collection->path, call.place.base, call.body);
  made.content = std::move(call.content);
  return json_answer(200, made.body);
}

Answer cancel_object(ObjectCall& call) {
  Object& object = *call.object;
  if (object.ended) {
    return errors::invalid_request("Cannot cancel a " + std::string(object.collection->object) + " with status '" +
                                   text_of(member(object.body, "status")) + "'.");
  }
  object.set_status("cancelled");
  object.ended = true;
  return json_answer(200, object.body);
}

Answer create_file(ObjectCall& call) {
  const Object& file = make_file(call, text_of(member(call.body, "file")), text_of(member(call.body, "purpose")),
                                 std::move(call.content));
  return json_answer(call.surface == Surface::classic ? 201 : 200, file.body);
}

Answer file_content(ObjectCall& call) {
  return text_answer(200, "application/octet-stream", call.object->content);
}

Answer complete_upload(ObjectCall& call) {
  Object& upload = *call.object;
  if (upload.ended) return errors::invalid_request("The upload is complete or cancelled.");
  std::string content;
  for (const std::string& id : named_in(call.body, "part_ids[]")) {
    const Object* part = call.store.find(upload.path + "/parts/" + id);
    if (part == nullptr) return errors::no_such_object("No upload part found with id '" + id + "'.");
    content += part->content;
  }
  upload.body["file"] = make_file(call, text_of(member(upload.body, "filename")),
                                  text_of(member(upload.body, "purpose")), std::move(content))
                            .body;
  upload.set_status("completed");
  upload.ended = true;
  return json_answer(200, upload.body);
}

void finish_batch(ObjectCall& call, Object& batch) {
  const Object* input = call.store.find("files/" + text_of(member(batch.body, "input_file_id")));
  std::string_view lines = input == nullptr ? std::string_view{} : std::string_view(input->content);
  std::string output;
  std::size_t count = 0;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (const auto line = parse_json(lines.substr(0, end))) {
      output += dump(batch_answer(*line, call)) + "\n";
      ++count;
    }
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  batch.body["output_file_id"] = make_file(call, batch.id() + "_output.jsonl", "batch_output", output).id();
  batch.body["request_counts"] = {{"total", count}, {"completed", count}, {"failed", 0}};
  batch.body["completed_at"] = call.created;
}

Answer create_job(ObjectCall& call) {
  Object& job = call.make("fine_tuning/jobs", "fine_tuning/jobs", call.body);
  call.make("fine_tuning/jobs/*/events", job.path + "/events", {{"message", "Created fine-tuning job: " + job.id()}});
  return json_answer(call.surface == Surface::classic ? 201 : 200, job.body);
}

void finish_job(ObjectCall& call, Object& job) {
  job.body["fine_tuned_model"] = text_of(member(job.body, "model")) + ".ft-" + job.id().substr(6);
  job.body["finished_at"] = call.created;
  const Json step = {{"message", "The job has successfully completed."}};
  call.make("fine_tuning/jobs/*/events", job.path + "/events", step);
  call.make("fine_tuning/jobs/*/checkpoints", job.path + "/checkpoints", Json::object());
}

Answer create_conversation(ObjectCall& call) {
  const Object& conversation = call.make("conversations", "conversations", call.body);
  append_items(call.store, conversation.id(), member(call.body, "items"), call.ids);
  return json_answer(200, conversation.body);
}

Answer create_items(ObjectCall& call) {
  const std::size_t before = call.store.children(call.place.base).size();
  const std::string conversation = call.place.parent.substr(call.place.parent.rfind('/') + 1);
  append_items(call.store, conversation, member(call.body, "items"), call.ids);
  const std::vector<Object*> all = call.store.children(call.place.base);
  Json data = Json::array();
  for (std::size_t i = before; i < all.size(); ++i) data.push_back(all[i]->body);
  return json_answer(200, {{"object", "list"},
                           {"data", data},
                           {"first_id", data.empty() ? Json() : member(data.front(), "id")},
                           {"last_id", data.empty() ? Json() : member(data.back(), "id")},
                           {"has_more", false}});
}

void append_items(ObjectStore& store, const std::string& conversation, const Json& items, Generator& ids) {
  if (!items.is_array()) return;
  const std::string base = "conversations/" + conversation + "/items";
  for (const Json& item : items) {
    if (!item.is_object()) continue;
    Object& made =
        store.make(collection("conversations/*/items"), base, Json::object(), ids, 0, text_of(member(item, "id")));
    made.body["type"] = "message";
    made.body["status"] = "completed";
    for (const auto& [key, value] : item.items()) {
      if (key != "id") made.body[key] = value;
    }
  }
}

Answer create_container(ObjectCall& call) {
  const Object& container = call.make("containers", "containers", call.body);
  for (const std::string& id : named_in(call.body, "file_ids[]")) {
    add_container_file(call, container.path + "/files", *call.store.find("files/" + id));
  }
  return json_answer(200, container.body);
}

Answer create_container_file(ObjectCall& call) {
  const std::string id = text_of(member(call.body, "file_id"));
  if (id.empty()) {
    const Json members = {{"bytes", call.content.size()}, {"path", "/mnt/data/" + text_of(member(call.body, "file"))}};
    Object& made = call.make("containers/*/files", call.place.base, members);
    made.content = std::move(call.content);
    return json_answer(200, made.body);
  }
  add_container_file(call, call.place.base, *call.store.find("files/" + id));
  return json_answer(200, call.store.children(call.place.base).back()->body);
}

}  // namespace spillway::lab
