#pragma once

#include "resource_fixture.hpp"

namespace spillway::lab {

// A resource and callers that keep objects in it.
class ObjectsTest : public ResourceTest {
 protected:
  std::string file(const std::string& purpose, const std::string& content) {
    const std::string body = "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose +
                             "\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" +
                             content + "\r\n--B--\r\n";
    return id_of(send("POST", "/openai/v1/files", body, form_fields));
  }
  std::string made(const std::string& path, std::string_view body) { return id_of(v1(path, body)); }
  static std::string id_of(const Answer& answer) {
    EXPECT_LT(answer.status, 300) << answer.body();
    return text_of(member(parsed(answer), "id"));
  }
  Answer get(const std::string& path) { return send("GET", "/openai/v1/" + path); }
  Json seen(const std::string& path) { return parsed(get(path)); }
  std::size_t listed(const std::string& path) { return member(seen(path), "data").size(); }
  static std::string message_of(const Answer& answer) {
    return text_of(member(member(parsed(answer), "error"), "message"));
  }

  const std::vector<std::pair<std::string_view, std::string_view>> form_fields = {
      {"api-key", "right-key"}, {"content-type", "multipart/form-data; boundary=B"}};
};

}  // namespace spillway::lab
