#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "answer.hpp"
#include "collections.hpp"
#include "lab_config.hpp"

// Which operation of Azure's surface a request is.
namespace spillway::lab {

enum class Operation {
  unknown,
  chat_completions,
  completions,
  embeddings,
  image_generations,
  image_edits,
  transcriptions,
  translations,
  speech,
  realtime,
  responses_socket,
  create_response,
  get_response,
  delete_response,
  cancel_response,
  response_input_items,
  list_models,
  get_model,
  object,  // of a collection (collections.hpp)
};

// As Azure's messages name it: `ChatCompletions_Create`.
std::string_view azure_name(Operation operation) noexcept;
// Needs a deployment: from the path on classic paths, else from the body.
bool uses_deployment(Operation operation) noexcept;
// The body is multipart/form-data.
bool takes_form(Operation operation) noexcept;

enum class Surface { none, classic, v1 };

struct Call {
  Operation operation = Operation::unknown;
  Surface surface = Surface::none;
  bool deployment_in_path = false;  // or, of a realtime call, in the query
  std::string deployment;           // decoded; empty when there is none
  std::string id;                   // of the response or model in the path, decoded
  std::optional<Place> place;       // of an object call
  std::string api_version;          // as given; empty = none
};

// Reads method, path and query; never fails, an unknown path is Operation::unknown. An OpenAI resource has `/v1/…`
// only.
Call read_call(const Request& request, Api api = Api::azure);

// The body of a call about an object may name a deployment as its model.
bool names_model(const Call& call, std::string_view method) noexcept;

enum class VersionCheck { ok, not_found, not_supported };
// Classic paths need a dated version, `2024-10-21` or `2025-04-01-preview`; v1 takes none, `v1` or `preview`. OpenAI
// looks at none.
VersionCheck check_version(const Call& call, Api api = Api::azure);

// Whether a model of that name does this. Families are known by their names (`text-embedding-…`, `whisper…`); a model
// of no known family does everything.
bool supports(std::string_view model, Operation operation) noexcept;

}  // namespace spillway::lab
