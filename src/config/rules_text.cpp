#include <algorithm>

#include "rules.hpp"

namespace spillway::config {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_header_safe(std::string_view text) {
  return !text.empty() && is_printable(text) && text.front() != ' ' && text.back() != ' ';
}

// A rule for a text that a predicate accepts.
Rule<std::string> text_rule(std::string type, bool (*accepts)(std::string_view), std::string_view wrong,
                            std::string_view right) {
  Rule<std::string> rule;
  rule.type = std::move(type);
  rule.read = [type = rule.type, accepts, wrong, right](Reader& reader, const Place& place, std::string& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    if (!accepts(*text)) {
      reader.mismatch(place, text->empty() ? "is empty" : wrong, right);
      return false;
    }
    out = *text;
    return true;
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

}  // namespace

Rule<std::string> name() {
  return text_rule(
      "name",
      [](std::string_view text) {
        return is_header_safe(text) && text.size() <= 128 && text.find_first_of("\"'\\;,") == std::string_view::npos;
      },
      "is not usable as a name", "1 to 128 printable ASCII characters, no quotes, \\, comma or semicolon");
}

Rule<std::string> header_value() {
  return text_rule(
      "text", [](std::string_view text) { return is_header_safe(text) && text.size() <= 128; },
      "cannot stand in a header", "1 to 128 printable ASCII characters, no space at either end");
}

Rule<std::string> message_text() {
  return text_rule(
      "text", [](std::string_view text) { return !text.empty() && text.size() <= 4096; }, "is too long",
      "1 to 4096 bytes");
}

Rule<std::string> glob() {
  return text_rule(
      "pattern", [](std::string_view text) { return is_header_safe(text); }, "is not usable as a pattern",
      "a model's name, * stands for any characters");
}

Rule<std::string> token() {
  return text_rule(
      "name",
      [](std::string_view text) {
        constexpr std::string_view signs = "!#$%&'*+-.^_`|~";
        return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [&](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 signs.find(c) != std::string_view::npos;
        });
      },
      "is not usable as a name", "letters, digits and !#$%&'*+-.^_`|~");
}

Rule<std::string> file_name() {
  return text_rule(
      "file",
      [](std::string_view text) {
        return !text.empty() && text.size() <= 4096 && text.find('\0') == std::string_view::npos;
      },
      "is not the name of a file", "1 to 4096 bytes");
}

Rule<std::string> api_version() {
  return text_rule(
      "text",
      [](std::string_view text) {
        return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
                 c == '_';
        });
      },
      "is not an API version", "such as 2024-10-21 or 2025-01-01-preview");
}

Rule<std::string> directory_id() {
  return text_rule(
      "id",
      [](std::string_view text) {
        return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
        });
      },
      "is not an id of Entra ID", "such as 72f988bf-86f1-41af-91ab-2d7cd011db47 or contoso.onmicrosoft.com");
}

Rule<std::string> resource_id() {
  return text_rule(
      "resource id",
      [](std::string_view text) {
        return text.starts_with('/') && text.size() <= 1024 && is_printable(text) &&
               text.find(' ') == std::string_view::npos;
      },
      "is not a resource id",
      "such as /subscriptions/…/resourceGroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/…");
}

Rule<std::string> token_resource() {
  Rule<std::string> rule = text_rule(
      "URI",
      [](std::string_view text) {
        return !text.empty() && text.size() <= 1024 && is_printable(text) && text.find(' ') == std::string_view::npos;
      },
      "is not usable as a resource", "such as https://cognitiveservices.azure.com");
  rule.read = [plain = rule.read](Reader& reader, const Place& place, std::string& out) {
    if (!plain(reader, place, out)) return false;
    const bool scope = out.ends_with("/.default");
    if (scope) reader.mismatch(place, "is a scope", "leave /.default out");
    return !scope;
  };
  return rule;
}

Rule<Secret> secret() {
  Rule<Secret> rule;
  rule.type = "secret";
  rule.read = [](Reader& reader, const Place& place, Secret& out) {
    const auto text = reader.secret_scalar(place, "a secret, such as \"${NAME}\" or \"${file:/path}\"");
    if (!text) return false;
    const bool sendable = std::all_of(text->begin(), text->end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!sendable) {
      reader.problem(place,
                     "holds a character that cannot be part of a key (printable ASCII without spaces; a line end "
                     "slipped in?)");
      return false;
    }
    out = Secret(std::string(*text));
    return true;
  };
  rule.text = [](const Secret&) { return std::string("(hidden)"); };
  return rule;
}

Rule<std::size_t> reference(Named kind) {
  static constexpr std::string_view kinds[] = {"client", "backend", "pool", "route"};
  const std::string_view word = kinds[static_cast<std::size_t>(kind)];
  Rule<std::size_t> rule;
  rule.type = "name of a " + std::string(word);
  rule.read = [kind, word, type = rule.type](Reader& reader, const Place& place, std::size_t& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    const Names& names = reader.names(kind);
    const auto found = names.indices.find(std::string(*text));
    if (!text->empty() && found != names.indices.end()) {
      out = found->second;
      return true;
    }
    // A section that is missing or no list is reported itself.
    if (names.known && !reader.is_full()) {
      const std::string none = "there is no " + std::string(word);
      const std::string hint = place.node->substituted
                                   ? (names.shown.empty() ? none : "one of " + joined(names.shown))
                                   : suggestion(*text, names.shown, names.shown.empty() ? none : std::string());
      reader.mismatch(place, text->empty() ? "is empty" : "is not the name of a " + std::string(word), hint);
    }
    return false;
  };
  rule.text = [](const std::size_t&) { return std::string(); };
  return rule;
}

}  // namespace spillway::config
