#include "chat.hpp"

#include <nlohmann/json.hpp>

#include "chat_parts.hpp"
#include "errors.hpp"

namespace spillway::lab {
namespace {

Json tool_call(const Said& said, const std::string& id, const std::string& arguments) {
  return {{"id", id}, {"type", "function"}, {"function", {{"name", said.call->name}, {"arguments", arguments}}}};
}

// The head every chunk of one stream shares.
struct Chunks {
  EventStream stream;
  Json head;
  bool with_usage = false;
  bool filters = true;
  Milliseconds per_token;

  void send(Json choices, Milliseconds pause = Milliseconds{0}) {
    Json chunk = head;
    chunk["choices"] = std::move(choices);
    if (with_usage) chunk["usage"] = nullptr;
    stream.data(chunk, pause);
  }

  void delta(std::int64_t index, Json delta, Json finish, bool filtered, Milliseconds pause = Milliseconds{0}) {
    Json choice = {
        {"index", index}, {"delta", std::move(delta)}, {"logprobs", nullptr}, {"finish_reason", std::move(finish)}};
    if (filtered && filters) choice["content_filter_results"] = safe_filter_results();
    send(Json::array({choice}), pause);
  }
};

void stream_choice(Chunks& chunks, const Said& said, std::int64_t index, Generator& ids) {
  if (!said.call) {
    chunks.delta(index, {{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, nullptr, false);
    for (const std::string& token : said.tokens) {
      chunks.delta(index, {{"content", token}}, nullptr, true, chunks.per_token);
    }
  } else {
    Json call = tool_call(said, "call_" + ids.hex(24), "");
    call["index"] = 0;
    chunks.delta(index, {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Json::array({call})}}, nullptr,
                 false);
    for (const std::string& token : said.tokens) {
      const Json piece = {{"index", 0}, {"function", {{"arguments", token}}}};
      chunks.delta(index, {{"tool_calls", Json::array({piece})}}, nullptr, false, chunks.per_token);
    }
  }
  chunks.delta(index, Json::object(), finish_reason(said), false);
}

Json message_of(const Said& said, Generator& ids) {
  if (said.call) {
    const Json call = tool_call(said, "call_" + ids.hex(24), said.text());
    return {{"role", "assistant"},
            {"content", nullptr},
            {"refusal", nullptr},
            {"annotations", Json::array()},
            {"tool_calls", Json::array({call})}};
  }
  return {{"role", "assistant"}, {"content", said.text()}, {"refusal", nullptr}, {"annotations", Json::array()}};
}

}  // namespace

std::string Said::text() const {
  std::string all;
  for (const std::string& token : tokens) all += token;
  return all;
}

Said say(const Json& body, const Json& format, const Prompt& prompt, const Serving& serving) {
  Said said;
  said.call = chosen_tool(body, prompt.last, prompt.last_is_tools);
  if (said.call) {
    said.tokens = tokenise(said.call->arguments);
  } else if (const auto json = structured_text(format, prompt.last)) {
    said.tokens = tokenise(*json);
  } else {
    const auto seed = static_cast<std::uint64_t>(number_of(member(body, "seed"), 0));
    said.tokens = reply_tokens(prompt.last, serving.deployment.completion_tokens, serving.seed ^ seed);
  }
  const auto most = static_cast<std::size_t>(prompt.max_tokens);
  if (most > 0 && said.tokens.size() > most) {
    said.tokens.resize(most);
    said.cut = true;
  }
  return said;
}

std::optional<Answer> refuse_chat(const Json& body) {
  const Json& messages = member(body, "messages");
  if (messages.is_null()) {
    return errors::invalid_request("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
  }
  if (!messages.is_array()) {
    return errors::invalid_request("Invalid type for 'messages': expected an array of objects.", "messages",
                                   "invalid_type");
  }
  if (messages.empty()) {
    return errors::invalid_request(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        "messages", "empty_array");
  }
  const Json& temperature = member(body, "temperature");
  if (!temperature.is_null() &&
      (!temperature.is_number() || temperature.get<double>() < 0 || temperature.get<double>() > 2)) {
    return errors::invalid_request("Invalid value for 'temperature': expected a number from 0 to 2.", "temperature");
  }
  for (const char* limit : {"max_tokens", "max_completion_tokens", "n"}) {
    const Json& value = member(body, limit);
    if (!value.is_null() && number_of(value, 0) < 1) {
      const std::string name = limit;
      return errors::invalid_request("Invalid value for '" + name + "': expected an integer of at least 1.", name);
    }
  }
  return std::nullopt;
}

Answer chat_completion(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage) {
  const Said said = say(body, member(body, "response_format"), prompt, serving);
  usage = {prompt.tokens, static_cast<std::int64_t>(said.tokens.size()) * prompt.completions};
  const std::string id = "chatcmpl-" + serving.ids.hex(28);
  const std::string fingerprint = "fp_" + Generator(hash(serving.deployment.served_model(), serving.seed)).hex(10);

  if (is_true(member(body, "stream"))) {
    Chunks chunks;
    chunks.head = {{"id", id},
                   {"object", "chat.completion.chunk"},
                   {"created", serving.created},
                   {"model", serving.deployment.served_model()},
                   {"system_fingerprint", fingerprint}};
    chunks.with_usage = wants_usage(body);
    chunks.filters = serving.filters;
    chunks.per_token = serving.latency.per_token;
    Json first = {{"choices", Json::array()},
                  {"created", 0},
                  {"id", ""},
                  {"model", ""},
                  {"object", ""},
                  {"prompt_filter_results", prompt_filter_results()}};
    if (chunks.with_usage) first["usage"] = nullptr;
    if (serving.filters) chunks.stream.data(first);
    for (std::int64_t index = 0; index < prompt.completions; ++index) stream_choice(chunks, said, index, serving.ids);
    if (chunks.with_usage) {
      Json last = chunks.head;
      last["choices"] = Json::array();
      last["usage"] = usage_json(usage);
      chunks.stream.data(last);
    }
    chunks.stream.done();
    Answer answer = std::move(chunks.stream).answer();
    answer.delay = serving.latency.first_byte;
    return answer;
  }

  Json choices = Json::array();
  for (std::int64_t index = 0; index < prompt.completions; ++index) {
    Json filter = safe_filter_results();
    filter["protected_material_code"] = {{"filtered", false}, {"detected", false}};
    filter["protected_material_text"] = {{"filtered", false}, {"detected", false}};
    choices.push_back({{"index", index},
                       {"finish_reason", finish_reason(said)},
                       {"logprobs", nullptr},
                       {"message", message_of(said, serving.ids)},
                       {"content_filter_results", said.call ? Json::object() : filter}});
  }
  Json whole = {{"id", id},
                {"object", "chat.completion"},
                {"created", serving.created},
                {"model", serving.deployment.served_model()},
                {"system_fingerprint", fingerprint},
                {"prompt_filter_results", prompt_filter_results()},
                {"choices", choices},
                {"usage", usage_json(usage)}};
  if (!serving.filters) remove_filter_results(whole);
  Answer answer = json_answer(200, whole);
  answer.delay = serving.latency.first_byte + serving.latency.per_token * said.tokens.size();
  return answer;
}

}  // namespace spillway::lab
