#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/error.hpp"
#include "spillway/config/config.hpp"

namespace spillway::config {

// One thing wrong with a file. `line` and `column` count from 1; 0 = not tied to a place.
struct Problem {
  int line = 0;
  int column = 0;
  std::string path;     // `pools[0].members[1].backend`; empty for the file as a whole
  std::string message;  // what is wrong (what would be right)
};

// `FILE:LINE:COLUMN: path.to.field: what is wrong (what would be right)`; without a place `FILE: what is wrong`. One
// line.
std::string format(const Problem& problem, std::string_view file);

// A file the configuration refers to, whether it could be read or not.
struct UsedFile {
  std::string path;
  bool secret = false;  // it holds a key or a password
  bool hidden = false;  // its name came from `${...}` and must not be shown
  Problem where;        // where it is named first, without a message
};

// A secret of Key Vault that the configuration refers to.
struct UsedVaultSecret {
  VaultSecret secret;
  Problem where;  // where it is named first, without a message
};

struct Loaded {
  std::shared_ptr<const Config> config;  // null when there are problems
  std::vector<Problem> problems;         // in file order
  std::vector<Problem> warnings;         // worth saying, not worth refusing
  std::vector<UsedFile> files;           // each once, in the order of reading
  std::vector<UsedVaultSecret> secrets;  // each once, in file order
  Secret text;                           // the file's bytes, when it could be read
  std::string sha256;                    // of these, lower-case hexadecimal
};

// Where values of `${NAME}` come from; tests give their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// How the files a configuration refers to are read: certificates, keys, CA files, `${file:...}`. Relative paths are
// taken from the working directory. Tests and the fuzzer give their own.
using FileReader = std::function<Result<std::string>(const std::string& path)>;
FileReader process_files();

// What a secret of Key Vault holds. Never fails: for one that has not been fetched, a value to check everything else
// with.
using VaultReader = std::function<std::string(const VaultSecret& secret)>;
// A value of its own for each secret, and nobody's key: whoever serves must not take it for the real one.
std::string stand_in(const VaultSecret& secret);

// Where everything comes from that is not in the file itself.
struct Sources {
  Environment environment = process_environment();
  FileReader files = process_files();
  VaultReader vault = stand_in;
};

// Reads, checks and completes a configuration. Also reads what it refers to, to check it.
// Never throws for anything the user can cause; all problems are reported at once. No message holds a secret or any
// other value that came from `${...}`. `now`: to warn about what is past. `load_file` also warns about secrets in files
// that others than root and the process's user may read or change.
Loaded load_file(const std::string& file, WallTime now, const Sources& sources = {});
Loaded load_text(std::string_view yaml, const Sources& sources, WallTime now = {});

// Listeners, routes and pools in a few lines, and what is to be fetched, for `spillway check`. Holds no secret.
std::string summary(const Config& config, const std::vector<UsedVaultSecret>& secrets = {});

// docs/configuration.md, made from the same table that parses the file.
std::string reference();

}  // namespace spillway::config
