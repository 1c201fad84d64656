#include "realtime.hpp"

#include <nlohmann/json.hpp>

namespace spillway::lab {
namespace {

std::string text_in(const Json& item) {
  std::string out;
  for (const Json& part : member(item, "content")) {
    out += text_of(member(part, "text")) + text_of(member(part, "transcript"));
  }
  return out;
}

}  // namespace

Realtime::Realtime(const DeploymentConfig& deployment, std::uint64_t seed, bool preview, Generator& ids)
    : deployment_(deployment), seed_(seed), preview_(preview), ids_(ids) {
  session_ = {{"id", "sess_" + ids_.hex(24)},
              {"object", "realtime.session"},
              {"model", deployment_.served_model()},
              {preview_ ? "modalities" : "output_modalities", Json::array({"text"})},
              {"instructions", "You are a friendly assistant."},
              {"tools", Json::array()},
              {"tool_choice", "auto"}};
  if (!preview_) session_["type"] = "realtime";
}

std::vector<Piece> Realtime::open() {
  send("session.created", {{"session", session_}});
  return std::exchange(out_, {});
}

std::vector<Piece> Realtime::hear(std::string_view text, Moment) {
  const Json event = parse_json(text).value_or(Json());
  const std::string type = text_of(member(event, "type"));
  if (!event.is_object()) {
    refuse("The event is not a JSON object.", "invalid_json", "", nullptr);
  } else if (type == "session.update") {
    update(event);
  } else if (type == "conversation.item.create") {
    add_item(event);
  } else if (type == "response.create") {
    respond(event);
  } else if (type == "input_audio_buffer.commit") {
    last_item_ = "item_" + ids_.hex(21);
    last_words_ = "the recording";
    send("input_audio_buffer.committed", {{"previous_item_id", nullptr}, {"item_id", last_item_}});
  } else if (type == "input_audio_buffer.clear") {
    send("input_audio_buffer.cleared", Json::object());
  } else if (type == "response.cancel") {
    refuse("Cancellation failed: no active response found", "response_cancel_not_active", "",
           member(event, "event_id"));
  } else if (type != "input_audio_buffer.append") {
    refuse("Invalid value: '" + type + "'.", "invalid_value", "type", member(event, "event_id"));
  }
  return std::exchange(out_, {});
}

void Realtime::send(std::string_view type, const Json& members, Milliseconds pause) {
  Json event = {{"type", type}, {"event_id", "event_" + ids_.hex(21)}};
  event.update(members);
  out_.push_back({dump(event), pause});
}

void Realtime::refuse(std::string_view message, std::string_view code, std::string_view param, const Json& event_id) {
  send("error", {{"error",
                  {{"type", "invalid_request_error"},
                   {"code", code},
                   {"message", message},
                   {"param", param.empty() ? Json() : Json(param)},
                   {"event_id", event_id}}}});
}

void Realtime::update(const Json& event) {
  const Json& changes = member(event, "session");
  if (!changes.is_object()) {
    return refuse("Missing required parameter: 'session'.", "missing_required_parameter", "session",
                  member(event, "event_id"));
  }
  for (const auto& [key, value] : changes.items()) {
    if (key != "id" && key != "object" && key != "model") session_[key] = value;
  }
  send("session.updated", {{"session", session_}});
}

void Realtime::add_item(const Json& event) {
  Json item = member(event, "item");
  if (!item.is_object()) {
    return refuse("Missing required parameter: 'item'.", "missing_required_parameter", "item",
                  member(event, "event_id"));
  }
  if (!item.contains("id")) item["id"] = "item_" + ids_.hex(21);
  item["object"] = "realtime.item";
  item["status"] = "completed";
  const Json before = last_item_.empty() ? Json() : Json(last_item_);
  last_item_ = text_of(item["id"]);
  if (const std::string words = text_in(item); !words.empty()) last_words_ = words;
  send(preview_ ? "conversation.item.created" : "conversation.item.added",
       {{"previous_item_id", before}, {"item", item}});
  if (!preview_) send("conversation.item.done", {{"previous_item_id", before}, {"item", item}});
}

void Realtime::respond(const Json& event) {
  const Json& input = member(member(event, "response"), "input");
  if (input.is_array() && !input.empty()) last_words_ = text_in(input.back());
  const std::vector<std::string> tokens = reply_tokens(last_words_, deployment_.completion_tokens, seed_);
  std::string said;
  for (const std::string& token : tokens) said += token;

  Json response = {{"id", "resp_" + ids_.hex(24)},
                   {"object", "realtime.response"},
                   {"status", "in_progress"},
                   {"status_details", nullptr},
                   {"output", Json::array()},
                   {"metadata", member(member(event, "response"), "metadata")},
                   {"usage", nullptr}};
  send("response.created", {{"response", response}}, deployment_.latency.first_byte);
  Json item = {{"id", "item_" + ids_.hex(21)}, {"object", "realtime.item"}, {"type", "message"},
               {"status", "in_progress"},      {"role", "assistant"},       {"content", Json::array()}};
  const Json of_response = {{"response_id", response["id"]}, {"output_index", 0}};
  Json place = of_response;
  place.update({{"item_id", item["id"]}, {"content_index", 0}});
  const auto at = [](Json members, const Json& more) {
    members.update(more);
    return members;
  };
  const std::string kind = preview_ ? "text" : "output_text";
  send("response.output_item.added", at(of_response, {{"item", item}}));
  send("response.content_part.added", at(place, {{"part", {{"type", kind}, {"text", ""}}}}));
  for (const std::string& token : tokens) {
    send("response." + kind + ".delta", at(place, {{"delta", token}}), deployment_.latency.per_token);
  }
  const Json part = {{"type", kind}, {"text", said}};
  send("response." + kind + ".done", at(place, {{"text", said}}));
  send("response.content_part.done", at(place, {{"part", part}}));
  item["status"] = "completed";
  item["content"] = Json::array({part});
  last_item_ = text_of(item["id"]);
  send("response.output_item.done", at(of_response, {{"item", item}}));

  const std::int64_t heard = estimate_tokens(last_words_.size());
  const auto spoken = static_cast<std::int64_t>(tokens.size());
  response["status"] = "completed";
  response["output"] = Json::array({item});
  response["usage"] = {{"total_tokens", heard + spoken},
                       {"input_tokens", heard},
                       {"output_tokens", spoken},
                       {"input_token_details", {{"text_tokens", heard}, {"audio_tokens", 0}, {"cached_tokens", 0}}},
                       {"output_token_details", {{"text_tokens", spoken}, {"audio_tokens", 0}}}};
  send("response.done", {{"response", response}});
  send("rate_limits.updated", {{"rate_limits", Json::array()}});
}

}  // namespace spillway::lab
