#pragma once

#include "object_store.hpp"

// What is particular about some collections: how their objects are made, what ends them, and their actions. All are
// called with what the table demands checked (required members, references, the object of the path).
namespace spillway::lab {

// The usual way: the members the table names.
Answer create_object(ObjectCall& call);
// `status` becomes `cancelled`, unless it is final.
Answer cancel_object(ObjectCall& call);

Answer create_file(ObjectCall& call);
Answer file_content(ObjectCall& call);
Answer complete_upload(ObjectCall& call);
// Answers every line of the input file in an output file.
void finish_batch(ObjectCall& call, Object& batch);
Answer create_job(ObjectCall& call);
void finish_job(ObjectCall& call, Object& job);

Answer create_conversation(ObjectCall& call);
Answer create_items(ObjectCall& call);
Answer create_container(ObjectCall& call);
Answer create_container_file(ObjectCall& call);
// What a response read and said becomes part of its conversation.
void append_items(ObjectStore& store, const std::string& conversation, const Json& items, Generator& ids);

Answer create_vector_store(ObjectCall& call);
Answer create_vector_store_file(ObjectCall& call);
Answer create_file_batch(ObjectCall& call);
Answer list_batch_files(ObjectCall& call);
// One result for each file: its first line.
Answer search_vector_store(ObjectCall& call);

Answer create_thread(ObjectCall& call);
Answer create_message(ObjectCall& call);
// A run is streamed when it says `stream`; else it goes on with every GET.
Answer create_run(ObjectCall& call);
Answer create_thread_and_run(ObjectCall& call);
Answer submit_tool_outputs(ObjectCall& call);
// The assistant's message and the run's only step.
void finish_run(ObjectCall& call, Object& run);

}  // namespace spillway::lab
