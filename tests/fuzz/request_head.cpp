#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spillway/http/reader.hpp"

using namespace spillway::http;

// A head is understood the same in one piece and byte by byte, and what is accepted keeps to the profile.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const HeadLimits limits{4096, 20};
  RequestReader whole(limits);
  const ReadState state = whole.parse(bytes);

  RequestReader single(limits);
  ReadState last = single.parse({});
  for (std::size_t i = 1; i <= size && last == ReadState::need_more; ++i)
    last = single.parse(std::string_view(bytes).substr(0, i));
  if (state != last) std::abort();
  if (state == ReadState::rejected && whole.rejection().status != single.rejection().status) std::abort();
  if (state != ReadState::complete) return 0;

  const RequestHead& head = whole.head();
  if (whole.size() != single.size() || whole.size() > limits.max_size || head.path != single.head().path) std::abort();
  if (head.fields.size() != single.head().fields.size() || head.fields.size() > limits.max_fields) std::abort();
  if (!bytes.substr(0, whole.size()).ends_with("\r\n\r\n")) std::abort();
  if (head.path.empty() || head.path.front() != '/' || head.path.find("//") != std::string_view::npos) std::abort();
  const bool coded = head.find(FieldId::transfer_encoding) != nullptr;
  const bool sized = head.find(FieldId::content_length) != nullptr;
  if (coded && sized) std::abort();
  if ((head.framing == Framing::chunked) != coded || (head.framing == Framing::length) != sized) std::abort();
  for (const Field& field : head.fields) {
    if (field.name.empty() || field.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
      std::abort();
  }
  return 0;
}
