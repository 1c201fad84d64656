#pragma once

#include <cstdint>
#include <string>

namespace spillway::lab {

// As given on the command line; empty or 0 where nothing was given.
struct LoadOptions {
  std::string url;
  std::string api_key;
  std::string api_key_file;
  std::string model;
  std::string api = "chat";  // chat | responses
  std::string dialect;       // azure | openai
  std::string api_version;
  std::string path;
  std::string prompt = "Hello";
  std::uint32_t max_tokens = 64;
  std::string body_file;
  bool stream = false;

  std::uint64_t requests = 0;
  std::uint32_t concurrency = 0;
  std::string delay;
  std::string rate;
  std::string duration;
  std::uint64_t warmup = 0;
  std::string timeout = "5m";

  std::string ca;
  bool insecure = false;

  std::string label;
  bool quiet = false;
  std::uint32_t max_failures_shown = 10;
  std::string json;
  std::string report;
};

}  // namespace spillway::lab
