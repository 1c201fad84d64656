#include "collections.hpp"
#include "object_actions.hpp"
#include "thread_collections.hpp"

namespace spillway::lab {
namespace {

constexpr unsigned creates = Collection::creates;
constexpr unsigned lists = Collection::lists;
constexpr unsigned gets = Collection::gets;
constexpr unsigned updates = Collection::updates;
constexpr unsigned deletes = Collection::deletes;

std::vector<Collection> conversations_and_containers() {
  return {
      {.path = "conversations",
       .object = "conversation",
       .prefix = "conv_",
       .digits = 48,
       .allows = creates | gets | updates | deletes,
       .missing = "Conversation with id '{}' not found.",
       .deleted = "conversation.deleted",
       .members = R"({"metadata":{}})",
       .create = create_conversation},
      {.path = "conversations/*/items",
       .prefix = "msg_",
       .digits = 48,
       .allows = creates | lists | gets | deletes,
       .missing = "Item with id '{}' not found.",
       .required = "items",
       .references = {{"items[].content[].file_id", "files"}},
       .create = create_items},
      {.path = "containers",
       .object = "container",
       .prefix = "cntr_",
       .digits = 48,
       .allows = creates | lists | gets | deletes,
       .missing = "Container with id '{}' not found.",
       .deleted = "container.deleted",
       .members = R"({"status":"running","name":"","expires_after":{"anchor":"last_active_at","minutes":20}})",
       .required = "name",
       .references = {{"file_ids[]", "files"}},
       .create = create_container},
      {.path = "containers/*/files",
       .object = "container.file",
       .prefix = "cfile_",
       .digits = 48,
       .allows = creates | lists | gets | deletes,
       .missing = "Container file with id '{}' not found.",
       .deleted = "container.file.deleted",
       .members = R"({"container_id":"","bytes":0,"path":"","source":"user"})",
       .references = {{"file_id", "files"}},
       .actions = {{"GET", "content", file_content}},
       .create = create_container_file},
  };
}

std::vector<Collection> files_and_batches() {
  return {
      {.path = "files",
       .object = "file",
       .prefix = "file-",
       .digits = 32,
       .allows = creates | lists | gets | deletes,
       .missing = "No such File object: {}",
       .deleted = "file",
       .members = R"({"bytes":0,"filename":"","purpose":"","status":"processed"})",
       .required = "file purpose",
       .actions = {{"GET", "content", file_content}},
       .create = create_file},
      {.path = "uploads",
       .object = "upload",
       .prefix = "upload_",
       .digits = 32,
       .allows = creates,
       .missing = "No upload found with id '{}'.",
       .members = R"({"bytes":0,"filename":"","purpose":"","mime_type":"","status":"pending","file":null})",
       .required = "filename purpose bytes mime_type",
       .actions = {{"POST", "complete", complete_upload}, {"POST", "cancel", cancel_object}}},
      {.path = "uploads/*/parts",
       .object = "upload.part",
       .prefix = "part_",
       .digits = 32,
       .allows = creates,
       .missing = "No upload part found with id '{}'.",
       .members = R"({"upload_id":""})",
       .required = "data"},
      {.path = "batches",
       .object = "batch",
       .prefix = "batch_",
       .digits = 32,
       .allows = creates | lists | gets,
       .missing = "No batch found with id '{}'.",
       .members = R"({"endpoint":"","errors":null,"input_file_id":"","completion_window":"24h","status":"",)"
                  R"("output_file_id":null,"error_file_id":null,)"
                  R"("request_counts":{"total":0,"completed":0,"failed":0},"metadata":null})",
       .required = "input_file_id endpoint",
       .stages = "validating in_progress completed",
       .references = {{"input_file_id", "files"}},
       .actions = {{"POST", "cancel", cancel_object}},
       .finish = finish_batch},
      {.path = "fine_tuning/jobs",
       .object = "fine_tuning.job",
       .prefix = "ftjob-",
       .digits = 32,
       .allows = creates | lists | gets,
       .missing = "Could not find fine tune: {}",
       .members = R"({"model":"","status":"","fine_tuned_model":null,"training_file":"","validation_file":null,)"
                  R"("result_files":[],"hyperparameters":{},"suffix":null,"error":null,"metadata":null})",
       .required = "model training_file",
       .stages = "validating_files running succeeded",
       .references = {{"training_file", "files"}, {"validation_file", "files"}},
       .actions = {{"POST", "cancel", cancel_object}},
       .create = create_job,
       .finish = finish_job},
      {.path = "fine_tuning/jobs/*/events",
       .object = "fine_tuning.job.event",
       .prefix = "ftevent-",
       .digits = 32,
       .allows = lists,
       .members = R"({"level":"info","message":"","type":"message"})"},
      {.path = "fine_tuning/jobs/*/checkpoints",
       .object = "fine_tuning.job.checkpoint",
       .prefix = "ftckpt_",
       .digits = 32,
       .allows = lists},
  };
}

}  // namespace

const std::vector<Collection>& collections() {
  static const std::vector<Collection> all = [] {
    std::vector<Collection> joined;
    for (auto part : {conversations_and_containers, files_and_batches, vector_stores, assistants_and_threads}) {
      for (Collection& one : part()) joined.push_back(std::move(one));
    }
    return joined;
  }();
  return all;
}

const std::vector<Reference>& response_references() {
  static const std::vector<Reference> all = {
      {"conversation", "conversations"},
      {"conversation.id", "conversations"},
      {"tools[].vector_store_ids[]", "vector_stores"},
      {"tools[].container", "containers"},
      {"tools[].container.file_ids[]", "files"},
      {"input[].content[].file_id", "files"},
  };
  return all;
}

}  // namespace spillway::lab
