#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "rules.hpp"

// The table of all keys. One line of it reads a key into a member and is its entry in docs/configuration.md; the
// members' own initialisers are the defaults of both.
namespace spillway::config {

// A key as the reference shows it.
struct FieldDoc {
  std::string key;
  std::string type;
  std::string fallback;  // what stands when the key is left out; empty = it is required
  std::string meaning;
  const Section& (*section)() = nullptr;
  bool is_list = false;
};

// The keys of one map.
struct Section {
  std::string intro;
  std::vector<FieldDoc> docs;
  std::vector<Later> later;  // refused with a message of their own
  bool secretive = false;    // a stray key in it may be a misplaced secret
  std::vector<std::string_view> keys() const;
};

template <class T>
struct Field {
  FieldDoc doc;
  bool is_required = false;
  std::function<void(Reader&, const Place&, T&)> read;

  Field required() && {
    is_required = true;
    doc.fallback.clear();
    return std::move(*this);
  }
  // What leaving the key out means, where that is no plain value.
  Field otherwise(std::string text) && {
    doc.fallback = std::move(text);
    return std::move(*this);
  }
};

template <class T>
struct Table : Section {
  std::vector<Field<T>> fields;
  std::function<void(Reader&, const Place&, T&)> check;  // rules between the keys of one map

  explicit Table(std::vector<Field<T>> all) : fields(std::move(all)) {
    for (const Field<T>& field : fields) docs.push_back(field.doc);
  }
  Table with_intro(std::string text) && {
    intro = std::move(text);
    return std::move(*this);
  }
  Table with_later(std::vector<Later> keys_of_later_versions) && {
    later = std::move(keys_of_later_versions);
    return std::move(*this);
  }
  Table with_check(std::function<void(Reader&, const Place&, T&)> rules) && {
    check = std::move(rules);
    return std::move(*this);
  }
  Table holding_secrets() && {
    secretive = true;
    return std::move(*this);
  }
};

// Specialised in fields_*.cpp, once for each kind of map.
template <class T>
const Table<T>& table();

template <class V>
FieldDoc describe(std::string key, const Rule<V>& rule, std::string fallback, std::string meaning) {
  return {std::move(key), rule.type, std::move(fallback), std::move(meaning), rule.section, rule.is_list};
}

// A key that fills a member; the member's initial value is the default.
template <class T, class V>
Field<T> field(std::string key, V T::* member, Rule<V> rule, std::string meaning) {
  Field<T> field;
  const std::string fallback = rule.text ? rule.text(fresh<T>().*member) : std::string("the defaults below");
  field.doc = describe(std::move(key), rule, fallback, std::move(meaning));
  field.read = [member, rule](Reader& reader, const Place& place, T& out) { rule.read(reader, place, out.*member); };
  return field;
}

// The same for a member that stays empty when the key is left out.
template <class T, class V>
Field<T> field(std::string key, std::optional<V> T::* member, Rule<V> rule, std::string meaning) {
  Field<T> field;
  field.doc = describe(std::move(key), rule, "none", std::move(meaning));
  field.read = [member, rule](Reader& reader, const Place& place, T& out) {
    V value = fresh<V>();
    if (rule.read(reader, place, value)) out.*member = std::move(value);
  };
  return field;
}

// A key whose value is put where it belongs by `set`.
template <class T, class V, class Set>
  requires std::invocable<Set, T&, V>
Field<T> field(std::string key, Set set, Rule<V> rule, std::string meaning) {
  Field<T> field;
  field.doc = describe(std::move(key), rule, "none", std::move(meaning));
  field.read = [set, rule](Reader& reader, const Place& place, T& out) {
    V value = fresh<V>();
    if (rule.read(reader, place, value)) set(out, std::move(value));
  };
  return field;
}

template <class T>
bool read_section(Reader& reader, const Place& place, T& out) {
  const Table<T>& keys = table<T>();
  if (!reader.is(place, Node::Kind::map, "map")) return false;
  const std::size_t before = reader.problem_count();
  reader.check_keys(place, keys.keys(), keys.later, keys.secretive);
  for (const Field<T>& field : keys.fields) {
    if (const auto child = place.find(field.doc.key)) {
      field.read(reader, *child, out);
    } else if (field.is_required) {
      reader.missing(place, field.doc.key, "missing (" + field.doc.type + ")");
    }
  }
  if (keys.check) keys.check(reader, place, out);
  return reader.problem_count() == before;
}

// A map with the keys of `table<T>()`.
template <class T>
Rule<T> section() {
  Rule<T> rule;
  rule.type = "map";
  rule.read = read_section<T>;
  rule.section = +[]() -> const Section& { return table<T>(); };
  return rule;
}

}  // namespace spillway::config
