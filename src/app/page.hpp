#pragma once

#include <string>
#include <string_view>

namespace spillway::app {

// The files of src/app/page, put into the program when it is built.
extern const std::string_view page_document;  // with `{{style}}` and `{{script}}` where those belong
extern const std::string_view page_style;
extern const std::string_view page_script;

// The page of `/`: one document that loads nothing from anywhere and asks only `/status` of where it came from.
struct Page {
  std::string document;
  // Content-Security-Policy (CSP level 3): this style and this script by their hashes, requests to where the page came
  // from, and nothing else.
  std::string policy;
};
const Page& page();

}  // namespace spillway::app
