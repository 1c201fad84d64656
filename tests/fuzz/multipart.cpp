#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spillway/http/multipart.hpp"

using namespace spillway::http;

// The first line is a Content-Type, the rest a body. The scan agrees with itself however the body was cut, and a found
// model can be replaced and found again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const auto declared = multipart_boundary(input.substr(0, line));
  const std::string boundary = declared.value_or("XX");
  const std::string body(line == std::string_view::npos ? std::string_view{} : input.substr(line + 1));

  MultipartModelScan whole(boundary);
  const ModelState state = whole.scan(body, true);
  if (state == ModelState::need_more) std::abort();

  MultipartModelScan single(boundary);
  for (std::size_t i = 0; i < body.size(); ++i) single.scan(std::string_view(body).substr(0, i), false);
  if (single.scan(body, true) != state || single.value() != whole.value()) std::abort();
  if (state != ModelState::found) return 0;
  if (body.substr(whole.span().offset, whole.span().size) != whole.value()) std::abort();

  std::string replaced = body;
  replaced.replace(whole.span().offset, whole.span().size, "other");
  MultipartModelScan again(boundary);
  const bool shares_line_end = whole.span().size == 0;  // an empty part may borrow the line end of its head
  if (again.scan(replaced, true) != ModelState::found && !shares_line_end) std::abort();
  if (!shares_line_end && again.value() != "other") std::abort();
  return 0;
}
