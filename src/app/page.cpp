#include "page.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace spillway::app {
namespace {

void fill(std::string& document, std::string_view place, std::string_view with) {
  const std::size_t at = document.find(place);
  if (at == std::string::npos) throw std::logic_error("the page has no " + std::string(place));
  document.replace(at, place.size(), with);
}

std::string hash_source(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not to be had");
  std::array<unsigned char, 45> encoded{};  // of 32 bytes, with its end
  EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return "'sha256-" + std::string(encoded.begin(), encoded.end() - 1) + "'";
}

Page make() {
  Page page;
  page.document = page_document;
  fill(page.document, "{{style}}", page_style);
  fill(page.document, "{{script}}", page_script);
  page.policy = "default-src 'none'; script-src " + hash_source(page_script) + "; style-src " +
                hash_source(page_style) +
                "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return page;
}

}  // namespace

const Page& page() {
  static const Page made = make();
  return made;
}

}  // namespace spillway::app
