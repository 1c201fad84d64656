#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/http/model_splice.hpp"

// Ids of objects that live in one backend (responses, conversations, files, batches, threads, vector stores, …): where
// they stand in paths, requests and answers. Nothing here knows what an id is worth.
namespace spillway::http {

// A path of a stateful surface: below `responses`, `conversations`, `files`, `batches`, `threads`, `assistants`,
// `vector_stores`, `uploads`, `containers`, `fine_tuning`, `evals`, `videos`, `video/generations` or its `jobs`,
// whatever stands before (`/openai`, `/openai/v1`, `/v1`, a prefix); not below `deployments/{d}`, except its `batches`.
// Case of these words is ignored.
struct ObjectPath {
  // `responses`, `fine_tuning/jobs`, …: a view into the path. An action on a whole collection counts as one, such as
  // `threads/runs`, `responses/compact` or `files/import`.
  std::string_view collection;
  std::string_view id;      // of the object, raw (percent-encoded); empty: the collection itself
  bool is_object = false;   // the path ends at the id, or at an action on it: an answer is that object
  bool is_content = false;  // below the id is `content`: an answer is what somebody stored, and has no ids
};
std::optional<ObjectPath> object_path(std::string_view path) noexcept;

// Where text stands in a body: without the quotes around it.
using TextSpan = ModelSpan;

// Finds the strings of a JSON body that may be ids of objects: the value of `id` and of every key that refers to an
// object (`previous_response_id`, `conversation`, `file_id`, `file_ids`, `vector_store_ids`, …), at any depth, but
// nothing below `metadata`. Strings with escapes and those longer than `max_object_id` are none. A body that is not
// JSON gives what was found before it broke.
inline constexpr std::size_t max_object_id = 640;
std::vector<TextSpan> find_object_ids(std::string_view json);

// Passes an answer through and appends a mark to each id of an object, in JSON or in the data of server-sent events,
// wherever the pieces are cut; nothing else is changed, and every byte leaves in the call it came in.
//
// Marked are: keys that refer to an object, at any depth; `id` when its value begins as a known kind of object does
// (`resp_`, `conv_`, `file-`, …), or at the top (and in `response` of an event) when the answer is itself an object;
// `first_id` and `last_id` when they begin so. Nothing below `metadata`, no parts of an object (`msg_`, `run_`, …) but
// under keys that refer to one, no id that holds escapes or is longer than `max_object_id`. What is not JSON passes.
class ObjectIdMarker {
 public:
  enum class Body { json, event_stream };
  // Appends the mark of `id` to `out`.
  using Mark = std::function<void(std::string& out, std::string_view id)>;

  ObjectIdMarker(Body body, bool is_object, Mark mark);
  ~ObjectIdMarker();
  ObjectIdMarker(ObjectIdMarker&&) noexcept;
  ObjectIdMarker& operator=(ObjectIdMarker&&) noexcept;

  // Appends what becomes of `piece` to `out`.
  void feed(std::string_view piece, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spillway::http
