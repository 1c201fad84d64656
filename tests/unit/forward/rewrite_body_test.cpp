#include <gmock/gmock.h>

#include "composing.hpp"

// Model and framing of the body as a backend gets it.
namespace spillway::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OutgoingBody : public Composing {
 protected:
  // The body as it goes out, with a length that is right.
  std::string body(const std::string& line, std::string_view came, const std::vector<std::string>& fields = {}) {
    const Sent sent = send(line, fields, came);
    EXPECT_THAT(sent.values("Content-Length"), ElementsAre(std::to_string(sent.body.size())));
    EXPECT_THAT(sent.values("Transfer-Encoding"), IsEmpty());
    return sent.body;
  }
};

constexpr char v1[] = "POST /openai/v1/responses";
constexpr char classic[] = "POST /openai/deployments/gpt-4o/chat/completions";
constexpr char transcription[] = "POST /openai/deployments/gpt-4o/audio/transcriptions";

const std::vector<std::string> form_type = {"Content-Type: multipart/form-data; boundary=XX"};
const std::string file_part = "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nRIFF gpt-4o\r\n";
const std::string end_of_form = "--XX--\r\n";

std::string model_part(const std::string& model) {
  return "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + model + "\r\n";
}

TEST_F(OutgoingBody, IsWhatCameWhereNothingIsRenamed) {
  for (const std::string came : {R"( { "model" : "gpt-\u0034o", "n":1.50 } )", "not json", "{}"})
    EXPECT_EQ(body(v1, came), came);
  EXPECT_EQ(body(classic, R"({"model":"another","n":1})"), R"({"model":"another","n":1})");
  talk_openai();
  for (const std::string came : {R"( { "n":1, "model" : "gpt-\u0034o" } )", R"({"n":1})", "not json", "{}"})
    EXPECT_EQ(body(v1, came), came) << "there is no model in the path that would have to move";
}

TEST_F(OutgoingBody, NamesTheModelAsTheBackendDoesAndIsElseTheSame) {
  rename("a-much-longer-name");
  EXPECT_EQ(body(v1, R"( { "x":"gpt-4o", "model" : "gpt-4o", "n":1.50 } )"),
            R"( { "x":"gpt-4o", "model" : "a-much-longer-name", "n":1.50 } )");
  rename("m");
  EXPECT_EQ(body(v1, R"({"model":"gpt-4o"})"), R"({"model":"m"})");
  rename("a\"b\\c");
  EXPECT_EQ(body(v1, R"({"model":"gpt-4o"})"), R"({"model":"a\"b\\c"})");
}

TEST_F(OutgoingBody, NamesTheModelInAForm) {
  rename("whisper-ptu");
  EXPECT_EQ(body("POST /openai/v1/audio/transcriptions", file_part + model_part("gpt-4o") + end_of_form, form_type),
            file_part + model_part("whisper-ptu") + end_of_form);
}

TEST_F(OutgoingBody, NamesTheModelBesideARenamedPath) {
  rename("gpt-4o-ptu");
  EXPECT_EQ(body(classic, R"({"model":"gpt-4o","n":1})"), R"({"model":"gpt-4o-ptu","n":1})");
  EXPECT_EQ(body(classic, R"({"n":1})"), R"({"n":1})") << "Azure reads it from the path";
  EXPECT_EQ(body(transcription, file_part + end_of_form, form_type), file_part + end_of_form);
}

TEST_F(OutgoingBody, GetsTheModelOfThePathForOpenai) {
  talk_openai();
  EXPECT_EQ(body(classic, R"({"n":1})"), R"({"model":"gpt-4o","n":1})");
  EXPECT_EQ(body(classic, " { } "), R"( {"model":"gpt-4o" } )");
  EXPECT_EQ(body(classic, R"({"n":1,"model":"another"})"), R"({"n":1,"model":"gpt-4o"})") << "the path decides";
  rename("org/\"m\"");
  EXPECT_EQ(body(classic, R"({"n":1})"), R"({"model":"org/\"m\"","n":1})");
  EXPECT_EQ(body(classic, R"({"model":"gpt-4o"})"), R"({"model":"org/\"m\""})");
}

TEST_F(OutgoingBody, OfAFormGetsTheModelOfThePathForOpenai) {
  talk_openai();
  EXPECT_EQ(body(transcription, file_part + end_of_form, form_type), model_part("gpt-4o") + file_part + end_of_form);
  rename("whisper");
  EXPECT_EQ(body(transcription, file_part + model_part("x") + end_of_form, form_type),
            file_part + model_part("whisper") + end_of_form);
}

TEST_F(OutgoingBody, ThatCannotBeReadIsLeftAlone) {
  rename("gpt-4o-ptu");
  for (const bool openai : {false, true}) {
    if (openai) talk_openai();
    EXPECT_EQ(body(classic, "RIFF"), "RIFF");
    EXPECT_EQ(body(classic, R"({"model":"gpt-4o"})", {"Content-Encoding: gzip"}), R"({"model":"gpt-4o"})");
    EXPECT_EQ(body(transcription, R"({"model":"gpt-4o"})", form_type), R"({"model":"gpt-4o"})");
  }
}

TEST_F(OutgoingBody, InChunksGoesOutInChunksWithTheModelInItsFirstPart) {
  rename("gpt-4o-ptu");
  const Sent sent = send_begun(v1, {}, R"({"model":"gpt-4o","input":"aaa)", std::nullopt);
  EXPECT_EQ(sent.body, R"({"model":"gpt-4o-ptu","input":"aaa)");
  EXPECT_THAT(sent.values("Transfer-Encoding"), ElementsAre("chunked"));
  EXPECT_THAT(sent.values("Content-Length"), IsEmpty());
}

TEST_F(OutgoingBody, WhoseBeginningAloneIsHereTellsTheLengthOfAllOfIt) {
  rename("gpt-4o-ptu");
  const Sent renamed = send_begun(v1, {}, R"({"model":"gpt-4o","input":"aaa)", 1'000'000);
  EXPECT_EQ(renamed.body, R"({"model":"gpt-4o-ptu","input":"aaa)");
  EXPECT_THAT(renamed.values("Content-Length"), ElementsAre("1000004"));
  rename("m");
  EXPECT_THAT(send_begun(v1, {}, R"({"model":"gpt-4o","input":"aaa)", 1'000'000).values("Content-Length"),
              ElementsAre("999995"));
  talk_openai();
  rename("gpt-4o");
  const Sent inserted = send_begun(classic, {}, R"({"input":"aaa)", 1'000'000);
  EXPECT_EQ(inserted.body, R"({"model":"gpt-4o","input":"aaa)");
  EXPECT_THAT(inserted.values("Content-Length"), ElementsAre("1000017"));
}

TEST_F(OutgoingBody, OfNothingHasALengthOnlyWhereOneIsExpected) {
  for (const char* method : {"POST", "PUT", "PATCH"})
    EXPECT_THAT(send(std::string(method) + " /openai/v1/files").values("Content-Length"), ElementsAre("0")) << method;
  for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    const Sent sent = send(std::string(method) + " /openai/v1/files/file-1");
    EXPECT_THAT(sent.values("Content-Length"), IsEmpty()) << method;
    EXPECT_THAT(sent.values("Transfer-Encoding"), IsEmpty()) << method;
    EXPECT_EQ(sent.body, "");
  }
  talk_openai();
  EXPECT_THAT(send(classic).values("Content-Length"), ElementsAre("0"));
  EXPECT_EQ(send(classic).body, "") << "there is no object to put a model into";
}

TEST_F(OutgoingBody, OfADeleteGoesOutToo) {
  EXPECT_EQ(body("DELETE /openai/v1/files/file-1", R"({"n":1})"), R"({"n":1})");
}

}  // namespace
}  // namespace spillway::forward
