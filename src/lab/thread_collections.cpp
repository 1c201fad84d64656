#include "thread_collections.hpp"

#include "object_actions.hpp"

namespace spillway::lab {
namespace {

constexpr unsigned creates = Collection::creates;
constexpr unsigned lists = Collection::lists;
constexpr unsigned gets = Collection::gets;
constexpr unsigned updates = Collection::updates;
constexpr unsigned deletes = Collection::deletes;

}  // namespace

std::vector<Collection> vector_stores() {
  return {
      {.path = "vector_stores",
       .object = "vector_store",
       .prefix = "vs_",
       .allows = creates | lists | gets | updates | deletes,
       .missing = "No vector store found with id '{}'.",
       .deleted = "vector_store.deleted",
       .members = R"({"name":null,"status":"completed","usage_bytes":0,"expires_after":null,"metadata":{},)"
                  R"("file_counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0,"total":0}})",
       .references = {{"file_ids[]", "files"}},
       .actions = {{"POST", "search", search_vector_store}},
       .create = create_vector_store},
      {.path = "vector_stores/*/files",
       .object = "vector_store.file",
       .allows = creates | lists | gets | updates | deletes,
       .missing = "No file found with id '{}' in vector store.",
       .deleted = "vector_store.file.deleted",
       .members = R"({"vector_store_id":"","usage_bytes":0,"status":"completed","last_error":null,"attributes":{}})",
       .required = "file_id",
       .references = {{"file_id", "files"}},
       .create = create_vector_store_file},
      {.path = "vector_stores/*/file_batches",
       .object = "vector_store.file_batch",
       .prefix = "vsfb_",
       .allows = creates | gets,
       .missing = "No file batch found with id '{}'.",
       .members = R"({"vector_store_id":"","status":"completed",)"
                  R"("file_counts":{"in_progress":0,"completed":0,"failed":0,"cancelled":0,"total":0}})",
       .required = "file_ids",
       .references = {{"file_ids[]", "files"}},
       .actions = {{"POST", "cancel", cancel_object}, {"GET", "files", list_batch_files}},
       .create = create_file_batch},
  };
}

std::vector<Collection> assistants_and_threads() {
  return {
      {.path = "threads/runs",
       .allows = creates,
       .required = "assistant_id",
       .model = Model::optional,
       .references = {{"assistant_id", "assistants"}, {"thread.messages[].attachments[].file_id", "files"}},
       .create = create_thread_and_run},
      {.path = "assistants",
       .object = "assistant",
       .prefix = "asst_",
       .allows = creates | lists | gets | updates | deletes,
       .missing = "No assistant found with id '{}'.",
       .deleted = "assistant.deleted",
       .members = R"({"name":null,"description":null,"model":"","instructions":null,"tools":[],"tool_resources":{},)"
                  R"("metadata":{},"temperature":1.0,"top_p":1.0,"response_format":"auto"})",
       .model = Model::required,
       .references = {{"tool_resources.code_interpreter.file_ids[]", "files"},
                      {"tool_resources.file_search.vector_store_ids[]", "vector_stores"}}},
      {.path = "threads",
       .object = "thread",
       .prefix = "thread_",
       .allows = creates | gets | updates | deletes,
       .missing = "No thread found with id '{}'.",
       .deleted = "thread.deleted",
       .members = R"({"metadata":{},"tool_resources":{}})",
       .references = {{"tool_resources.code_interpreter.file_ids[]", "files"},
                      {"tool_resources.file_search.vector_store_ids[]", "vector_stores"},
                      {"messages[].attachments[].file_id", "files"}},
       .create = create_thread},
      {.path = "threads/*/messages",
       .object = "thread.message",
       .prefix = "msg_",
       .allows = creates | lists | gets | updates | deletes,
       .missing = "No message found with id '{}'.",
       .deleted = "thread.message.deleted",
       .members = R"({"thread_id":"","status":"completed","role":"user","content":[],"assistant_id":null,)"
                  R"("run_id":null,"attachments":[],"metadata":{}})",
       .required = "role content",
       .references = {{"attachments[].file_id", "files"}, {"content[].image_file.file_id", "files"}},
       .create = create_message},
      {.path = "threads/*/runs",
       .object = "thread.run",
       .prefix = "run_",
       .allows = creates | lists | gets | updates,
       .missing = "No run found with id '{}'.",
       .members = R"({"thread_id":"","assistant_id":"","status":"","model":"","instructions":null,"tools":[],)"
                  R"("required_action":null,"last_error":null,"usage":null,"metadata":{}})",
       .required = "assistant_id",
       .stages = "queued in_progress completed",
       .model = Model::optional,
       .references = {{"assistant_id", "assistants"}, {"additional_messages[].attachments[].file_id", "files"}},
       .actions = {{"POST", "cancel", cancel_object}, {"POST", "submit_tool_outputs", submit_tool_outputs}},
       .create = create_run,
       .finish = finish_run},
      {.path = "threads/*/runs/*/steps",
       .object = "thread.run.step",
       .prefix = "step_",
       .allows = lists | gets,
       .missing = "No run step found with id '{}'.",
       .members = R"({"run_id":"","type":"message_creation","status":"completed","step_details":{}})"},
  };
}

}  // namespace spillway::lab
