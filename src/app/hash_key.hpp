#pragma once

#include <iosfwd>

namespace spillway::app {

// `spillway hash-key`: reads one key, a line, from `in` and prints it as `clients[].keys` takes it: `sha256:` and 64
// hexadecimal digits. What is no key (empty, more than a line, characters that no header carries) is an error: 1, and a
// message on `err` that does not show it. `more_may_follow`: a terminal, which is not asked for its end. Returns the
// exit code.
int hash_key(std::istream& in, bool more_may_follow, std::ostream& out, std::ostream& err);

// The same on standard input, which does not echo when it is a terminal.
int hash_typed_key();

// `--generate`: prints a new key of 32 random bytes in base64url (RFC 4648 5), and its hash.
int generate_key(std::ostream& out, std::ostream& err);

}  // namespace spillway::app
