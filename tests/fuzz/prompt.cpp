#include "spillway/http/prompt.hpp"

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "spillway/http/model_splice.hpp"

using namespace spillway::http;

namespace {

// nlohmann::json reads fewer texts: no invalid UTF-8, no half surrogate pairs, no numbers out of range.
bool has_a_part(const nlohmann::json& body) {
  const auto leads = [&](const char* name) {
    const auto value = body.find(name);
    return value != body.end() && (value->is_string() || (value->is_array() && !value->empty()));
  };
  const auto key = body.find("prompt_cache_key");
  if (key != body.end() && key->is_string() && *key != "") return true;
  const auto instructions = body.find("instructions");
  return (instructions != body.end() && !instructions->is_null()) || leads("messages") || leads("input");
}

}  // namespace

// There is a hash exactly when there is something to be hashed, and what is no part of it does not matter.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (stable_hash(text) != stable_hash(std::string("x" + text).substr(1))) std::abort();

  const auto hash = prompt_hash(text);
  ModelScan scan;
  const ModelState state = scan.scan(text, true);
  if (state != ModelState::found && state != ModelState::absent) {
    if (hash) std::abort();
    return 0;
  }
  std::string longer = text;
  longer.insert(scan.first_member(), scan.has_members() ? R"("x":[{"input":"]"}],)" : R"("x":[{"input":"]"}])");
  if (prompt_hash(longer) != hash) std::abort();
  if (prompt_hash(" " + text + "\n") != hash) std::abort();

  if (text.find('\0') != std::string::npos) return 0;  // for nlohmann::json it ends the input
  const nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_object() && has_a_part(parsed) != hash.has_value()) std::abort();
  return 0;
}
