#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fixture.hpp"
#include "forward/rewrite.hpp"

namespace spillway::forward {

// One request and one backend, changed as a test likes, and what goes out.
class Composing : public testing::Test {
 protected:
  Composing() {
    backend_.name = "east";
    backend_.url.host = "east.example";
    backend_.auth = {config::AuthKind::api_key, config::Secret("backend-key")};
    gateway_.clients.resize(1);
    gateway_.clients[0].name = "app";
    gateway_.clients[0].keys = {config::ClientKey::of("client-key")};
  }

  struct Sent {
    std::string line;  // without the version
    std::vector<std::string> fields;
    std::string body;

    // The values of a field, spelled so.
    std::vector<std::string> values(const std::string& name) const {
      std::vector<std::string> found;
      for (const std::string& field : fields)
        if (field.starts_with(name + ": ")) found.push_back(field.substr(name.size() + 2));
      return found;
    }
  };

  // The whole of the request is here.
  Sent send(const std::string& line, const std::vector<std::string>& fields = {}, std::string_view body = {}) {
    return send_begun(line, fields, body, body.size());
  }
  // With `length` bytes in all (none: in chunks), of which the first are here.
  Sent send_begun(const std::string& line, const std::vector<std::string>& fields, std::string_view body,
                  std::optional<std::uint64_t> length) {
    std::vector<std::string> all = fields;
    if (!length)
      all.emplace_back("Transfer-Encoding: chunked");
    else if (*length > 0)
      all.push_back("Content-Length: " + std::to_string(*length));
    const Request request(line, all);
    const Inspected inspected = inspect(request.head(), body, length == body.size());
    Original original = original_;
    original.head = &request.head();
    if (original.path.empty()) original.path = request.head().path;
    if (original.query.empty()) original.query = request.head().query;
    original.route = &route_;
    original.model = inspected.model;
    original.model_in_path = inspected.in_path;
    original.model_in_query = inspected.in_query;
    original.place = &inspected.place;
    original.body = body;
    original.has_body = request.head().framing != http::Framing::none;
    original.body_length = length;
    const routing::Access access(gateway_);
    Outgoing out;
    compose(out, original, backend_, deployment_.value_or(inspected.model), access, token_);
    return cut(out);
  }

  // The request's method and target as they go out.
  std::string line(const std::string& line, const std::vector<std::string>& fields = {}, std::string_view body = {}) {
    return send(line, fields, body).line;
  }

  void talk_openai() { backend_.api = config::Api::openai; }
  void rename(std::string deployment) { deployment_ = std::move(deployment); }

  config::Config gateway_;
  config::Backend backend_;
  config::Route route_;
  std::string token_;  // the access token
  Original original_;  // what a request alone does not tell; path and query only where they differ from the head's

 private:
  static Sent cut(const Outgoing& out) {
    Sent sent;
    std::string_view rest = out.head;
    EXPECT_TRUE(rest.ends_with("\r\n\r\n")) << rest;
    rest.remove_suffix(2);
    while (!rest.empty()) {
      const std::size_t end = rest.find("\r\n");
      sent.fields.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 2);
    }
    sent.line = sent.fields.front();
    sent.fields.erase(sent.fields.begin());
    EXPECT_TRUE(sent.line.ends_with(" HTTP/1.1")) << sent.line;
    sent.line.resize(sent.line.size() - std::string_view(" HTTP/1.1").size());
    for (const std::string_view piece : out.body) sent.body += piece;
    return sent;
  }

  std::optional<std::string> deployment_;  // none: as the client asked
};

}  // namespace spillway::forward
