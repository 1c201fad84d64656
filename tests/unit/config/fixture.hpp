#pragma once

#include <map>
#include <string>
#include <vector>

#include "spillway/config/load.hpp"

namespace spillway::config::test {

using Map = std::map<std::string, std::string>;

inline Environment environment(Map variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline FileReader files(Map contents) {
  return [contents = std::move(contents)](const std::string& path) -> Result<std::string> {
    const auto found = contents.find(path);
    if (found == contents.end()) return make_error_code(boost::system::errc::no_such_file_or_directory);
    return found->second;
  };
}

inline Sources sources(Map variables, Map contents = {}) {
  return {environment(std::move(variables)), files(std::move(contents)), stand_in};
}

inline Loaded load(const std::string& yaml, const Map& variables = {}, const Map& contents = {}) {
  return load_text(yaml, sources(variables, contents));
}

inline std::vector<std::string> lines(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) out.push_back(format(problem, "f.yaml"));
  return out;
}

using Lines = std::vector<std::string>;

inline Lines problems(const std::string& yaml, const Map& variables = {}, const Map& contents = {}) {
  return lines(load(yaml, variables, contents).problems);
}

// Sections that are in order, one line each, for tests that are about another one.
inline const std::string listeners = "listeners: [{address: '127.0.0.1:8080'}]\n";
inline const std::string anonymous = "allow_anonymous: true\n";
inline const std::string backends =
    "backends: [{name: one, url: 'https://one.example'}, {name: two, url: 'https://two.example'}]\n";
inline const std::string pools = "pools: [{name: main, members: [{backend: one}, {backend: two}]}]\n";

// Four lines.
inline const std::string minimal = listeners + anonymous + backends + pools;

// `minimal` with the backend `one` given these further keys, in line 4: `, region: East US`.
inline std::string with_backend(const std::string& keys) {
  return listeners + anonymous + "backends:\n- {name: one, url: 'https://one.example'" + keys +
         "}\npools: [{name: main, members: [{backend: one}]}]\n";
}

// `minimal` with these further keys of the pool, in line 4 from column 53 on.
inline std::string with_pool(const std::string& keys) {
  return listeners + anonymous + backends + "pools: [{name: main, members: [{backend: one}, {backend: two}]" + keys +
         "}]\n";
}

}  // namespace spillway::config::test
