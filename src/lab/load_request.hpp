#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "load_options.hpp"
#include "load_result.hpp"
#include "schedule.hpp"
#include "spillway/config/config.hpp"

namespace spillway::lab {

// A POST as it goes over the wire; `target` is path and query. The body is announced as JSON.
std::string post_request(std::string_view host, std::string_view target, const std::vector<Header>& fields,
                         std::string_view body);

// Whether the text can stand in a header field: visible ASCII.
bool is_field_value(std::string_view text) noexcept;

// What a run's options mean.
struct LoadSetup {
  config::BackendUrl url;
  std::string request;  // with the key: never to be shown
  LoadPlan plan;
  Milliseconds timeout{0};
  LoadParameters parameters;  // for people: without the key
};

// `body`: in place of the one the API and the prompt make. Nothing and a `problem` that names the option when they mean
// nothing; a problem never shows the key.
std::optional<LoadSetup> read_load(const LoadOptions& options, std::string_view key,
                                   const std::optional<std::string>& body, std::string& problem);

// `50`, `50/s`, `300/m`: in requests a second, more than 0 and at most 100 000; nothing on anything else.
std::optional<double> parse_rate(std::string_view text);

}  // namespace spillway::lab
