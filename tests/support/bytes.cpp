#include "bytes.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <random>

namespace spillway::test {

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(generator());
  return bytes;
}

std::string long_chat_body(std::size_t size, const std::string& model) {
  std::mt19937 generator(2);
  std::string text(size, ' ');
  for (char& byte : text) byte = static_cast<char>('a' + generator() % 26);
  return "{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}],\"model\":\"" + model + "\"}";
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", digest[i]);
    text += two;
  }
  return text;
}

std::string in_chunks(std::string_view body, std::size_t size) {
  std::string bytes;
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, size);
    char line[20];
    std::snprintf(line, sizeof line, "%zx\r\n", piece.size());
    bytes.append(line).append(piece).append("\r\n");
    body.remove_prefix(piece.size());
  }
  return bytes + "0\r\n\r\n";
}

}  // namespace spillway::test
