#include "object_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "form.hpp"
#include "object_actions.hpp"
#include "spillway/base/text.hpp"
#include "spillway/http/target.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t most_objects = 200'000;
constexpr std::size_t usual_page = 20;
constexpr std::size_t largest_page = 10'000;
constexpr std::string_view form_type = "multipart/form-data";

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    out.push_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return out;
}

std::string_view last_segment(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

Answer missing(const Collection& collection, std::string_view id) {
  std::string message(collection.missing);
  if (const std::size_t at = message.find("{}"); at != std::string::npos) message.replace(at, 2, id);
  return errors::no_such_object(message);
}

// The collection the objects above belong to: `threads` for `threads/*/messages`.
const Collection& above(const Collection& below) {
  return collection(below.path.substr(0, below.path.rfind("/*")));
}

}  // namespace

std::string Object::id() const {
  return text_of(member(body, "id"));
}

void Object::set_status(std::string_view status) {
  body["status"] = status;
}

Object& ObjectCall::make(std::string_view path, const std::string& base, const Json& given, std::string id) {
  return store.make(collection(path), base, given, ids, created, std::move(id));
}

Answer ObjectStore::answer(ObjectCall& call) {
  // Before the call holds on to any object.
  while (objects_.size() > most_objects) erase(std::string(objects_.begin()->second.path));
  const Place& place = call.place;
  if (!place.parent.empty() && find(place.parent) == nullptr) {
    return missing(above(*place.collection), last_segment(place.parent));
  }
  if (place.id.empty()) return call.method == "POST" ? create(call) : list(call);
  call.object = find(place.path());
  if (call.object == nullptr) return missing(*place.collection, place.id);
  if (place.action != nullptr) return place.action->answer(call);
  if (call.method == "POST") return update(call);
  if (call.method == "DELETE") return remove(call);
  advance(call, *call.object);
  return json_answer(200, call.object->body);
}

std::optional<Answer> ObjectStore::unknown_reference(const Json& body, const std::vector<Reference>& references) {
  for (const Reference& reference : references) {
    for (const std::string& id : named_in(body, reference.field)) {
      if (find(std::string(reference.collection) + "/" + id) == nullptr) {
        return missing(collection(reference.collection), id);
      }
    }
  }
  return std::nullopt;
}

Answer ObjectStore::create(ObjectCall& call) {
  const Collection& collection = *call.place.collection;
  for (const std::string_view name : words(collection.required)) {
    if (!member(call.body, name).is_null()) continue;
    return errors::invalid_request("Missing required parameter: '" + std::string(name) + "'.", name,
                                   "missing_required_parameter");
  }
  if (auto refused = unknown_reference(call.body, collection.references)) return *refused;
  return collection.create != nullptr ? collection.create(call) : create_object(call);
}

Answer ObjectStore::list(const ObjectCall& call) {
  std::vector<Object*> all = children(call.place.base);
  if (http::query_value(call.query, "order").value_or("desc") == "desc") std::reverse(all.begin(), all.end());
  if (const auto after = http::query_value(call.query, "after")) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Object* one) { return one->id() == *after; });
    all.erase(all.begin(), found == all.end() ? found : found + 1);
  }
  const auto asked = parse_number<std::size_t>(http::query_value(call.query, "limit").value_or(""));
  const std::size_t most = std::min(asked.value_or(usual_page), largest_page);
  const bool more = all.size() > most;
  if (more) all.resize(most);
  Json data = Json::array();
  for (const Object* one : all) data.push_back(one->body);
  return json_answer(200, {{"object", "list"},
                           {"data", data},
                           {"first_id", all.empty() ? Json() : Json(all.front()->id())},
                           {"last_id", all.empty() ? Json() : Json(all.back()->id())},
                           {"has_more", more}});
}

Answer ObjectStore::update(ObjectCall& call) {
  const Collection& collection = *call.place.collection;
  if (auto refused = unknown_reference(call.body, collection.references)) return *refused;
  const Json members = parse_json(collection.members).value_or(Json::object());
  for (const auto& [key, value] : members.items()) {
    if (call.body.contains(key)) call.object->body[key] = call.body[key];
  }
  return json_answer(200, call.object->body);
}

Answer ObjectStore::remove(const ObjectCall& call) {
  const std::string_view deleted = call.place.collection->deleted;
  const std::string id = call.object->id();
  erase(call.place.path());
  if (deleted.empty()) return json_answer(200, find(call.place.parent)->body);
  return json_answer(200, {{"id", id}, {"object", deleted}, {"deleted", true}});
}

void ObjectStore::advance(ObjectCall& call, Object& object) {
  const std::vector<std::string_view> stages = words(object.collection->stages);
  if (object.ended || object.stage + 1 >= stages.size()) return;
  object.set_status(stages[++object.stage]);
  if (object.stage + 1 < stages.size()) return;
  object.ended = true;
  if (object.collection->finish != nullptr) object.collection->finish(call, object);
}

Object* ObjectStore::find(const std::string& path) {
  const auto found = numbers_.find(path);
  return found == numbers_.end() ? nullptr : &objects_.at(found->second);
}

std::vector<Object*> ObjectStore::children(const std::string& base) {
  const std::string prefix = base + "/";
  std::vector<std::uint64_t> numbers;
  for (auto at = numbers_.lower_bound(prefix); at != numbers_.end() && at->first.compare(0, prefix.size(), prefix) == 0;
       ++at) {
    // What belongs to a child has a longer path.
    if (at->first.find('/', prefix.size()) == std::string::npos) numbers.push_back(at->second);
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<Object*> out;
  for (const std::uint64_t number : numbers) out.push_back(&objects_.at(number));
  return out;
}

Object& ObjectStore::make(const Collection& collection, const std::string& base, const Json& given, Generator& ids,
                          std::int64_t created, std::string id) {
  if (id.empty()) id = std::string(collection.prefix) + ids.hex(collection.digits);
  Object object;
  object.collection = &collection;
  object.path = base + "/" + id;
  object.body = {{"id", id}};
  if (!collection.object.empty()) {
    object.body["object"] = collection.object;
    object.body["created_at"] = created;
  }
  const Json members = parse_json(collection.members).value_or(Json::object());
  for (const auto& [key, value] : members.items()) {
    object.body[key] = given.contains(key) ? given[key] : value;
  }
  if (collection.path.find('*') != std::string_view::npos) {
    // `thread.run` is the object above of a step, which calls it `run_id`.
    const std::string_view name = above(collection).object;
    const std::string key = std::string(name.substr(name.rfind('.') + 1)) + "_id";
    const std::string_view owner = std::string_view(base).substr(0, base.rfind('/'));
    if (object.body.contains(key)) object.body[key] = last_segment(owner);
  }
  if (const auto stages = words(collection.stages); !stages.empty()) object.set_status(stages.front());
  object.ended = text_of(member(object.body, "status")) == "completed";
  erase(object.path);
  numbers_[object.path] = next_;
  return objects_[next_++] = std::move(object);
}

void ObjectStore::erase(const std::string& path) {
  const auto drop = [this](std::map<std::string, std::uint64_t>::iterator at) {
    objects_.erase(at->second);
    return numbers_.erase(at);
  };
  if (const auto own = numbers_.find(path); own != numbers_.end()) drop(own);
  const std::string below = path + "/";
  for (auto at = numbers_.lower_bound(below); at != numbers_.end() && at->first.compare(0, below.size(), below) == 0;) {
    at = drop(at);
  }
}

void ObjectStore::clear() {
  objects_.clear();
  numbers_.clear();
}

std::optional<Answer> read_object_body(const Request& request, ObjectCall& call) {
  call.body = Json::object();
  if (request.body.empty()) return std::nullopt;
  if (iequals(request.field("content-type").substr(0, form_type.size()), form_type)) {
    const auto form = read_form(request.field("content-type"), request.body);
    if (!form) return errors::invalid_request("We could not parse the multipart body of your request.");
    for (const FormPart& part : form->parts) {
      const bool file = !part.file_name.empty() || part.name == "data";
      call.body[part.name] = file ? part.file_name : std::string(part.content);
      if (file) call.content = std::string(part.content);
    }
    return std::nullopt;
  }
  auto body = parse_json(request.body);
  if (!body || !body->is_object()) return errors::invalid_json();
  call.body = std::move(*body);
  return std::nullopt;
}

}  // namespace spillway::lab
