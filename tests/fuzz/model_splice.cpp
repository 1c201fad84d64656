#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "spillway/http/model_splice.hpp"

using namespace spillway::http;

namespace {

// Counts the top-level `model` keys and the depth of what nlohmann::json reads.
struct Counter : nlohmann::json_sax<nlohmann::json> {
  int depth = 0;
  int deepest = 0;
  int models = 0;
  bool top_is_object = false;

  bool enter() {
    deepest = std::max(deepest, ++depth);
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    top_is_object = top_is_object || depth == 0;
    return enter();
  }
  bool end_object() override { return --depth >= 0; }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return --depth >= 0; }
  bool key(string_t& name) override {
    models += depth == 1 && name == "model" ? 1 : 0;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }
};

// nlohmann::json also refuses invalid UTF-8, half surrogate pairs and numbers out of range; this body has none.
bool can_only_break_the_grammar(const std::string& body) {
  if (body.size() > 300 || body.find("\\u") != std::string::npos) return false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const bool exponent = (body[i] == 'e' || body[i] == 'E') && i > 0 && body[i - 1] >= '0' && body[i - 1] <= '9';
    if (static_cast<unsigned char>(body[i]) >= 0x80 || exponent) return false;
  }
  return true;
}

void compare(const std::string& body, const ModelScan& scan, ModelState state) {
  if (body.find('\0') != std::string::npos) return;  // for nlohmann::json it ends the input
  Counter counter;
  if (!nlohmann::json::sax_parse(body, &counter)) {
    if ((state == ModelState::found || state == ModelState::absent) && can_only_break_the_grammar(body)) std::abort();
    return;
  }
  if (!counter.top_is_object || counter.deepest > static_cast<int>(ModelScan::max_depth) ||
      body.starts_with("\xEF\xBB\xBF")) {
    if (state == ModelState::found) std::abort();
    return;
  }
  if (counter.models > 1) {
    if (state != ModelState::duplicate) std::abort();
    return;
  }
  const nlohmann::json parsed = nlohmann::json::parse(body);
  const bool is_string = counter.models == 1 && parsed["model"].is_string();
  if (is_string && scan.span().size == 0 && parsed["model"] != "" && state == ModelState::absent) return;  // too long
  if (state != (is_string ? ModelState::found : ModelState::absent)) std::abort();
  if (!is_string) return;
  if (scan.value() != parsed["model"].get<std::string>()) std::abort();

  std::string replaced = body;
  replaced.replace(scan.span().offset, scan.span().size, json_string_contents("new \"name\""));
  if (nlohmann::json::parse(replaced)["model"] != "new \"name\"") std::abort();
}

}  // namespace

// The scan agrees with nlohmann::json wherever that one reads the body, and with itself however the body was cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  ModelScan whole;
  const ModelState state = whole.scan(body, true);
  if (state == ModelState::need_more) std::abort();

  ModelScan single;
  for (std::size_t i = 0; i < size; ++i) single.scan(std::string_view(body).substr(0, i), false);
  if (single.scan(body, true) != state || single.value() != whole.value()) std::abort();
  if (single.span().offset != whole.span().offset || single.span().size != whole.span().size) std::abort();
  compare(body, whole, state);
  return 0;
}
