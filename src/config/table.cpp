#include "table.hpp"

namespace spillway::config {

std::vector<std::string_view> Section::keys() const {
  std::vector<std::string_view> keys;
  for (const FieldDoc& doc : docs) keys.push_back(doc.key);
  return keys;
}

}  // namespace spillway::config
