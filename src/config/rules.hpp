#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "messages.hpp"
#include "reader.hpp"

// How single values are read from the file and described in the reference. A rule reports what is wrong with a value
// itself.
namespace spillway::config {

struct Section;

template <class V>
struct Rule {
  std::string type;  // for the reference and for messages: what would be right
  // Fills in the value; false when it is not usable and a problem has been reported.
  std::function<bool(Reader&, const Place&, V&)> read;
  std::function<std::string(const V&)> text;  // a value as it would be written
  const Section& (*section)() = nullptr;      // the keys, when the value is a map or a list of maps
  bool is_list = false;
};

// A default-made value: what stands when the file says nothing.
template <class V>
V fresh() {
  if constexpr (requires { V::defaults(); }) {
    return V::defaults();
  } else {
    return V{};
  }
}

Rule<bool> boolean();
Rule<Milliseconds> duration(Milliseconds min = Milliseconds(0), std::string_view zero_means = {});
Rule<std::uint64_t> size(std::uint64_t min, std::uint64_t max);
std::optional<std::int64_t> read_integer(Reader& reader, const Place& place, std::int64_t min, std::int64_t max);

template <class Integer>
Rule<Integer> integer(Integer min, Integer max) {
  Rule<Integer> rule;
  rule.type = "whole number, " + std::to_string(min) + " to " + std::to_string(max);
  rule.read = [min, max](Reader& reader, const Place& place, Integer& out) {
    const auto number = read_integer(reader, place, static_cast<std::int64_t>(min), static_cast<std::int64_t>(max));
    if (number) out = static_cast<Integer>(*number);
    return number.has_value();
  };
  rule.text = [](const Integer& value) { return std::to_string(value); };
  return rule;
}

// The keyword (no value) or what `rule` reads.
Rule<std::optional<int>> keyword_or(std::string_view keyword, Rule<int> rule);

// The index of the word in `words`, or nothing (reported).
std::optional<std::size_t> read_word(Reader& reader, const Place& place, const std::vector<std::string_view>& words,
                                     const std::vector<Later>& later);
std::string alternatives(const std::vector<std::string_view>& words);

// One of some words; `later` are those of other versions.
template <class E>
Rule<E> word(std::initializer_list<std::pair<std::string_view, E>> choices, std::vector<Later> later = {}) {
  std::vector<std::string_view> words;
  std::vector<E> values;
  for (const auto& [name, value] : choices) {
    words.push_back(name);
    values.push_back(value);
  }
  Rule<E> rule;
  rule.type = alternatives(words);
  rule.read = [words, values, later](Reader& reader, const Place& place, E& out) {
    const auto index = read_word(reader, place, words, later);
    if (index) out = values[*index];
    return index.has_value();
  };
  rule.text = [words, values](const E& value) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == value) return std::string(words[i]);
    }
    return std::string();
  };
  return rule;
}

// Printable text that may stand in a header; `name` also without separators, as config.hpp says.
Rule<std::string> name();
Rule<std::string> header_value();
Rule<std::string> message_text();
Rule<std::string> glob();
// An RFC 9110 5.6.2 token: a field's or a cookie's name.
Rule<std::string> token();
Rule<std::string> api_version();
// A tenant, client or object of Entra ID: a GUID or a domain name.
Rule<std::string> directory_id();
// The Azure resource id of a user-assigned identity.
Rule<std::string> resource_id();
// What a token is for: a URI, not a scope.
Rule<std::string> token_resource();
Rule<Secret> secret();
Rule<std::size_t> reference(Named kind);
Rule<std::vector<StatusRange>> status_ranges();
Rule<std::array<bool, error_kind_count>> error_kinds();
Rule<std::map<std::string, std::string>> deployments();

// rules_net.cpp
Rule<Address> address();
Rule<BackendUrl> backend_url();
Rule<std::string> host_name();
Rule<std::string> path_prefix();

// A file that need not be there yet.
Rule<std::string> file_name();

// PEM files, read and parsed to check them. The value is the file's name.
Rule<std::string> certificate_file();
Rule<std::string> private_key_file();
// The same, RSA only.
Rule<std::string> rsa_key_file();
Rule<std::string> ca_file();

// A list with `min` to `max` items. Every item of the file gets one, usable or not, so indices match.
template <class V>
Rule<std::vector<V>> list(Rule<V> item, std::size_t min, std::size_t max, std::string_view items) {
  Rule<std::vector<V>> rule;
  rule.type = "list of " + std::string(items) + (item.section == nullptr ? " (" + item.type + ")" : "");
  if (max != SIZE_MAX) {
    rule.type += ", " + std::to_string(min) + " to " + std::to_string(max);
  } else if (min > 0) {
    rule.type += ", at least " + std::to_string(min);
  }
  rule.section = item.section;
  rule.is_list = true;
  rule.read = [item, min, max, type = rule.type](Reader& reader, const Place& place, std::vector<V>& out) {
    if (!reader.is(place, Node::Kind::list, type)) return false;
    const std::size_t count = place.node->items.size();
    if (count < min || count > max) {
      reader.problem(place, std::to_string(count) + (count == 1 ? " item" : " items") + " (expected: " + type + ")");
      return false;
    }
    bool usable = true;
    out.clear();
    for (std::size_t i = 0; i < count; ++i) {
      V value = fresh<V>();
      usable = item.read(reader, place.item(i), value) && usable;
      out.push_back(std::move(value));
    }
    return usable;
  };
  if (!item.text) return rule;
  rule.text = [item](const std::vector<V>& values) {
    std::string text = "[";
    for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ", ") + item.text(values[i]);
    return text + "]";
  };
  return rule;
}

}  // namespace spillway::config
