#pragma once

#include <vector>

#include "collections.hpp"

// The rows about assistants, threads and the vector stores they search.
namespace spillway::lab {

std::vector<Collection> vector_stores();
std::vector<Collection> assistants_and_threads();

}  // namespace spillway::lab
