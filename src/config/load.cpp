#include "spillway/config/load.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "fields.hpp"
#include "file_modes.hpp"
#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

std::string sha256(std::string_view bytes) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return to_hex(digest);
}

void warn_of_exposed(Loaded& loaded) {
  for (const UsedFile& file : loaded.files) {
    struct stat found{};
    if (!file.secret || ::stat(file.path.c_str(), &found) != 0) continue;
    Problem warning = file.where;
    warning.message = exposure(file.hidden ? "the file" : "the file " + printable(file.path),
                               {found.st_uid, found.st_mode & 0777U}, ::geteuid());
    if (!warning.message.empty()) loaded.warnings.push_back(std::move(warning));
  }
}

}  // namespace

std::string format(const Problem& problem, std::string_view file) {
  std::string text(file);
  if (problem.line > 0) text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  text += ": ";
  if (!problem.path.empty()) text += problem.path + ": ";
  return text + problem.message;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Loaded load_text(std::string_view yaml, const Sources& sources, WallTime now) {
  Loaded loaded;
  loaded.sha256 = sha256(yaml);
  auto parsed = parse_tree(yaml);
  if (const Problem* problem = std::get_if<Problem>(&parsed)) {
    loaded.problems.push_back(*problem);
    return loaded;
  }
  const auto root = std::get<std::shared_ptr<Node>>(parsed);
  Reader reader(*root, sources, now);
  auto config = std::make_shared<Config>();
  if (root->kind == Node::Kind::map) {
    read_section(reader, reader.root(), *config);
    complete(reader, *config);
  } else {
    reader.problem(reader.root(), "not a map (a configuration is a map with listeners, backends, pools and so on)");
  }
  loaded.problems = reader.take_problems();
  loaded.warnings = reader.take_warnings();
  loaded.files = reader.take_files();
  loaded.secrets = reader.take_vault_secrets();
  if (loaded.problems.empty()) loaded.config = std::move(config);
  return loaded;
}

Loaded load_file(const std::string& file, WallTime now, const Sources& sources) {
  const Result<std::string> text = sources.files(file);
  if (text) {
    Loaded loaded = load_text(*text, sources, now);
    warn_of_exposed(loaded);
    loaded.text = Secret(*text);
    return loaded;
  }
  Loaded loaded;
  loaded.problems.push_back({0, 0, {}, "the file cannot be read: " + text.error().message()});
  return loaded;
}

}  // namespace spillway::config
