#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spillway/config/load.hpp"

namespace spillway::config {

// Counts from 1; columns count bytes.
struct Position {
  int line = 0;
  int column = 0;

  auto operator<=>(const Position&) const = default;
};

struct Node;

struct Entry {
  std::shared_ptr<Node> key;  // always a scalar
  std::shared_ptr<Node> value;
};

// A YAML value with its place in the file. Nodes are shared where the file uses aliases.
struct Node {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  Position position;
  std::string text;          // of a scalar; after `resolve` with every `${...}` replaced
  std::string literal;       // of a scalar whose text was replaced: what the file says
  bool substituted = false;  // the text holds a value from outside and must not be shown
  bool from_vault = false;   // that value is a secret of Key Vault
  bool broken = false;       // a problem with this value has been reported already
  bool resolved = false;
  std::size_t weight = 1;  // values in it, itself included, aliases counted in full
  std::vector<std::shared_ptr<Node>> items;
  std::vector<Entry> entries;

  Node() = default;
  Node(Kind k, Position p) : kind(k), position(p) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();  // wipes the text, which may be a secret

  // The value of the first entry with this key, or null.
  const Entry* find(std::string_view key) const noexcept;
};

// The first document of `yaml`, or why it is none. Refuses what makes a parser work without bound: nesting deeper than
// 64, more than 200000 values, recursive aliases.
std::variant<std::shared_ptr<Node>, Problem> parse_tree(std::string_view yaml);

inline constexpr std::size_t max_file_size = 4U << 20;

}  // namespace spillway::config
