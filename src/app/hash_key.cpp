#include "hash_key.hpp"

#include <openssl/rand.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include "spillway/base/base64url.hpp"
#include "spillway/base/text.hpp"
#include "spillway/config/client_key.hpp"
#include "spillway/config/secret.hpp"

namespace spillway::app {
namespace {

std::string written_hash(std::string_view key) {
  return "sha256:" + to_hex(config::key_digest(key));
}

// Keeps a terminal from showing what is typed. Keys that send signals are off too, so that the terminal is never left
// silent.
class Silence {
 public:
  Silence() {
    terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  bool terminal() const noexcept { return terminal_; }

 private:
  termios before_{};
  bool terminal_ = false;
};

}  // namespace

int hash_key(std::istream& in, bool more_may_follow, std::ostream& out, std::ostream& err) {
  std::string line;
  std::getline(in, line);
  if (line.ends_with('\r')) line.pop_back();
  const config::Secret key(std::move(line));
  if (key.empty()) {
    err << "no key was given (one line on standard input)\n";
    return 1;
  }
  const std::string_view text = key.reveal();
  if (!more_may_follow && in.peek() != std::istream::traits_type::eof()) {
    err << "more than one line was given (one key at a time)\n";
    return 1;
  }
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; })) {
    err << "the key holds a character that cannot be part of a key (printable ASCII without spaces)\n";
    return 1;
  }
  out << written_hash(text) << "\n";
  return 0;
}

int hash_typed_key() {
  const Silence silence;
  if (silence.terminal()) std::cerr << "Key: " << std::flush;
  const int code = hash_key(std::cin, silence.terminal(), std::cout, std::cerr);
  if (silence.terminal()) std::cerr << "\n";
  return code;
}

int generate_key(std::ostream& out, std::ostream& err) {
  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    err << "the machine gives no random bytes\n";
    return 1;
  }
  const std::string key = base64url(random);
  out << "key: " << key << "\nhash: " << written_hash(key) << "\n";
  return 0;
}

}  // namespace spillway::app
