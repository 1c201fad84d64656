#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "object_actions.hpp"
#include "resource.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

// What a resource does about the objects it keeps.
namespace spillway::lab {

Answer Resource::create_response(const Json& body, const Prompt& prompt, const Serving& serving, TimePoint now,
                                 Usage& usage) {
  if (auto refused = objects_.unknown_reference(body, response_references())) return *refused;
  const ResponseStore::Created created = responses_.create(body, prompt, serving, now, usage);
  for (const std::string_view field : {"conversation", "conversation.id"}) {
    for (const std::string& id : named_in(body, field)) append_items(objects_, id, created.items, ids_);
  }
  return created.answer;
}

Answer Resource::stored_response(const Call& call, const Request& request, Moment moment) {
  const auto query = [&](std::string_view name) { return http::query_value(request.query, name).value_or(""); };
  switch (call.operation) {
    case Operation::get_response:
      return responses_.get(call.id, query("stream") == "true",
                            parse_number<std::int64_t>(query("starting_after")).value_or(-1), moment.now);
    case Operation::delete_response: return responses_.remove(call.id);
    case Operation::cancel_response: return responses_.cancel(call.id, moment.now);
    case Operation::response_input_items: return responses_.input_items(call.id);
    default: return models(call.id, moment);
  }
}

Answer Resource::object_call(const Call& call, const Request& request, Moment moment, const Deployment* served,
                             const std::string& model) {
  ObjectCall object{.store = objects_,
                    .place = *call.place,
                    .method = request.method,
                    .query = request.query,
                    .body = Json::object(),
                    .surface = call.surface,
                    .created = moment.unix_seconds,
                    .seed = seed_,
                    .ids = ids_};
  if (auto refused = read_object_body(request, object)) return *refused;
  if (names_model(call, request.method)) {
    if (!model.empty() && served == nullptr) return errors::deployment_not_found();
    if (model.empty() && call.place->id.empty() && call.place->collection->model == Model::required) {
      return errors::model_missing();
    }
  }
  return objects_.answer(object);
}

}  // namespace spillway::lab
