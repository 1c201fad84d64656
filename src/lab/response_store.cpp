#include "response_store.hpp"

#include <nlohmann/json.hpp>

#include "chat.hpp"
#include "chat_parts.hpp"
#include "errors.hpp"
#include "response_events.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t most_responses = 30'000;

Answer no_such_response(const std::string& id) {
  return errors::no_such_object("Response with id '" + id + "' not found.");
}

Json output_item(const Said& said, Generator& ids) {
  if (said.call) {
    return {{"id", "fc_" + ids.hex(48)},        {"type", "function_call"}, {"status", "completed"},
            {"call_id", "call_" + ids.hex(24)}, {"name", said.call->name}, {"arguments", said.text()}};
  }
  const Json content = {
      {"type", "output_text"}, {"text", said.text()}, {"annotations", Json::array()}, {"logprobs", Json::array()}};
  return {{"id", "msg_" + ids.hex(48)},
          {"type", "message"},
          {"status", said.cut ? "incomplete" : "completed"},
          {"role", "assistant"},
          {"content", Json::array({content})}};
}

// What `GET …/input_items` lists: the input as items with ids.
Json input_of(const Json& body, Generator& ids) {
  const Json& input = member(body, "input");
  Json items = Json::array();
  if (input.is_array()) {
    for (const Json& given : input) {
      Json item = given.is_object() ? given : Json::object();
      if (!item.contains("id")) item["id"] = "msg_" + ids.hex(48);
      if (!item.contains("type")) item["type"] = "message";
      items.push_back(std::move(item));
    }
    return items;
  }
  const Json content = {{"type", "input_text"}, {"text", text_of(input)}};
  items.push_back({{"id", "msg_" + ids.hex(48)},
                   {"type", "message"},
                   {"role", "user"},
                   {"status", "completed"},
                   {"content", Json::array({content})}});
  return items;
}

// A member of the request that the answer repeats.
Json repeated(const Json& body, std::string_view key, Json otherwise) {
  const Json& value = member(body, key);
  return value.is_null() ? std::move(otherwise) : value;
}

Json conversation_of(const Json& body) {
  const Json& given = member(body, "conversation");
  return given.is_string() ? Json({{"id", given}}) : given;
}

Json response_object(const Json& body, const Said& said, const Usage& usage, const Serving& serving) {
  Json details;
  if (said.cut) details = {{"reason", "max_output_tokens"}};
  const Json filter = {
      {"blocked", false}, {"source_type", "prompt"}, {"content_filter_results", safe_filter_results()}};
  return {{"id", "resp_" + serving.ids.hex(48)},
          {"object", "response"},
          {"created_at", serving.created},
          {"status", said.cut ? "incomplete" : "completed"},
          {"background", is_true(member(body, "background"))},
          {"error", nullptr},
          {"incomplete_details", details},
          {"instructions", member(body, "instructions")},
          {"max_output_tokens", member(body, "max_output_tokens")},
          {"model", serving.deployment.model},
          {"output", Json::array({output_item(said, serving.ids)})},
          {"parallel_tool_calls", repeated(body, "parallel_tool_calls", true)},
          {"previous_response_id", member(body, "previous_response_id")},
          {"store", repeated(body, "store", true)},
          {"temperature", repeated(body, "temperature", 1.0)},
          {"text", repeated(body, "text", {{"format", {{"type", "text"}}}})},
          {"tool_choice", repeated(body, "tool_choice", "auto")},
          {"tools", repeated(body, "tools", Json::array())},
          {"top_p", repeated(body, "top_p", 1.0)},
          {"truncation", repeated(body, "truncation", "disabled")},
          {"usage",
           {{"input_tokens", usage.prompt},
            {"input_tokens_details", {{"cached_tokens", 0}}},
            {"output_tokens", usage.completion},
            {"output_tokens_details", {{"reasoning_tokens", 0}}},
            {"total_tokens", usage.total()}}},
          {"user", member(body, "user")},
          {"content_filters", Json::array({filter})},
          {"conversation", conversation_of(body)},
          {"metadata", repeated(body, "metadata", Json::object())}};
}

}  // namespace

struct ResponseStore::Stored {
  Json response;        // as it is when it is done
  Json input;           // the items it was made from
  TimePoint done_at{};  // background work is in progress until then
  bool background = false;
  bool cancelled = false;

  Json seen(TimePoint now) const;
};

Json ResponseStore::Stored::seen(TimePoint now) const {
  if (!cancelled && (!background || now >= done_at)) return response;
  Json unfinished = response;
  unfinished["status"] = cancelled ? "cancelled" : "in_progress";
  unfinished["output"] = Json::array();
  unfinished["usage"] = nullptr;
  unfinished["incomplete_details"] = nullptr;
  return unfinished;
}

void ResponseStore::keep(const std::string& id, std::shared_ptr<Stored> stored) {
  responses_.insert_or_assign(id, std::move(stored));
  order_.push_back(id);
  if (order_.size() > most_responses) {
    responses_.erase(order_.front());
    order_.pop_front();
  }
}

void ResponseStore::clear() {
  responses_.clear();
  order_.clear();
}

ResponseStore::Created ResponseStore::create(const Json& body, const Prompt& prompt, const Serving& serving,
                                             TimePoint now, Usage& usage) {
  if (member(body, "input").is_null()) {
    return {errors::invalid_request("Missing required parameter: 'input'.", "input", "missing_required_parameter"), {}};
  }
  usage.prompt = prompt.tokens;
  if (const std::string previous = text_of(member(body, "previous_response_id")); !previous.empty()) {
    const auto found = responses_.find(previous);
    if (found == responses_.end()) return {errors::previous_response_not_found(previous), {}};
    // The whole conversation so far is read again.
    usage.prompt += number_of(member(member(found->second->response, "usage"), "total_tokens"), 0);
  }
  const Said said = say(body, member(member(body, "text"), "format"), prompt, serving);
  usage.completion = static_cast<std::int64_t>(said.tokens.size());

  const auto kept = std::make_shared<Stored>();
  Stored& stored = *kept;
  stored.response = response_object(body, said, usage, serving);
  if (!serving.filters) remove_filter_results(stored.response);
  stored.input = input_of(body, serving.ids);
  stored.background = is_true(member(body, "background"));
  const Milliseconds whole = serving.latency.first_byte + serving.latency.per_token * said.tokens.size();
  stored.done_at = now + whole;

  Answer answer;
  if (is_true(member(body, "stream"))) {
    answer = response_stream(stored.response, serving.latency.per_token);
    answer.delay = serving.latency.first_byte;
  } else if (stored.background) {
    Json queued = stored.seen(TimePoint::min());
    queued["status"] = "queued";
    answer = json_answer(200, queued);
  } else {
    answer = json_answer(200, stored.response);
    answer.delay = whole;
  }
  const Json& store = member(body, "store");
  const bool forget = store.is_boolean() && !store.get<bool>();
  if (!forget) keep(text_of(member(stored.response, "id")), kept);
  Json items = stored.input;
  for (const Json& item : member(stored.response, "output")) items.push_back(item);
  return {std::move(answer), std::move(items)};
}

Answer ResponseStore::get(const std::string& id, bool stream, std::int64_t after, TimePoint now) const {
  const auto found = responses_.find(id);
  if (found == responses_.end()) return no_such_response(id);
  if (stream) return response_stream(found->second->response, Milliseconds{0}, after);
  return json_answer(200, found->second->seen(now));
}

Answer ResponseStore::remove(const std::string& id) {
  if (responses_.erase(id) == 0) return no_such_response(id);
  std::erase(order_, id);
  return json_answer(200, {{"id", id}, {"object", "response"}, {"deleted", true}});
}

Answer ResponseStore::cancel(const std::string& id, TimePoint now) {
  const auto found = responses_.find(id);
  if (found == responses_.end()) return no_such_response(id);
  Stored& stored = *found->second;
  if (!stored.background) return errors::invalid_request("Cannot cancel a synchronous response.");
  if (now < stored.done_at) stored.cancelled = true;
  return json_answer(200, stored.seen(now));
}

Answer ResponseStore::input_items(const std::string& id) const {
  const auto found = responses_.find(id);
  if (found == responses_.end()) return no_such_response(id);
  const Json& items = found->second->input;
  return json_answer(200, {{"object", "list"},
                           {"data", items},
                           {"first_id", items.empty() ? Json() : member(items.front(), "id")},
                           {"last_id", items.empty() ? Json() : member(items.back(), "id")},
                           {"has_more", false}});
}

}  // namespace spillway::lab
