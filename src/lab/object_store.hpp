#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "call.hpp"
#include "collections.hpp"
#include "wording.hpp"

namespace spillway::lab {

// One kept object.
struct Object {
  const Collection* collection = nullptr;
  std::string path;  // `threads/thread_1/messages/msg_1`
  Json body;         // as GET answers it
  std::string content;
  std::size_t stage = 0;
  bool ended = false;  // its status does not change any more

  std::string id() const;
  void set_status(std::string_view status);
};

// The objects of one resource; ids made here are known here and nowhere else. Keeps the newest 200 000.
class ObjectStore {
 public:
  // Does what method and place of the call say.
  Answer answer(ObjectCall& call);
  // 404 for the first id in the body that is not known here.
  std::optional<Answer> unknown_reference(const Json& body, const std::vector<Reference>& references);

  // Null when there is none. Pointers stay good while the object lives.
  Object* find(const std::string& path);
  // In the order they were made.
  std::vector<Object*> children(const std::string& base);
  // Makes an object with an id of its own, or this one; `given` replaces members the collection has.
  Object& make(const Collection& collection, const std::string& base, const Json& given, Generator& ids,
               std::int64_t created, std::string id = {});
  // With all that belongs to it.
  void erase(const std::string& path);
  void clear();

 private:
  Answer create(ObjectCall& call);
  Answer list(const ObjectCall& call);
  Answer update(ObjectCall& call);
  Answer remove(const ObjectCall& call);
  void advance(ObjectCall& call, Object& object);

  std::map<std::uint64_t, Object> objects_;  // by their number
  std::map<std::string, std::uint64_t> numbers_;
  std::uint64_t next_ = 0;
};

// A request that leads to an object or a collection.
struct ObjectCall {
  ObjectStore& store;
  Place place;
  std::string_view method;
  std::string_view query;
  Json body;              // an object; of a form its fields, a file as its name
  std::string content{};  // of a form's file
  Surface surface = Surface::v1;
  std::int64_t created = 0;
  std::uint64_t seed = 1;
  Generator& ids;
  Object* object = nullptr;  // the one the path names

  Object& make(std::string_view collection, const std::string& base, const Json& given, std::string id = {});
};

// Takes the body over, JSON or a form. 400 when it is neither.
std::optional<Answer> read_object_body(const Request& request, ObjectCall& call);

}  // namespace spillway::lab
