#include "spillway/http/head.hpp"

#include "spillway/base/text.hpp"

namespace spillway::http {
namespace {

const Field* find_in(const std::vector<Field>& fields, FieldId id) noexcept {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

const Field* find_in(const std::vector<Field>& fields, std::string_view name) noexcept {
  for (const Field& field : fields) {
    if (iequals(field.name, name)) return &field;
  }
  return nullptr;
}

}  // namespace

const Field* RequestHead::find(FieldId id) const noexcept {
  return find_in(fields, id);
}
const Field* RequestHead::find(std::string_view name) const noexcept {
  return find_in(fields, name);
}
const Field* ResponseHead::find(FieldId id) const noexcept {
  return find_in(fields, id);
}
const Field* ResponseHead::find(std::string_view name) const noexcept {
  return find_in(fields, name);
}

}  // namespace spillway::http
