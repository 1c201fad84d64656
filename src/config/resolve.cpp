#include <algorithm>
#include <unordered_map>

#include "messages.hpp"
#include "reader.hpp"
#include "substitute.hpp"

// What the reader does before anything is looked at: every `${...}` gets its value.
namespace spillway::config {

std::string shown_key(const Node& key) {
  return printable(key.substituted ? key.literal : key.text);
}

void Reader::resolve(Node& node, const std::string& path) {
  if (node.resolved) return;  // an alias of something seen before
  node.resolved = true;
  switch (node.kind) {
    case Node::Kind::null: break;
    case Node::Kind::scalar: resolve_scalar(node, path); break;
    case Node::Kind::list:
      for (std::size_t i = 0; i < node.items.size(); ++i) resolve(*node.items[i], path + "[" + std::to_string(i) + "]");
      break;
    case Node::Kind::map: resolve_entries(node, path); break;
  }
}

void Reader::resolve_entries(Node& map, const std::string& path) {
  std::unordered_map<std::string_view, int> lines;
  for (Entry& entry : map.entries) {
    if (resolve_scalar(*entry.key, path) && entry.key->from_vault) {
      entry.key->broken = true;
      add(entry.key->position, path, "a key comes from Key Vault, which is for secrets only (keys, passwords)");
    }
    const std::string below = (path.empty() ? "" : path + ".") + shown_key(*entry.key);
    if (!entry.key->broken) {
      const auto [first, added] = lines.emplace(entry.key->text, entry.key->position.line);
      if (!added)
        add(entry.key->position, below, "duplicate key (given already in line " + std::to_string(first->second) + ")");
    }
    resolve(*entry.value, below);
  }
}

bool Reader::resolve_scalar(Node& node, const std::string& path) {
  if (node.text.find('$') == std::string::npos) return true;
  const Problem where{node.position.line, node.position.column, path, {}};
  Sources noted = sources_;
  noted.files = [&](const std::string& file) {
    use_file({file, true, false, where});
    return sources_.files(file);
  };
  noted.vault = [&](const VaultSecret& secret) {
    use_vault_secret(secret, where);
    return sources_.vault(secret);
  };
  Substitution result = substitute(node.text, noted);
  if (!result.problem.empty()) {
    node.broken = true;
    add(node.position, path, std::move(result.problem));
    return false;
  }
  node.substituted = result.substituted;
  node.from_vault = result.from_vault;
  node.literal = std::move(node.text);
  node.text = std::move(result.value);
  return true;
}

Result<std::string> Reader::read_file(const Place& place, const std::string& path, bool secret) {
  const Position position = place.node->position;
  use_file({path, secret, place.node->substituted, {position.line, position.column, place.path, {}}});
  return sources_.files(path);
}

void Reader::use_file(UsedFile file) {
  const auto known = std::find_if(used_files_.begin(), used_files_.end(),
                                  [&](const UsedFile& used) { return used.path == file.path; });
  if (known == used_files_.end()) {
    used_files_.push_back(std::move(file));
  } else {
    known->secret = known->secret || file.secret;
    known->hidden = known->hidden || file.hidden;
  }
}

void Reader::use_vault_secret(const VaultSecret& secret, Problem where) {
  const bool known = std::any_of(vault_secrets_.begin(), vault_secrets_.end(),
                                 [&](const UsedVaultSecret& used) { return used.secret == secret; });
  if (!known) vault_secrets_.push_back({secret, std::move(where)});
}

}  // namespace spillway::config
