#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "answer.hpp"
#include "prompt.hpp"
#include "serving.hpp"

namespace spillway::lab {

// The Responses of one resource: ids made here are known here and nowhere else. Keeps the newest 30 000.
class ResponseStore {
 public:
  // `items`: what a conversation remembers of it, the input and what was said.
  struct Created {
    Answer answer;
    Json items;
  };
  // `POST /responses`: whole, streamed (`stream`) or in the background (`background`).
  Created create(const Json& body, const Prompt& prompt, const Serving& serving, TimePoint now, Usage& usage);
  // `GET /responses/{id}`; with `stream` the events after number `after`.
  Answer get(const std::string& id, bool stream, std::int64_t after, TimePoint now) const;
  Answer remove(const std::string& id);
  Answer cancel(const std::string& id, TimePoint now);
  Answer input_items(const std::string& id) const;
  void clear();

 private:
  struct Stored;
  void keep(const std::string& id, std::shared_ptr<Stored> stored);

  std::map<std::string, std::shared_ptr<Stored>> responses_;
  std::deque<std::string> order_;
};

}  // namespace spillway::lab
