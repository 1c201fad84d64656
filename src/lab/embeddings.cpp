#include "embeddings.hpp"

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "errors.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t most_inputs = 2048;
constexpr std::size_t most_dimensions = 3072;

std::string little_endian(const std::vector<float>& vector) {
  std::string bytes;
  bytes.reserve(vector.size() * 4);
  for (const float number : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (std::uint32_t shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xFFU);
  }
  return bytes;
}

// One text each: a string, a list of strings, or (lists of) token numbers.
std::vector<std::string> inputs_of(const Json& input) {
  if (input.is_string()) return {text_of(input)};
  if (!input.is_array() || input.empty()) return {};
  if (input.front().is_number()) return {dump(input)};
  std::vector<std::string> texts;
  for (const Json& one : input) texts.push_back(one.is_string() ? text_of(one) : dump(one));
  return texts;
}

}  // namespace

std::vector<float> embedding_of(std::string_view text, std::size_t dimensions, std::uint64_t seed) {
  Generator generator(hash(text, seed));
  std::vector<float> vector(dimensions);
  double squares = 0;
  for (float& number : vector) {
    const auto steps = static_cast<double>(generator.next(2'000'001));
    number = static_cast<float>(steps / 1'000'000.0 - 1.0);
    squares += static_cast<double>(number) * static_cast<double>(number);
  }
  const double length = squares > 0 ? std::sqrt(squares) : 1.0;
  for (float& number : vector) number = static_cast<float>(static_cast<double>(number) / length);
  return vector;
}

std::size_t embedding_dimensions(std::string_view model) noexcept {
  return model.find("-large") == std::string_view::npos ? 1536 : 3072;
}

Answer embeddings(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage) {
  const std::vector<std::string> texts = inputs_of(member(body, "input"));
  if (texts.empty() || texts.size() > most_inputs) {
    return errors::invalid_request(
        "'$.input' is invalid. Please check the API reference: "
        "https://platform.openai.com/docs/api-reference.");
  }
  const std::size_t own = embedding_dimensions(serving.deployment.model);
  const std::int64_t asked = number_of(member(body, "dimensions"), static_cast<std::int64_t>(own));
  if (asked < 1 || asked > static_cast<std::int64_t>(most_dimensions)) {
    return errors::invalid_request("Invalid value for 'dimensions'.", "dimensions");
  }
  const bool packed = text_of(member(body, "encoding_format")) == "base64";
  Json data = Json::array();
  for (const std::string& text : texts) {
    const std::vector<float> vector = embedding_of(text, static_cast<std::size_t>(asked), serving.seed);
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", packed ? Json(base64(little_endian(vector))) : Json(vector)}});
  }
  usage = {prompt.tokens, 0};
  Answer answer = json_answer(200, {{"object", "list"},
                                    {"data", data},
                                    {"model", serving.deployment.model},
                                    {"usage", {{"prompt_tokens", usage.prompt}, {"total_tokens", usage.prompt}}}});
  answer.delay = serving.latency.first_byte;
  return answer;
}

}  // namespace spillway::lab
