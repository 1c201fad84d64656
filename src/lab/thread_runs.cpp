#include <nlohmann/json.hpp>

#include "object_actions.hpp"

// Threads, their messages, and runs of an assistant over them.
namespace spillway::lab {
namespace {

Json text_content(const std::string& text) {
  const Json part = {{"type", "text"}, {"text", {{"value", text}, {"annotations", Json::array()}}}};
  return Json::array({part});
}

// `content` of a request, a text or parts, as a message shows it.
Json message_content(const Json& given) {
  if (!given.is_array()) return text_content(text_of(given));
  Json out = Json::array();
  for (const Json& part : given) {
    const bool text = text_of(member(part, "type")) == "text" && member(part, "text").is_string();
    out.push_back(text ? text_content(text_of(member(part, "text"))).front() : part);
  }
  return out;
}

Object& add_message(ObjectCall& call, const std::string& thread, Json given) {
  given["content"] = message_content(member(given, "content"));
  given.erase("status");
  return call.make("threads/*/messages", thread + "/messages", given);
}

void add_messages(ObjectCall& call, const std::string& thread, const Json& list) {
  if (!list.is_array()) return;
  for (const Json& given : list) add_message(call, thread, given.is_object() ? given : Json::object());
}

std::string text_in(const Json& message) {
  std::string out;
  for (const Json& part : member(message, "content")) out += text_of(member(member(part, "text"), "value"));
  return out;
}

// What the assistant says: to the last words of the user.
std::string reply(ObjectCall& call, const std::string& thread) {
  std::string last;
  for (const Object* message : call.store.children(thread + "/messages")) {
    if (text_of(member(message->body, "role")) == "user") last = text_in(message->body);
  }
  std::string said;
  for (const std::string& token : reply_tokens(last, 0, call.seed)) said += token;
  return said;
}

Object& add_run(ObjectCall& call, const std::string& thread) {
  Object& run = call.make("threads/*/runs", thread + "/runs", call.body);
  const Object* assistant = call.store.find("assistants/" + text_of(member(run.body, "assistant_id")));
  for (const char* taken_over : {"model", "instructions", "tools"}) {
    if (!call.body.contains(taken_over)) run.body[taken_over] = member(assistant->body, taken_over);
  }
  return run;
}

// The object's state at this point of a stream.
void event(EventStream& stream, const std::string& name, const Object& object, std::string_view status) {
  Json shown = object.body;
  shown["status"] = status;
  stream.event(name, shown);
}

Answer stream_run(EventStream stream, ObjectCall& call, Object& run) {
  event(stream, "thread.run.created", run, "queued");
  event(stream, "thread.run.queued", run, "queued");
  event(stream, "thread.run.in_progress", run, "in_progress");
  finish_run(call, run);
  const std::string thread = run.path.substr(0, run.path.find("/runs/"));
  const Object& message = *call.store.children(thread + "/messages").back();
  // The deltas bring its content.
  Object empty = message;
  empty.body["content"] = Json::array();
  event(stream, "thread.message.created", empty, "in_progress");
  event(stream, "thread.message.in_progress", empty, "in_progress");
  for (const std::string& token : tokenise(text_in(message.body))) {
    const Json part = {{"index", 0}, {"type", "text"}, {"text", {{"value", token}}}};
    stream.event(
        "thread.message.delta",
        {{"id", message.id()}, {"object", "thread.message.delta"}, {"delta", {{"content", Json::array({part})}}}});
  }
  event(stream, "thread.message.completed", message, "completed");
  event(stream, "thread.run.completed", run, "completed");
  stream.done("done");
  return std::move(stream).answer();
}

Answer answer_run(EventStream stream, ObjectCall& call, const std::string& thread) {
  add_messages(call, thread, member(call.body, "additional_messages"));
  Object& run = add_run(call, thread);
  if (is_true(member(call.body, "stream"))) return stream_run(std::move(stream), call, run);
  return json_answer(200, run.body);
}

}  // namespace

Answer create_thread(ObjectCall& call) {
  const Object& thread = call.make("threads", "threads", call.body);
  add_messages(call, thread.path, member(call.body, "messages"));
  return json_answer(200, thread.body);
}

Answer create_message(ObjectCall& call) {
  return json_answer(200, add_message(call, call.place.parent, call.body).body);
}

Answer create_run(ObjectCall& call) {
  return answer_run(EventStream(), call, call.place.parent);
}

Answer create_thread_and_run(ObjectCall& call) {
  const Json given = call.body.contains("thread") ? call.body["thread"] : Json::object();
  const Object& thread = call.make("threads", "threads", given);
  add_messages(call, thread.path, member(given, "messages"));
  EventStream stream;
  stream.event("thread.created", thread.body);
  return answer_run(std::move(stream), call, thread.path);
}

Answer submit_tool_outputs(ObjectCall& call) {
  return json_answer(200, call.object->body);
}

void finish_run(ObjectCall& call, Object& run) {
  run.ended = true;
  run.set_status("completed");
  const std::string thread = run.path.substr(0, run.path.find("/runs/"));
  const std::string said = reply(call, thread);
  const auto tokens = tokenise(said).size();
  run.body["usage"] = {{"prompt_tokens", tokens}, {"completion_tokens", tokens}, {"total_tokens", 2 * tokens}};
  const Object& message = add_message(
      call, thread,
      {{"role", "assistant"}, {"content", said}, {"assistant_id", run.body["assistant_id"]}, {"run_id", run.id()}});
  const Json details = {{"type", "message_creation"}, {"message_creation", {{"message_id", message.id()}}}};
  call.make("threads/*/runs/*/steps", run.path + "/steps", {{"step_details", details}});
}

}  // namespace spillway::lab
