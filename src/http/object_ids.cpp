#include "spillway/http/object_ids.hpp"

#include <algorithm>
#include <array>

#include "id_scanner.hpp"
#include "sse_data.hpp"

namespace spillway::http {
namespace {

using Found = IdScanner::Found;

// How the ids of objects begin that lead an answer's reader to a backend. `assistant-` is a file's on Azure, `task_`
// and `gen_` are a video's.
constexpr std::array<std::string_view, 16> kinds = {"resp_",  "conv_",  "file-",   "file_", "assistant-", "batch_",
                                                    "ftjob-", "asst_",  "thread_", "vs_",   "upload_",    "cntr_",
                                                    "eval_",  "video_", "task_",   "gen_"};

// How the ids begin of what is only ever reached below another object.
constexpr std::array<std::string_view, 12> parts = {"msg_",   "run_",  "step_", "vsfb_",    "rs_",      "fc_",
                                                    "cfile_", "part_", "item_", "evalrun_", "ftevent-", "ftckpt_"};

bool begins_as(std::string_view id, const auto& beginnings) noexcept {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return id.starts_with(beginning); });
}

}  // namespace

std::vector<TextSpan> find_object_ids(std::string_view json) {
  std::vector<TextSpan> spans;
  IdScanner scanner(false);
  for (std::size_t at = 0; at < json.size();) {
    at = scanner.scan(json, at);
    const std::size_t size = scanner.id().size();
    if (scanner.found() != Found::nothing) spans.push_back({at - 1 - size, size});
  }
  return spans;
}

struct ObjectIdMarker::State {
  Body body;
  bool is_object;
  Mark mark;
  IdScanner scanner;
  SseData events;

  State(Body of, bool object, Mark with)
      : body(of), is_object(object), mark(std::move(with)), scanner(of == Body::event_stream) {}

  bool names_an_object() const {
    switch (scanner.found()) {
      case Found::nothing: return false;
      case Found::reference: return true;
      case Found::cursor:
      case Found::id: return begins_as(scanner.id(), kinds);
      case Found::top_id: return begins_as(scanner.id(), kinds) || (is_object && !begins_as(scanner.id(), parts));
    }
    return false;
  }

  void feed_json(std::string_view text, std::string& out) {
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size();) {
      at = scanner.scan(text, at);
      if (!names_an_object()) continue;
      out += text.substr(done, at - 1 - done);
      mark(out, scanner.id());
      done = at - 1;
    }
    out += text.substr(done);
  }

  void feed_events(std::string_view piece, std::string& out) {
    while (!piece.empty()) {
      const SseData::Run run = events.take(piece);
      const std::string_view text = piece.substr(0, run.size);
      piece.remove_prefix(run.size);
      if (run.kind == SseData::Kind::data) {
        feed_json(text, out);
        continue;
      }
      out += text;
      if (run.kind == SseData::Kind::new_line) scanner.scan("\n", 0);
      if (run.kind == SseData::Kind::end) scanner.restart();
    }
  }
};

ObjectIdMarker::ObjectIdMarker(Body body, bool is_object, Mark mark)
    : state_(std::make_unique<State>(body, is_object, std::move(mark))) {}
ObjectIdMarker::~ObjectIdMarker() = default;
ObjectIdMarker::ObjectIdMarker(ObjectIdMarker&&) noexcept = default;
ObjectIdMarker& ObjectIdMarker::operator=(ObjectIdMarker&&) noexcept = default;

void ObjectIdMarker::feed(std::string_view piece, std::string& out) {
  if (state_->body == Body::json) {
    state_->feed_json(piece, out);
  } else {
    state_->feed_events(piece, out);
  }
}

}  // namespace spillway::http
