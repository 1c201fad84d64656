#include <cmath>
#include <cstring>

#include "lab/embeddings.hpp"
#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

using OperationsTest = ResourceTest;

TEST_F(OperationsTest, EmbedsAsNumbers) {
  const Json answer =
      parsed(v1("embeddings", R"({"model":"text-embedding-3-small","input":["a","b"],"dimensions":4})"));
  ASSERT_EQ(member(answer, "data").size(), 2U);
  const Json& first = member(member(answer, "data")[0], "embedding");
  ASSERT_EQ(first.size(), 4U);
  double squares = 0;
  for (const Json& number : first) squares += number.get<double>() * number.get<double>();
  EXPECT_NEAR(squares, 1.0, 1e-6);
  EXPECT_NE(dump(first), dump(member(member(answer, "data")[1], "embedding")));
  EXPECT_EQ(member(member(answer, "usage"), "prompt_tokens"), 1);
}

TEST_F(OperationsTest, EmbedsTheSameNumbersAsBase64) {
  const std::vector<float> vector = embedding_of("a", 2, 1);
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), vector.data(), bytes.size());
  const Json answer = parsed(
      v1("embeddings", R"({"model":"text-embedding-3-small","input":"a","dimensions":2,"encoding_format":"base64"})"));
  EXPECT_EQ(member(member(answer, "data").front(), "embedding"), base64(bytes));
}

TEST_F(OperationsTest, EmbeddingsHaveTheModelsLength) {
  EXPECT_EQ(embedding_dimensions("text-embedding-3-small"), 1536U);
  EXPECT_EQ(embedding_dimensions("text-embedding-3-large"), 3072U);
  EXPECT_EQ(v1("embeddings", R"({"model":"text-embedding-3-small"})").status, 400);
  EXPECT_EQ(v1("embeddings", R"({"model":"text-embedding-3-small","input":"a","dimensions":0})").status, 400);
}

TEST_F(OperationsTest, MakesPictures) {
  const Json answer = parsed(v1("images/generations", R"({"model":"gpt-image-1","prompt":"a cat","n":2})"));
  ASSERT_EQ(member(answer, "data").size(), 2U);
  EXPECT_EQ(text_of(member(member(answer, "data").front(), "b64_json")).substr(0, 6), "iVBORw");
  EXPECT_EQ(v1("images/generations", R"({"model":"gpt-image-1"})").status, 400);
}

std::string form(std::string_view fields) {
  std::string body(fields);
  body += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF1234\r\n--B--\r\n";
  return body;
}
std::string field(const std::string& name, const std::string& value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
const std::vector<std::pair<std::string_view, std::string_view>> form_fields = {
    {"api-key", "right-key"}, {"content-type", "multipart/form-data; boundary=B"}};

TEST_F(OperationsTest, TranscribesInEveryFormat) {
  const auto text_in = [&](const std::string& format) {
    return send("POST", "/openai/deployments/whisper/audio/transcriptions?api-version=2024-10-21",
                form(field("response_format", format)), form_fields);
  };
  const std::string text = "A recording of 8 bytes called a.wav.";
  EXPECT_EQ(text_in("json").body(), R"({"text":")" + text + "\"}");
  EXPECT_EQ(text_in("text").body(), text + "\n");
  EXPECT_EQ(text_in("text").content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(text_in("srt").body(), "1\n00:00:00,000 --> 00:00:01,000\n" + text + "\n\n");
  EXPECT_EQ(text_in("vtt").body(), "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n" + text + "\n\n");
  EXPECT_EQ(member(parsed(text_in("verbose_json")), "task"), "transcribe");
}

TEST_F(OperationsTest, FindsTheModelOfAFormOnV1) {
  const std::string path = "/openai/v1/audio/transcriptions";
  EXPECT_EQ(send("POST", path, form(field("model", "whisper")), form_fields).status, 200);
  EXPECT_EQ(send("POST", path, form(""), form_fields).status, 400);
  EXPECT_EQ(send("POST", path, form(field("model", "none")), form_fields).status, 404);
  EXPECT_EQ(send("POST", path, "{}").status, 400);
}

TEST_F(OperationsTest, SpeaksInBytesOfTheRightType) {
  const Answer mp3 = v1("audio/speech", R"({"model":"tts","input":"hello","voice":"alloy"})");
  EXPECT_EQ(mp3.content_type, "audio/mpeg");
  EXPECT_EQ(mp3.body().size(), 512U);
  EXPECT_FALSE(mp3.length);
  EXPECT_EQ(mp3.body(), v1("audio/speech", R"({"model":"tts","input":"hello"})").body());
  EXPECT_EQ(v1("audio/speech", R"({"model":"tts","input":"hello","response_format":"wav"})").content_type, "audio/wav");
}

TEST_F(OperationsTest, KeepsFiles) {
  const Answer created =
      send("POST", "/openai/files?api-version=2024-10-21", form(field("purpose", "assistants")), form_fields);
  EXPECT_EQ(created.status, 201);
  const std::string id = text_of(member(parsed(created), "id"));
  EXPECT_EQ(id.substr(0, 10), "assistant-");
  EXPECT_EQ(member(parsed(created), "bytes"), 8);
  EXPECT_EQ(send("POST", "/openai/v1/files", form(field("purpose", "batch")), form_fields).status, 200);
  EXPECT_EQ(member(parsed(send("GET", "/openai/v1/files")), "data").size(), 2U);
  EXPECT_EQ(member(parsed(send("GET", "/openai/v1/files/" + id)), "filename"), "a.wav");
  EXPECT_EQ(send("GET", "/openai/v1/files/" + id + "/content").body(), "RIFF1234");
  EXPECT_EQ(send("DELETE", "/openai/v1/files/" + id).status, 200);
  EXPECT_EQ(send("GET", "/openai/v1/files/" + id).status, 404);
  EXPECT_EQ(send("POST", "/openai/v1/files", form(""), form_fields).status, 400);
}

}  // namespace
}  // namespace spillway::lab
