#pragma once

#include <string>
#include <string_view>

#include "spillway/config/load.hpp"

namespace spillway::config {

struct Substitution {
  std::string value;
  bool substituted = false;  // at least one value came from outside
  bool from_vault = false;   // and at least one of those from Key Vault
  std::string problem;  // not empty: the value is not usable, and why. Names variables and files, never their values.
};

// Replaces every `${NAME}`, `${NAME:-default}` (used when the variable is not set or empty), `${file:PATH}` (one
// trailing line end taken off) and `${keyvault:URL}` of a scalar. `$${` stands for a literal `${`; any other `$` for
// itself. What is put in is not looked at again.
Substitution substitute(std::string_view text, const Sources& sources);

}  // namespace spillway::config
