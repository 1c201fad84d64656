#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "spillway/config/load.hpp"

// A configuration of any bytes: it is loaded or refused, never both, and nothing outside is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spillway;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  config::Sources sources;
  sources.environment = [](const std::string&) { return std::nullopt; };
  sources.files = [](const std::string&) -> Result<std::string> {
    return make_error_code(boost::system::errc::no_such_file_or_directory);
  };
  const config::Loaded loaded = config::load_text(text, sources);
  if ((loaded.config == nullptr) == loaded.problems.empty()) __builtin_trap();
  for (const config::Problem& problem : loaded.problems) {
    const std::string line = config::format(problem, "FILE");
    if (line.find('\n') != std::string::npos) __builtin_trap();
  }
  if (loaded.config) config::summary(*loaded.config);
  return 0;
}
