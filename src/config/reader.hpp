#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "spillway/config/load.hpp"
#include "tree.hpp"

namespace spillway::config {

// A value and how to get to it: `pools[0].members[1]`.
struct Place {
  const Node* node = nullptr;
  std::string path;
  Position key;  // of the key it stands under; of the value itself in a list

  // The value under `name`, if the map has one.
  std::optional<Place> find(std::string_view name) const;
  Place item(std::size_t index) const;
  // The items of the list under `name`; none when there is no such list.
  std::vector<Place> list(std::string_view name) const;
  std::string path_of(std::string_view name) const {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }
};

// What other parts of the file refer to by name.
enum class Named { client, backend, pool, route };

struct Names {
  bool known = false;  // the section is there, so a name that is not in it dangles
  std::unordered_map<std::string, std::size_t> indices;
  std::vector<std::string_view> shown;  // those that may stand in a message
};

// A key that exists in a later version, or did in an earlier one.
struct Later {
  std::string_view key;
  std::string_view hint = {};  // what to do instead
};

// What the file calls it: the unreplaced text when the key came from outside.
std::string shown_key(const Node& key);

// Reading one file: where values come from and what was wrong with them.
class Reader {
 public:
  // All outlive the reader. Replaces every `${...}` in `root` and finds duplicate keys and the names of things.
  Reader(Node& root, const Sources& sources, WallTime now);

  const Place& root() const noexcept { return root_; }
  WallTime time() const noexcept { return now_; }
  const Environment& environment() const noexcept { return sources_.environment; }
  // The content of a file that this place names, which becomes one of the files of this configuration. `secret`: it
  // holds a key or a password.
  Result<std::string> read_file(const Place& place, const std::string& path, bool secret);
  // Of one that is read anew each time it is needed, and so is none of them.
  Result<std::string> peek_file(const std::string& path) const { return sources_.files(path); }
  const Names& names(Named kind) const { return names_[static_cast<std::size_t>(kind)]; }

  // At the value, at its key, or for a key that is not there (at the map it should be in).
  void problem(const Place& place, std::string message);
  void key_problem(const Place& place, std::string message);
  void missing(const Place& map, std::string_view key, std::string message);
  void report(Problem problem);
  void warn(const Place& place, std::string message);
  void missing_warning(const Place& map, std::string_view key, std::string message);

  // No problem was reported at this place or below.
  bool clean(const Place& place) const;
  std::size_t problem_count() const noexcept { return problems_.size(); }
  // So many problems that further ones are not kept; searching for suggestions is not worth the time any more.
  bool is_full() const noexcept;

  // True when the value is of this kind; reports it when not. `expected` says what would be right.
  bool is(const Place& place, Node::Kind kind, std::string_view expected);
  // The scalar's text, or nothing (reported).
  std::optional<std::string_view> scalar(const Place& place, std::string_view expected);
  // The same where a secret belongs: only there a value may come from Key Vault.
  std::optional<std::string_view> secret_scalar(const Place& place, std::string_view expected);
  // Reports a scalar that is no `what`: quotes the text unless it is substituted or secret.
  void mismatch(const Place& place, std::string_view what, std::string_view expected);

  // Reports the keys of a map that are not among `keys`. `secretive`: a stray key may be a secret put in the wrong
  // place.
  void check_keys(const Place& map, const std::vector<std::string_view>& keys, const std::vector<Later>& later,
                  bool secretive);

  // In file order.
  std::vector<Problem> take_problems();
  std::vector<Problem> take_warnings();
  std::vector<UsedFile> take_files() { return std::move(used_files_); }

  const std::vector<UsedVaultSecret>& vault_secrets() const noexcept { return vault_secrets_; }
  std::vector<UsedVaultSecret> take_vault_secrets() { return std::move(vault_secrets_); }

 private:
  void resolve(Node& node, const std::string& path);
  void resolve_entries(Node& map, const std::string& path);
  bool resolve_scalar(Node& node, const std::string& path);
  void collect_names(Named kind, std::string_view section);
  void add(Position position, std::string path, std::string message);
  void use_file(UsedFile file);
  void use_vault_secret(const VaultSecret& secret, Problem where);

  const Sources& sources_;
  WallTime now_;
  Place root_;
  std::array<Names, 4> names_;
  std::vector<Problem> problems_;
  std::vector<Problem> warnings_;
  std::vector<UsedFile> used_files_;
  std::vector<UsedVaultSecret> vault_secrets_;
};

}  // namespace spillway::config
