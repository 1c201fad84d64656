#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

// The process's own log: one line an event, to standard output, written by a thread of its own so that no event loop
// ever waits for a pipe. What finds no room in the queue (16 MiB) is dropped and counted. Thread-safe.
namespace spillway::log {

enum class Level { debug, info, warn, error, off };
enum class Format { json, text };

// A named value of a log line. Never pass a secret, a prompt or an answer.
struct Field {
  std::string_view name;
  std::string text;
  bool quoted = true;

  Field(std::string_view field, std::string_view value) : name(field), text(value) {}
  Field(std::string_view field, const char* value) : name(field), text(value) {}
  Field(std::string_view field, const std::string& value) : name(field), text(value) {}
  Field(std::string_view field, bool value) : name(field), text(value ? "true" : "false"), quoted(false) {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  Field(std::string_view field, Number value) : name(field), text(std::to_string(value)), quoted(false) {}
};

// Called once at start, and again by a reload that changes level or format. Before the first call everything goes to
// standard error as text.
void configure(Level level, Format format);

bool enabled(Level level) noexcept;
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  if (enabled(Level::debug)) write(Level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::info, message, fields);
}
inline void warn(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::warn, message, fields);
}
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::error, message, fields);
}

// Finished lines (access log), passed on as they are, together or not at all. `text` has no line end at its end. They may
// take half of the queue, so that the process's own lines find room.
void raw(std::string_view text, std::size_t lines = 1);

// Whether lines may hold colours: standard output is a terminal, and NO_COLOR (https://no-color.org) is unset or empty.
// As it was when it was first asked.
bool coloured();

// Lines dropped since the start for want of room.
std::uint64_t dropped() noexcept;

// Writes out what is queued. Call before leaving the process.
void flush();

}  // namespace spillway::log
