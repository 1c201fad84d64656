#include "rules.hpp"

#include <algorithm>

#include "spillway/base/text.hpp"
#include "spillway/base/units.hpp"

namespace spillway::config {

Rule<bool> boolean() {
  Rule<bool> rule;
  rule.type = "true or false";
  rule.read = [](Reader& reader, const Place& place, bool& out) {
    const auto text = reader.scalar(place, "true or false");
    if (!text) return false;
    if (*text == "true" || *text == "false") {
      out = *text == "true";
      return true;
    }
    const std::string small = lower(*text);
    std::string right = "true or false";
    if (small == "true" || small == "yes" || small == "on" || small == "y" || small == "1") right = "write true";
    if (small == "false" || small == "no" || small == "off" || small == "n" || small == "0") right = "write false";
    reader.mismatch(place, "is not a truth value", place.node->substituted ? "true or false" : right);
    return false;
  };
  rule.text = [](const bool& value) { return std::string(value ? "true" : "false"); };
  return rule;
}

std::optional<std::int64_t> read_integer(Reader& reader, const Place& place, std::int64_t min, std::int64_t max) {
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  const auto text = reader.scalar(place, "whole number, " + range);
  if (!text) return std::nullopt;
  std::string_view digits = *text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const bool leading_zero = digits.size() > 1 && digits.front() == '0';
  const bool all_digits =
      !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!all_digits || leading_zero) {
    reader.mismatch(place, text->empty() ? "is empty" : "is not a whole number", range);
    return std::nullopt;
  }
  auto number = parse_number<std::int64_t>(digits);
  if (number && negative) number = -*number;
  if (!number || *number < min || *number > max) {
    reader.mismatch(place, "is out of range", range);
    return std::nullopt;
  }
  return number;
}

Rule<Milliseconds> duration(Milliseconds min, std::string_view zero_means) {
  Rule<Milliseconds> rule;
  rule.type = "duration";
  if (min.count() > 0) rule.type += ", at least " + format_duration(min);
  if (!zero_means.empty()) rule.type += ", 0s = " + std::string(zero_means);
  rule.read = [min, type = rule.type](Reader& reader, const Place& place, Milliseconds& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    const auto value = parse_duration(*text);
    if (!value) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not a duration", "write 250ms, 10s, 5m, 1h or PT10S");
      return false;
    }
    if (*value < min) {
      reader.mismatch(place, "is too short", "at least " + format_duration(min));
      return false;
    }
    out = *value;
    return true;
  };
  rule.text = [](const Milliseconds& value) { return format_duration(value); };
  return rule;
}

Rule<std::uint64_t> size(std::uint64_t min, std::uint64_t max) {
  Rule<std::uint64_t> rule;
  const std::string range = format_size(min) + " to " + format_size(max);
  rule.type = "size, " + range;
  rule.read = [min, max, range](Reader& reader, const Place& place, std::uint64_t& out) {
    const auto text = reader.scalar(place, "size, " + range);
    if (!text) return false;
    const auto value = parse_size(*text);
    if (!value) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not a size", "write 512, 64KiB, 8MiB or 1GiB");
      return false;
    }
    if (*value < min || *value > max) {
      reader.mismatch(place, "is out of range", range);
      return false;
    }
    out = *value;
    return true;
  };
  rule.text = [](const std::uint64_t& value) { return format_size(value); };
  return rule;
}

Rule<std::optional<int>> keyword_or(std::string_view keyword, Rule<int> rule) {
  Rule<std::optional<int>> either;
  either.type = std::string(keyword) + ", or " + rule.type;
  either.read = [keyword, rule, type = either.type](Reader& reader, const Place& place, std::optional<int>& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    if (*text == keyword) {
      out.reset();
      return true;
    }
    if (!text->empty() && text->find_first_not_of("0123456789-") != std::string_view::npos) {
      reader.mismatch(place, "is not understood", type);
      return false;
    }
    int value = 0;
    if (!rule.read(reader, place, value)) return false;
    out = value;
    return true;
  };
  either.text = [keyword, rule](const std::optional<int>& value) {
    return value ? rule.text(*value) : std::string(keyword);
  };
  return either;
}

std::string alternatives(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::optional<std::size_t> read_word(Reader& reader, const Place& place, const std::vector<std::string_view>& words,
                                     const std::vector<Later>& later) {
  const auto text = reader.scalar(place, alternatives(words));
  if (!text) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == *text) return i;
  }
  for (const Later& other : later) {
    if (other.key != *text) continue;
    reader.problem(place, (place.node->substituted ? "the value" : std::string(other.key)) +
                              " is not supported in this version (" + std::string(other.hint) + ")");
    return std::nullopt;
  }
  const std::string hint = suggestion(place.node->substituted ? std::string_view() : *text, words, alternatives(words));
  reader.mismatch(place, text->empty() ? "is empty" : "is not known here", hint);
  return std::nullopt;
}

}  // namespace spillway::config
