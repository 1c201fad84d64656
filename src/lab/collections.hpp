#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"

// Which objects a resource keeps for its callers, and what may be done with them (docs/simulator.md). One row of the
// table in collections.cpp is one kind of object.
namespace spillway::lab {

struct ObjectCall;
struct Object;

// A member of a request that names objects of this resource: `tool_resources.file_search.vector_store_ids[]` is every
// item of that list.
struct Reference {
  std::string_view field;
  std::string_view collection;  // its path
};

// Something done with one object: `POST batches/{id}/cancel`.
struct ObjectAction {
  std::string_view method;
  std::string_view name;
  Answer (*answer)(ObjectCall& call);
};

enum class Model { none, optional, required };

struct Collection {
  static constexpr unsigned creates = 1;
  static constexpr unsigned lists = 2;
  static constexpr unsigned gets = 4;
  static constexpr unsigned updates = 8;
  static constexpr unsigned deletes = 16;

  std::string_view path;        // below `/openai` and `/openai/v1`; `*` stands for the id of the object above
  std::string_view object{};    // the member `object`
  std::string_view prefix{};    // of its ids
  std::size_t digits = 24;      // of the ids, behind the prefix
  unsigned allows = 0;          // of the five above
  std::string_view missing{};   // what is said about an unknown id, which stands for `{}`
  std::string_view deleted{};   // `object` of the answer to DELETE; empty: the object above is the answer
  std::string_view members{};   // JSON: the members an object has; a request's member of that name replaces one
  std::string_view required{};  // members a request to create must have, separated by spaces
  std::string_view stages{};    // what `status` becomes, one GET after another, separated by spaces
  Model model = Model::none;    // whether `model` names a deployment
  std::vector<Reference> references{};
  std::vector<ObjectAction> actions{};
  Answer (*create)(ObjectCall& call) = nullptr;                // instead of the usual way
  void (*finish)(ObjectCall& call, Object& object) = nullptr;  // the last stage is reached
};

const std::vector<Collection>& collections();
// The row with exactly this path, which must exist.
const Collection& collection(std::string_view path);
// What a request for a response may name.
const std::vector<Reference>& response_references();

// Where a path below the surface leads.
struct Place {
  const Collection* collection = nullptr;
  std::string parent;  // `threads/thread_1`, decoded; empty at the top
  std::string base;    // `threads/thread_1/messages`
  std::string id;      // empty: the collection itself
  const ObjectAction* action = nullptr;

  std::string path() const { return base + "/" + id; }
};

// Nothing when no collection has such a path, or not with this method.
std::optional<Place> find_place(std::string_view method, std::string_view path);

// The ids a body names in one field, in order.
std::vector<std::string> named_in(const Json& body, std::string_view field);

}  // namespace spillway::lab
