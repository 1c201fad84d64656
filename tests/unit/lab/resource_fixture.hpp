#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lab/resource.hpp"
#include "spillway/http/sse.hpp"

namespace spillway::lab {

// A resource with one deployment of each family, and a caller with the right key.
class ResourceTest : public ::testing::Test {
 protected:
  static ResourceConfig standard(Kind kind = Kind::paygo) {
    ResourceConfig config;
    config.name = "east";
    config.region = "East US";
    config.keys = {"right-key", "second-key"};
    config.kind = kind;
    for (const char* name : {"gpt-4o", "text-embedding-3-small", "gpt-image-1", "whisper", "tts"}) {
      DeploymentConfig deployment;
      deployment.name = name;
      deployment.model = name;
      deployment.kind = kind;
      config.deployments.push_back(deployment);
    }
    config.deployments[0].version = "2024-08-06";
    return config;
  }

  explicit ResourceTest(const ResourceConfig& config = standard()) : resource(config, 1, 1.0) {}

  Answer send(std::string_view method, std::string_view target, std::string_view body = {},
              std::vector<std::pair<std::string_view, std::string_view>> fields = {{"api-key", "right-key"}}) {
    Request request;
    request.method = method;
    const std::size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    request.fields = std::move(fields);
    request.body = body;
    return resource.respond(request, Moment{now, 1'760'000'000});
  }
  Answer chat(std::string_view body) { return send("POST", chat_path, body); }
  Answer v1(const std::string& path, std::string_view body) { return send("POST", "/openai/v1/" + path, body); }

  static Json parsed(const Answer& answer) { return parse_json(answer.body()).value_or(Json()); }
  static std::string error_code(const Answer& answer) {
    return text_of(member(member(parsed(answer), "error"), "code"));
  }

  static std::vector<http::SseEvent> events(const Answer& answer) {
    http::SseSplitter splitter;
    splitter.feed(answer.body());
    std::vector<http::SseEvent> all;
    while (auto event = splitter.next()) all.push_back(*event);
    return all;
  }

  static constexpr std::string_view chat_path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
  static constexpr std::string_view hello = R"({"messages":[{"role":"user","content":"hello"}]})";

  TimePoint now = TimePoint() + std::chrono::hours(1);
  Resource resource;
};

}  // namespace spillway::lab
