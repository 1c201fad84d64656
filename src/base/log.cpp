#include "spillway/base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "spillway/base/text.hpp"
#include "spillway/base/time.hpp"

namespace spillway::log {
namespace {

constexpr std::size_t queue_messages = 4096;  // spdlog takes 400 bytes for each, used or not
constexpr std::uint64_t queue_bytes = 16 << 20;

// What has been given to the writer and what it has done, in bytes and the messages they came in.
struct Progress {
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> messages_in{0};
  std::atomic<std::uint64_t> messages_out{0};
  std::atomic<std::uint64_t> lines_dropped{0};
};
Progress progress;

// Standard output, flushed whenever nothing more is waiting.
class Output final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::fwrite(message.payload.data(), 1, message.payload.size(), stdout);
    std::fputc('\n', stdout);
    progress.bytes_out += message.payload.size();
    if (++progress.messages_out == progress.messages_in) flush_();
  }
  void flush_() override { std::fflush(stdout); }
};

// Whether there is room for it, which is counted as taken then. Own messages may take all, others half of it.
bool make_room(std::size_t size, unsigned share) noexcept {
  const std::uint64_t messages = progress.messages_in - progress.messages_out;
  const std::uint64_t bytes = progress.bytes_in - progress.bytes_out;
  if (messages >= queue_messages / share || bytes + size > queue_bytes / share) return false;
  progress.bytes_in += size;
  ++progress.messages_in;
  return true;
}

struct State {
  std::mutex mutex;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger;
};

// Never destroyed: other threads may still log while the process ends.
State& state() {
  static State* const instance = new State;
  return *instance;
}

std::atomic<Level> current_level{Level::info};
std::atomic<Format> current_format{Format::text};
std::atomic<spdlog::logger*> current_logger{nullptr};

constexpr std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    default: return "error";
  }
}

std::string time_now() {
  return format_time(std::chrono::system_clock::now());
}

void pass_on(std::string_view text, std::size_t lines, unsigned share) {
  spdlog::logger* const logger = current_logger.load(std::memory_order_acquire);
  if (logger == nullptr)
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  else if (make_room(text.size(), share))
    logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  else
    progress.lines_dropped += lines;
}

}  // namespace

void configure(Level level, Format format) {
  State& shared = state();
  const std::lock_guard lock(shared.mutex);
  if (!shared.logger) {
    shared.pool = std::make_shared<spdlog::details::thread_pool>(queue_messages, 1);
    auto sink = std::make_shared<Output>();
    auto logger = std::make_shared<spdlog::async_logger>("spillway", std::move(sink), shared.pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);
    shared.logger = std::move(logger);
    current_logger.store(shared.logger.get(), std::memory_order_release);
  }
  current_level.store(level, std::memory_order_relaxed);
  current_format.store(format, std::memory_order_relaxed);
}

bool enabled(Level level) noexcept {
  return level >= current_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line;
  line.reserve(128);
  if (current_format.load(std::memory_order_relaxed) == Format::json) {
    line.append("{\"time\":\"")
        .append(time_now())
        .append("\",\"level\":\"")
        .append(level_name(level))
        .append("\",\"message\":");
    append_json_string(line, message);
    for (const Field& field : fields) {
      line.push_back(',');
      append_json_string(line, field.name);
      line.push_back(':');
      if (field.quoted)
        append_json_string(line, field.text);
      else
        line.append(field.text);
    }
    line.push_back('}');
  } else {
    line.append(time_now()).append(" ").append(level_name(level)).append("  ").append(message);
    for (const Field& field : fields) {
      line.append("  ").append(field.name).append("=");
      if (field.quoted)
        append_json_string(line, field.text);
      else
        line.append(field.text);
    }
  }
  pass_on(line, 1, 1);
}

void raw(std::string_view text, std::size_t lines) {
  pass_on(text, lines, 2);
}

bool coloured() {
  static const bool answer = [] {
    const char* refused = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) != 0 && (refused == nullptr || *refused == '\0');
  }();
  return answer;
}

std::uint64_t dropped() noexcept {
  return progress.lines_dropped;
}

void flush() {
  State& shared = state();
  const std::lock_guard lock(shared.mutex);
  if (!shared.logger) return;
  // Ending the pool's thread is the only way to know that the queue is empty.
  current_logger.store(nullptr, std::memory_order_release);
  shared.logger.reset();
  shared.pool.reset();
}

}  // namespace spillway::log
