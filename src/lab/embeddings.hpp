#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "prompt.hpp"
#include "serving.hpp"

namespace spillway::lab {

// A vector of length 1 that depends on the text alone; equal texts have equal vectors.
std::vector<float> embedding_of(std::string_view text, std::size_t dimensions, std::uint64_t seed);

// The model's own length of a vector: 1536, or 3072 for the large one.
std::size_t embedding_dimensions(std::string_view model) noexcept;

// Numbers, or little-endian float32 in base64 with `encoding_format: base64`. Up to 2048 inputs.
Answer embeddings(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage);

}  // namespace spillway::lab
