#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "spillway/http/head.hpp"
#include "spillway/routing/owner_marks.hpp"

// Which backend the objects live in that a request is about. Pure.
namespace spillway::forward {

struct Objects {
  std::optional<std::size_t> owner;  // index into the configuration's backends
  bool several_owners = false;       // no backend can know them all
  bool makes_ids = false;            // the answer may hold ids of objects, to be marked
  bool is_object = false;            // an answer to it is one object, not a list
  bool in_path = false;              // the path holds an object's id, marked or not

  // What came, with the ids as their backend made them; nothing where no id was marked.
  std::optional<std::string> path;
  std::optional<std::string> query;
  std::optional<std::string> body;
};

// `body` is what is there of it. Ids without a mark of ours are left alone, and have no owner.
Objects find_objects(const http::RequestHead& head, std::string_view body, const routing::OwnerMarks& marks);

}  // namespace spillway::forward
