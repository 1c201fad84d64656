#include "objects.hpp"

#include "spillway/http/object_ids.hpp"

namespace spillway::forward {
namespace {

using routing::OwnerMarks;

// Takes the marks out of one part of a request and notes whose they are.
class Restoring {
 public:
  Restoring(Objects& found, const OwnerMarks& marks, std::string_view text) noexcept
      : found_(found), marks_(marks), text_(text) {}

  // The piece of the text that may be a marked id.
  void look_at(std::string_view piece) {
    if (!OwnerMarks::looks_marked(piece)) return;
    const std::optional<OwnerMarks::Owned> owned = marks_.open(piece);
    if (!owned) return;
    found_.several_owners = found_.several_owners || (found_.owner && *found_.owner != owned->backend);
    found_.owner = owned->backend;
    const auto end = static_cast<std::size_t>(piece.data() - text_.data()) + piece.size();
    restored_.append(text_.substr(copied_, end - OwnerMarks::mark_size - copied_));
    copied_ = end;
  }

  std::optional<std::string> take() {
    if (copied_ == 0) return std::nullopt;
    restored_.append(text_.substr(copied_));
    return std::move(restored_);
  }

 private:
  Objects& found_;
  const OwnerMarks& marks_;
  std::string_view text_;
  std::string restored_;
  std::size_t copied_ = 0;
};

bool may_hold_marks(std::string_view text) noexcept {
  return text.find(OwnerMarks::sign) != std::string_view::npos;
}

// Every piece between the separators.
std::optional<std::string> restore(Objects& found, const OwnerMarks& marks, std::string_view text,
                                   std::string_view separators) {
  if (!may_hold_marks(text)) return std::nullopt;
  Restoring restoring(found, marks, text);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
    restoring.look_at(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return restoring.take();
}

}  // namespace

Objects find_objects(const http::RequestHead& head, std::string_view body, const OwnerMarks& marks) {
  Objects found;
  if (const std::optional<http::ObjectPath> path = http::object_path(head.path)) {
    found.makes_ids = !path->is_content;
    found.is_object = path->is_object || (head.method == "POST" && path->id.empty());
    found.in_path = !path->id.empty();
  }
  found.path = restore(found, marks, head.path, "/");
  found.query = restore(found, marks, head.query, "&=");
  if (may_hold_marks(body)) {
    Restoring restoring(found, marks, body);
    for (const http::TextSpan& span : http::find_object_ids(body))
      restoring.look_at(body.substr(span.offset, span.size));
    found.body = restoring.take();
  }
  return found;
}

}  // namespace spillway::forward
