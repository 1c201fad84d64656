#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab_config.hpp"

namespace spillway::lab {

using Problems = std::vector<LabProblem>;

// Adds a problem at the place of `node`.
void report(Problems& problems, const YAML::Node& node, std::string path, std::string message);

// A YAML mapping read key by key. What is wrong is collected, not thrown; a value that cannot be read leaves the target
// as it was. `finish` reports the keys nobody asked for.
class Mapping {
 public:
  Mapping(Problems& problems, YAML::Node node, std::string path);

  const std::string& path() const noexcept { return path_; }
  std::string path_of(std::string_view key) const;
  const YAML::Node& node() const noexcept { return node_; }
  Problems& problems() noexcept { return problems_; }

  // The value, or nothing when the key is absent or null.
  std::optional<YAML::Node> take(std::string_view key);
  bool has(std::string_view key) const;

  void text(std::string_view key, std::string& out, bool required = false);
  void flag(std::string_view key, bool& out);
  // A list of texts that are not empty.
  void texts(std::string_view key, std::vector<std::string>& out);
  void whole(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
  void whole(std::string_view key, std::optional<std::int64_t>& out, std::int64_t min, std::int64_t max);
  void real(std::string_view key, double& out, double min, double max);
  void duration(std::string_view key, Milliseconds& out, Milliseconds min = Milliseconds{0});
  void endpoint(std::string_view key, Endpoint& out);
  // The position of the word in `words`.
  std::optional<std::size_t> word(std::string_view key, const std::vector<std::string_view>& words);
  // A list of mappings or of texts; empty when absent.
  std::vector<YAML::Node> list(std::string_view key);

  void wrong(std::string_view key, const YAML::Node& at, std::string message);
  void finish();

 private:
  // The scalar's text, or a problem that says what was expected.
  std::optional<std::string> scalar(std::string_view key, std::string_view expected);

  Problems& problems_;
  YAML::Node node_;
  std::string path_;
  std::vector<std::string> known_;
};

}  // namespace spillway::lab
