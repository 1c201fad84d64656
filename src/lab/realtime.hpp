#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "dialogue.hpp"
#include "json.hpp"
#include "serving.hpp"

namespace spillway::lab {

// A realtime session: `session.update`, `conversation.item.create`, `response.create` and the audio buffer's events are
// answered as the service does, everything else with an `error` event. Answers are text.
class Realtime final : public Dialogue {
 public:
  // `preview`: events of the dated surface (`response.text.delta`), else those of v1 (`response.output_text.delta`).
  Realtime(const DeploymentConfig& deployment, std::uint64_t seed, bool preview, Generator& ids);

  std::vector<Piece> open() override;
  std::vector<Piece> hear(std::string_view text, Moment moment) override;

 private:
  void send(std::string_view type, const Json& members, Milliseconds pause = Milliseconds{0});
  void refuse(std::string_view message, std::string_view code, std::string_view param, const Json& event_id);
  void update(const Json& event);
  void add_item(const Json& event);
  void respond(const Json& event);

  DeploymentConfig deployment_;
  std::uint64_t seed_;
  bool preview_;
  Generator& ids_;
  Json session_;
  std::string last_item_;
  std::string last_words_;
  std::vector<Piece> out_;
};

}  // namespace spillway::lab
