#include "fake_collector.hpp"

#include "test_gateway.hpp"

namespace spillway::test {

std::string FakeCollector::yaml(const std::string& more) const {
  return "tracing: {endpoint: \"" + url() + "\", interval: 10ms" + more + "}\n";
}

std::vector<nlohmann::json> FakeCollector::spans() const {
  std::vector<nlohmann::json> all;
  for (const Message& request : requests()) {
    const nlohmann::json document = nlohmann::json::parse(request.body);
    for (const nlohmann::json& span : document["resourceSpans"][0]["scopeSpans"][0]["spans"]) all.push_back(span);
  }
  return all;
}

std::vector<nlohmann::json> FakeCollector::wait_for_spans(std::size_t n) const {
  eventually([&] { return spans().size() >= n; });
  return spans();
}

nlohmann::json attributes_of(const nlohmann::json& span) {
  nlohmann::json all = nlohmann::json::object();
  for (const nlohmann::json& each : span["attributes"]) all[each["key"].get<std::string>()] = each["value"].front();
  return all;
}

}  // namespace spillway::test
