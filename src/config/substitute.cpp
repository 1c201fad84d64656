#include "substitute.hpp"

#include <algorithm>

#include "messages.hpp"

namespace spillway::config {
namespace {

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

void put_file(std::string_view path, const FileReader& files, Substitution& out) {
  if (path.empty()) {
    out.problem = "${file:} names no file (write ${file:/run/secrets/NAME})";
    return;
  }
  const Result<std::string> content = files(std::string(path));
  if (!content) {
    out.problem = "the file " + printable(path) + " cannot be read: " + content.error().message();
    return;
  }
  out.value += without_line_end(*content);
}

void put_vault_secret(std::string_view url, const VaultReader& vault, Substitution& out) {
  const auto secret = parse_vault_secret(url);
  if (!secret) {
    out.problem =
        "${keyvault:...} does not name a secret (write ${keyvault:https://NAME.vault.azure.net/secrets/SECRET}, with "
        "/VERSION for a certain one)";
    return;
  }
  out.from_vault = true;
  out.value += vault(*secret);
}

void put_variable(std::string_view reference, const Environment& environment, Substitution& out) {
  const std::size_t colon = reference.find(":-");
  const std::string name(reference.substr(0, colon));
  if (!is_variable_name(name)) {
    out.problem =
        "${...} holds no variable name (write ${NAME}, ${NAME:-default}, ${file:/path} or ${keyvault:URL}; $${ for a "
        "literal ${)";
    return;
  }
  const std::optional<std::string> value = environment(name);
  const bool has_default = colon != std::string_view::npos;
  if (value && !(has_default && value->empty())) {
    out.value += *value;
  } else if (has_default) {
    const std::string_view fallback = reference.substr(colon + 2);
    if (fallback.find("${") != std::string_view::npos) {
      out.problem = "the default of ${" + name + ":-...} holds another ${ (they cannot be nested)";
      return;
    }
    out.value += fallback;
  } else {
    out.problem = "the variable " + name + " is not set (set it, or give a default: ${" + name + ":-default})";
  }
}

}  // namespace

Substitution substitute(std::string_view text, const Sources& sources) {
  Substitution out;
  while (!text.empty() && out.problem.empty()) {
    const std::size_t dollar = text.find('$');
    out.value += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      out.value += "${";
      text.remove_prefix(3);
    } else if (!text.starts_with("${")) {
      out.value += '$';
      text.remove_prefix(1);
    } else if (const std::size_t end = text.find('}'); end == std::string_view::npos) {
      out.problem = "${ without a closing } (write $${ for a literal ${)";
    } else {
      const std::string_view reference = text.substr(2, end - 2);
      text.remove_prefix(end + 1);
      out.substituted = true;
      if (reference.starts_with("keyvault:")) {
        put_vault_secret(reference.substr(9), sources.vault, out);
      } else if (reference.starts_with("file:")) {
        put_file(reference.substr(5), sources.files, out);
      } else {
        put_variable(reference, sources.environment, out);
      }
    }
  }
  return out;
}

}  // namespace spillway::config
