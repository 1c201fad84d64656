#include "spillway/http/multipart.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace spillway::http {
namespace {

using namespace std::string_literals;

std::string part(const std::string& disposition, const std::string& content) {
  return "--XX\r\nContent-Disposition: " + disposition + "\r\n\r\n" + content + "\r\n";
}
const std::string model_part = part("form-data; name=\"model\"", "whisper");
const std::string file_part =
    "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a; name=model.wav\"\r\nContent-Type: "
    "audio/wav\r\n\r\n" +
    "RIFF\0\r\n--X\r\n-\r--XX\r\n\n--XX--"s + "\r\n";
const std::string end = "--XX--\r\n";

ModelState state_of(const std::string& body) {
  return MultipartModelScan("XX").scan(body, true);
}

std::string model_of(const std::string& body) {
  MultipartModelScan scan("XX");
  return scan.scan(body, true) == ModelState::found ? scan.value() : "(none)";
}

TEST(MultipartBoundary, IsFoundAsTheSdksWriteIt) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=0123456789abcdef"), "0123456789abcdef");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=----formdata-undici-012345678901"),
            "----formdata-undici-012345678901");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"b6f0-44a1\""), "b6f0-44a1");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data ;charset=utf-8 ; BOUNDARY = x"), "x");
  EXPECT_EQ(multipart_boundary("multipart/form-data;boundary=\"a b:c\";"), "a b:c");
  EXPECT_EQ(multipart_boundary("multipart/form-data; a=\"; boundary=no\"; boundary=yes"), "yes");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(70, 'x')), std::string(70, 'x'));
}

TEST(MultipartBoundary, IsNothingElsewhere) {
  for (const std::string& type :
       {""s, "application/json"s, "multipart/mixed; boundary=x"s, "multipart/form-data"s,
        "multipart/form-data; boundary"s, "multipart/form-data; boundary="s, "multipart/form-data; boundary=\"\""s,
        "multipart/form-data; boundary=\"x"s, "multipart/form-data; boundary=\"x\"y"s,
        "multipart/form-data; boundary=x; boundary=x"s, "multipart/form-data; boundary=\"x \""s,
        "multipart/form-data; boundary=a\tb"s, "multipart/form-data; boundary=a\"b"s,
        "multipart/form-data; boundary=\xC3\xA4"s, "multipart/form-data; boundary=" + std::string(71, 'x')}) {
    EXPECT_EQ(multipart_boundary(type), std::nullopt) << type;
  }
}

TEST(MultipartModel, IsFoundBeforeAndBehindTheFile) {
  EXPECT_EQ(model_of(model_part + file_part + end), "whisper");
  EXPECT_EQ(model_of(file_part + model_part + end), "whisper");
  EXPECT_EQ(model_of(file_part + part("form-data; name=\"prompt\"", "model") + model_part + end), "whisper");
}

TEST(MultipartModel, SaysWhereItStands) {
  const std::string body = file_part + model_part + file_part + end;
  MultipartModelScan scan("XX");
  ASSERT_EQ(scan.scan(body, true), ModelState::found);
  EXPECT_EQ(body.substr(scan.span().offset, scan.span().size), "whisper");
  EXPECT_EQ(scan.span().offset, file_part.size() + model_part.find("whisper"));
}

TEST(MultipartModel, IsKnownHoweverItsHeadIsWritten) {
  for (const char* disposition : {"form-data; name=model", "form-data;name=\"model\"", "FORM-DATA ; NAME = \"model\"",
                                  "form-data; filename=\"x\\\"; name=y\"; name=\"model\"",
                                  "form-data; name=\"mo\\del\"", "form-data; name=\"model\"; filename=\"m.txt\""}) {
    EXPECT_EQ(model_of(part(disposition, "x") + end), "x") << disposition;
  }
  EXPECT_EQ(model_of("--XX\r\nX: y\r\ncontent-DISPOSITION :form-data; name=\"model\"\r\nZ:\r\n\r\nx\r\n--XX--"), "x");
}

TEST(MultipartModel, TakesPaddingAPreambleAndAnEpilogue) {
  EXPECT_EQ(
      model_of(
          "preamble\r\n--XX \t\r\nContent-Disposition: form-data; name=model\r\n\r\nx\r\n--XX--epilogue\r\n--XX\r\n"),
      "x");
}

TEST(MultipartModel, KeepsTheBytesOfTheValueAsTheyAre) {
  EXPECT_EQ(model_of(part("form-data; name=model", " a\r\nb ") + end), " a\r\nb ");
  EXPECT_EQ(model_of(part("form-data; name=model", "a\r\n--XXb\r\n-- XX") + end), "a\r\n--XXb\r\n-- XX");
  EXPECT_EQ(model_of(part("form-data; name=model", "") + end), "");
  EXPECT_EQ(model_of("--XX\r\nContent-Disposition: form-data; name=model\r\n\r\n--XX--"), "");
}

TEST(MultipartModel, TwoOfThemAreADuplicate) {
  EXPECT_EQ(state_of(model_part + file_part + model_part + end), ModelState::duplicate);
  EXPECT_EQ(state_of(model_part + part("form-data; name=model; filename=x", "y") + end), ModelState::duplicate);
}

TEST(MultipartModel, IsAbsentWhenNoPartHasTheName) {
  EXPECT_EQ(state_of(file_part + end), ModelState::absent);
  EXPECT_EQ(state_of("--XX--"), ModelState::absent);
  EXPECT_EQ(state_of(part("form-data; name=\"Model\"", "x") + end), ModelState::absent);
  EXPECT_EQ(state_of(part("form-data; name*=UTF-8''model", "x") + end), ModelState::absent);
  EXPECT_EQ(state_of("--XX\r\n\r\nno head\r\n--XX\r\nX: name=model\r\n\r\nx\r\n--XX--"), ModelState::absent);
}

TEST(MultipartModel, IsAbsentWhenItIsTooLong) {
  EXPECT_EQ(model_of(part("form-data; name=model", std::string(max_model_size, 'x')) + end).size(), max_model_size);
  EXPECT_EQ(state_of(part("form-data; name=model", std::string(max_model_size + 1, 'x')) + end), ModelState::absent);
}

TEST(MultipartModel, ABodyThatBreaksTheFormIsRefused) {
  for (
      const std::string& body :
      {""s, "{\"model\":\"x\"}"s, "--XX"s, "--XX\r\n"s, model_part, file_part, "--YY--"s, "-XX--"s, "--XX-"s,
       "--XX\r\nno colon\r\n\r\nx\r\n--XX--"s, "--XX\r\nA: b\r\n folded\r\n\r\nx\r\n--XX--"s,
       "--XX\r\n folded\r\n\r\nx\r\n--XX--"s, part("form-data; name=\"model", "x") + end,
       part("form-data; name=a; name=model", "x") + end, part("form-data; name", "x") + end,
       part("form-data; name=\"a\"b", "x") + end,
       "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=model\r\n\r\nx\r\n--XX--"s,
       "--XX\r\nA: " + std::string(MultipartModelScan::max_part_head, 'x') + "\r\n\r\nx\r\n--XX--"}) {
    EXPECT_EQ(state_of(body), ModelState::not_json) << body.substr(0, 100);
  }
}

TEST(MultipartModel, AnEndlessHeadIsRefusedBeforeItEnds) {
  MultipartModelScan scan("XX");
  EXPECT_EQ(scan.scan("--XX\r\nA: " + std::string(20000, 'x'), false), ModelState::not_json);
}

TEST(MultipartModel, EndsTheSameSplitAtEveryByte) {
  const std::vector<std::string> bodies = {
      file_part + model_part + file_part + end,
      "preamble\r\n--XX \t\r\n\r\n\r\n" + model_part + end,
      "--XX\r\nContent-Disposition: form-data; name=model\r\n\r\n--XX--",
      model_part + model_part + end,
      file_part + end,
      model_part + "--XX\r\nbroken\r\n\r\n" + end,
  };
  for (const std::string& body : bodies) {
    MultipartModelScan whole("XX");
    const ModelState expected = whole.scan(body, true);
    MultipartModelScan bytes("XX");
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      MultipartModelScan scan("XX");
      scan.scan(body.substr(0, cut), false);
      bytes.scan(body.substr(0, cut), false);
      ASSERT_EQ(scan.scan(body, true), expected) << body << " cut at " << cut;
      ASSERT_EQ(scan.value(), whole.value());
    }
    ASSERT_EQ(bytes.scan(body, true), expected) << body;
    ASSERT_EQ(bytes.value(), whole.value());
  }
}

TEST(MultipartModel, TellsEarlyThatItWasFound) {
  MultipartModelScan scan("XX");
  const std::string begin = model_part + "--XX\r\nContent-Disposition: form-data; name=file\r\n\r\nabc";
  EXPECT_EQ(scan.scan(begin, false), ModelState::need_more);
  EXPECT_TRUE(scan.found_at_least_once());
  EXPECT_EQ(scan.value(), "whisper");
}

}  // namespace
}  // namespace spillway::http
