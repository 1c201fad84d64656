#pragma once

#include <string>
#include <string_view>

namespace spillway::http {

// Walks over the `; name=value` parameters of a Content-Type or Content-Disposition value (RFC 9110 5.6.6). A value is
// a quoted string, resolved, or whatever stands before the next semicolon.
class Parameters {
 public:
  explicit Parameters(std::string_view field) : rest_(field), first_(field.substr(0, field.find(';'))) {
    rest_.remove_prefix(first_.size());
  }

  // What stands before the parameters.
  std::string_view first() const noexcept { return first_; }
  bool next();
  // The list broke off: no `=`, or a quoted string that does not end.
  bool broken() const noexcept { return broken_; }

  std::string_view name() const noexcept { return name_; }
  const std::string& value() const noexcept { return value_; }

 private:
  bool take_quoted();

  std::string_view rest_;
  std::string_view first_;
  std::string_view name_;
  std::string value_;
  bool broken_ = false;
};

}  // namespace spillway::http
