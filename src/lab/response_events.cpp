#include "response_events.hpp"

#include <nlohmann/json.hpp>

#include "wording.hpp"

namespace spillway::lab {
namespace {

class Events {
 public:
  Events(Milliseconds per_token, std::int64_t after) : per_token_(per_token), after_(after) {}

  void send(const std::string& type, const Json& members, bool paced = false) {
    Json event = {{"type", type}, {"sequence_number", number_}};
    event.update(members);
    if (number_++ > after_) stream_.event(type, event, paced ? per_token_ : Milliseconds{0});
  }
  Answer answer() && { return std::move(stream_).answer(); }

 private:
  EventStream stream_;
  Milliseconds per_token_;
  std::int64_t after_;
  std::int64_t number_ = 0;
};

void send_text(Events& events, const Json& item, std::size_t index) {
  const Json& content = member(item, "content").front();
  const std::string text = text_of(member(content, "text"));
  const Json place = {{"item_id", member(item, "id")}, {"output_index", index}, {"content_index", 0}};
  const auto at = [&](Json members) {
    Json all = place;
    all.update(members);
    return all;
  };
  Json empty = content;
  empty["text"] = "";
  events.send("response.content_part.added", at({{"part", empty}}));
  for (const std::string& token : tokenise(text)) {
    events.send("response.output_text.delta", at({{"delta", token}, {"logprobs", Json::array()}}), true);
  }
  events.send("response.output_text.done", at({{"text", text}, {"logprobs", Json::array()}}));
  events.send("response.content_part.done", at({{"part", content}}));
}

void send_call(Events& events, const Json& item, std::size_t index) {
  const std::string arguments = text_of(member(item, "arguments"));
  const Json place = {{"item_id", member(item, "id")}, {"output_index", index}};
  for (const std::string& token : tokenise(arguments)) {
    Json members = place;
    members["delta"] = token;
    events.send("response.function_call_arguments.delta", members, true);
  }
  Json members = place;
  members["arguments"] = arguments;
  events.send("response.function_call_arguments.done", members);
}

}  // namespace

Answer response_stream(const Json& response, Milliseconds per_token, std::int64_t after) {
  Events events(per_token, after);
  Json begun = response;
  begun["status"] = "in_progress";
  begun["output"] = Json::array();
  begun["usage"] = nullptr;
  begun["incomplete_details"] = nullptr;
  events.send("response.created", {{"response", begun}});
  events.send("response.in_progress", {{"response", begun}});
  std::size_t index = 0;
  for (const Json& item : member(response, "output")) {
    const bool call = text_of(member(item, "type")) == "function_call";
    Json added = item;
    added["status"] = "in_progress";
    added[call ? "arguments" : "content"] = call ? Json("") : Json::array();
    events.send("response.output_item.added", {{"output_index", index}, {"item", added}});
    if (call) {
      send_call(events, item, index);
    } else {
      send_text(events, item, index);
    }
    events.send("response.output_item.done", {{"output_index", index}, {"item", item}});
    ++index;
  }
  const std::string status = text_of(member(response, "status"));
  events.send("response." + (status == "incomplete" ? status : std::string("completed")), {{"response", response}});
  return std::move(events).answer();
}

}  // namespace spillway::lab
