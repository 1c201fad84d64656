#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Texts from servers, made fit to be shown.
namespace spillway::lab {

// Without anything that steers a terminal or a reader's eye: control characters (C0, C1, DEL), marks that turn the
// direction of writing (U+202A to U+202E, U+2066 to U+2069, U+200E, U+200F, U+061C) and bytes that are no UTF-8 become
// U+FFFD, one for each.
std::string printable(std::string_view text);

// printable, and `& < > " '` as character references: fit for HTML text and for quoted attributes.
std::string html_text(std::string_view text);

// How many code points printable text has: near enough to its width in a terminal.
std::size_t width(std::string_view text) noexcept;

// Printable, padded with spaces to `columns`; a longer text is cut and ends in `…`.
std::string fitted(std::string_view text, std::size_t columns);

}  // namespace spillway::lab
