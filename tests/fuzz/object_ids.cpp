#include "spillway/http/object_ids.hpp"

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

using namespace spillway::http;

namespace {

using Body = ObjectIdMarker::Body;

// A byte that stands for a mark: texts that hold one are not looked at.
constexpr char sign = '\x01';

ObjectIdMarker marker(Body body, bool is_object) {
  return {body, is_object, [](std::string& out, std::string_view) { out += sign; }};
}

// Nothing but marks is added, and the same ones however the text is cut.
std::string check_marks(std::string_view text, Body body, bool is_object) {
  std::string whole;
  marker(body, is_object).feed(text, whole);
  std::string without;
  for (const char c : whole)
    if (c != sign) without += c;
  if (without != text) std::abort();

  ObjectIdMarker single = marker(body, is_object);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t before = out.size();
    single.feed(text.substr(at, 1), out);
    if (out.size() == before) std::abort();
  }
  if (out != whole) std::abort();
  for (std::size_t cut = 1; cut < text.size(); cut += 1 + text.size() / 64) {
    ObjectIdMarker two = marker(body, is_object);
    out.clear();
    two.feed(text.substr(0, cut), out);
    two.feed(text.substr(cut), out);
    if (out != whole) std::abort();
  }
  return whole;
}

// The text stays JSON, and every id found is a string of it.
void check_spans(const std::string& text, const std::string& marked) {
  std::size_t end = 0;
  for (const TextSpan& span : find_object_ids(text)) {
    if (span.offset <= end || span.size > max_object_id || span.offset + span.size >= text.size()) std::abort();
    if (text[span.offset - 1] != '"' || text[span.offset + span.size] != '"') std::abort();
    end = span.offset + span.size;
    if (text.substr(span.offset, span.size).find_first_of("\"\\") != std::string::npos) std::abort();
  }
  if (!nlohmann::json::accept(text)) return;
  std::string visible = marked;
  for (char& c : visible) c = c == sign ? '@' : c;
  if (!nlohmann::json::accept(visible)) std::abort();
}

void check_path(std::string_view path) {
  const auto found = object_path(path);
  if (!found) return;
  const auto within = [&](std::string_view part) {
    return part.data() >= path.data() && part.data() + part.size() <= path.data() + path.size();
  };
  if (found->collection.empty() || !within(found->collection)) std::abort();
  if (!found->id.empty() && !within(found->id)) std::abort();
  if (found->id.empty() && (found->is_object || found->is_content)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_path(text);
  if (text.find(sign) != std::string::npos) return 0;
  for (const bool is_object : {false, true}) {
    check_spans(text, check_marks(text, Body::json, is_object));
    check_marks(text, Body::event_stream, is_object);
  }
  return 0;
}
