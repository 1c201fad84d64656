#include "media.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "errors.hpp"

namespace spillway::lab {
namespace {

// A PNG of one transparent pixel.
constexpr std::string_view pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

constexpr std::int64_t tokens_per_image = 272;
constexpr std::size_t bytes_per_token = 256;
constexpr std::size_t most_speech = 1 << 20;
constexpr std::size_t speech_piece = 4096;

struct SoundType {
  std::string_view format;
  std::string_view type;
};
constexpr std::array<SoundType, 6> sound_types = {{{"mp3", "audio/mpeg"},
                                                   {"opus", "audio/opus"},
                                                   {"aac", "audio/aac"},
                                                   {"flac", "audio/flac"},
                                                   {"wav", "audio/wav"},
                                                   {"pcm", "audio/pcm"}}};

std::string cues(std::string_view text, char decimal, bool numbered) {
  const std::string time = std::string("00:00:00") + decimal + "000 --> 00:00:01" + decimal + "000\n";
  return (numbered ? "1\n" : "") + time + std::string(text) + "\n\n";
}

}  // namespace

Answer images(std::string_view prompt_text, std::int64_t n, const Prompt& prompt, const Serving& serving,
              Usage& usage) {
  if (prompt_text.empty()) {
    return errors::invalid_request("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter");
  }
  const std::int64_t count = std::clamp<std::int64_t>(n, 1, 10);
  Json data = Json::array();
  for (std::int64_t i = 0; i < count; ++i) data.push_back({{"b64_json", pixel}, {"revised_prompt", prompt_text}});
  usage = {prompt.tokens, tokens_per_image * count};
  Answer answer = json_answer(
      200, {{"created", serving.created},
            {"data", data},
            {"usage",
             {{"input_tokens", usage.prompt}, {"output_tokens", usage.completion}, {"total_tokens", usage.total()}}}});
  answer.delay = serving.latency.first_byte;
  return answer;
}

Answer transcription(Operation operation, const Form& form, const Serving& serving, Usage& usage) {
  const FormPart* file = form.find("file");
  if (file == nullptr) {
    return errors::invalid_request("Missing required parameter: 'file'.", "file", "missing_required_parameter");
  }
  const std::string text = "A recording of " + std::to_string(file->content.size()) + " bytes called " +
                           (file->file_name.empty() ? "nothing" : file->file_name) + ".";
  usage = {estimate_tokens(file->content.size()) / 64, static_cast<std::int64_t>(tokenise(text).size())};
  const std::string_view format = form.value("response_format");
  Answer answer;
  if (format == "text") {
    answer = text_answer(200, "text/plain; charset=utf-8", text + "\n");
  } else if (format == "srt" || format == "vtt") {
    const bool srt = format == "srt";
    answer = text_answer(200, "text/plain; charset=utf-8",
                         srt ? cues(text, ',', true) : "WEBVTT\n\n" + cues(text, '.', false));
  } else if (format == "verbose_json") {
    const Json segment = {{"id", 0}, {"seek", 0}, {"start", 0.0}, {"end", 1.0}, {"text", text}};
    answer = json_answer(200, {{"task", operation == Operation::translations ? "translate" : "transcribe"},
                               {"language", "english"},
                               {"duration", 1.0},
                               {"text", text},
                               {"segments", Json::array({segment})}});
  } else {
    answer = json_answer(200, {{"text", text}});
  }
  answer.delay = serving.latency.first_byte;
  return answer;
}

Answer speech(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage) {
  if (prompt.last.empty()) {
    return errors::invalid_request("Missing required parameter: 'input'.", "input", "missing_required_parameter");
  }
  const std::string format = text_of(member(body, "response_format"));
  const auto* type = std::find_if(sound_types.begin(), sound_types.end(),
                                  [&](const SoundType& known) { return known.format == format; });
  Answer answer;
  answer.content_type = type == sound_types.end() ? sound_types.front().type : type->type;
  Generator generator(hash(prompt.last, serving.seed));
  std::size_t left = std::min(static_cast<std::size_t>(prompt.tokens) * bytes_per_token, most_speech);
  while (left > 0) {
    const std::size_t size = std::min(left, speech_piece);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(generator.next(256));
    answer.pieces.push_back({std::move(bytes), serving.latency.per_token});
    left -= size;
  }
  usage = {prompt.tokens, 0};
  answer.delay = serving.latency.first_byte;
  return answer;
}

}  // namespace spillway::lab
