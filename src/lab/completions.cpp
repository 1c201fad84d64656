#include <nlohmann/json.hpp>

#include "chat_parts.hpp"

namespace spillway::lab {

Answer text_completion(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage) {
  const Said said = say(Json::object(), Json(), prompt, serving);
  usage = {prompt.tokens, static_cast<std::int64_t>(said.tokens.size()) * prompt.completions};
  const Json head = {{"id", "cmpl-" + serving.ids.hex(28)},
                     {"object", "text_completion"},
                     {"created", serving.created},
                     {"model", serving.deployment.served_model()}};
  const auto choice = [&](std::int64_t index, const std::string& text, Json finish) {
    return Json{{"text", text}, {"index", index}, {"logprobs", nullptr}, {"finish_reason", std::move(finish)}};
  };
  if (!is_true(member(body, "stream"))) {
    Json whole = head;
    whole["prompt_filter_results"] = prompt_filter_results();
    whole["choices"] = Json::array();
    for (std::int64_t index = 0; index < prompt.completions; ++index) {
      whole["choices"].push_back(choice(index, said.text(), finish_reason(said)));
    }
    whole["usage"] = usage_json(usage);
    if (!serving.filters) remove_filter_results(whole);
    Answer answer = json_answer(200, whole);
    answer.delay = serving.latency.first_byte + serving.latency.per_token * said.tokens.size();
    return answer;
  }
  EventStream stream;
  const auto send = [&](Json choices, Json counted, Milliseconds pause) {
    Json chunk = head;
    chunk["choices"] = std::move(choices);
    if (wants_usage(body)) chunk["usage"] = std::move(counted);
    stream.data(chunk, pause);
  };
  for (std::int64_t index = 0; index < prompt.completions; ++index) {
    for (const std::string& token : said.tokens) {
      send(Json::array({choice(index, token, nullptr)}), nullptr, serving.latency.per_token);
    }
    send(Json::array({choice(index, "", finish_reason(said))}), nullptr, Milliseconds{0});
  }
  if (wants_usage(body)) send(Json::array(), usage_json(usage), Milliseconds{0});
  stream.done();
  Answer answer = std::move(stream).answer();
  answer.delay = serving.latency.first_byte;
  return answer;
}

}  // namespace spillway::lab
