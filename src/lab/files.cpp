#include "files.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "errors.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t most_files = 1000;

Answer no_such_file(const std::string& id) {
  return errors::no_such_object("No such File object: " + id);
}

}  // namespace

Json FileStore::File::describe() const {
  return {{"id", id},         {"object", "file"},   {"bytes", content.size()}, {"created_at", created},
          {"filename", name}, {"purpose", purpose}, {"status", "processed"}};
}

const FileStore::File* FileStore::find(const std::string& id) const {
  const auto found = std::find_if(files_.begin(), files_.end(), [&](const File& file) { return file.id == id; });
  return found == files_.end() ? nullptr : &*found;
}

Answer FileStore::create(const Form& form, Surface surface, std::int64_t created, Generator& ids) {
  const FormPart* part = form.find("file");
  const std::string purpose(form.value("purpose"));
  if (part == nullptr || purpose.empty()) {
    const std::string_view missing = part == nullptr ? "file" : "purpose";
    return errors::invalid_request("Missing required parameter: '" + std::string(missing) + "'.", missing,
                                   "missing_required_parameter");
  }
  File file;
  file.id = (purpose == "assistants" ? "assistant-" : "file-") + ids.hex(32);
  file.name = part->file_name;
  file.purpose = purpose;
  file.content = std::string(part->content);
  file.created = created;
  files_.push_back(std::move(file));
  if (files_.size() > most_files) files_.pop_front();
  return json_answer(surface == Surface::classic ? 201 : 200, files_.back().describe());
}

Answer FileStore::list() const {
  Json data = Json::array();
  for (const File& file : files_) data.push_back(file.describe());
  return json_answer(200, {{"object", "list"}, {"data", data}, {"has_more", false}});
}

Answer FileStore::get(const std::string& id) const {
  const File* file = find(id);
  return file == nullptr ? no_such_file(id) : json_answer(200, file->describe());
}

Answer FileStore::content(const std::string& id) const {
  const File* file = find(id);
  return file == nullptr ? no_such_file(id) : text_answer(200, "application/octet-stream", file->content);
}

Answer FileStore::remove(const std::string& id) {
  if (find(id) == nullptr) return no_such_file(id);
  std::erase_if(files_, [&](const File& file) { return file.id == id; });
  return json_answer(200, {{"id", id}, {"object", "file"}, {"deleted", true}});
}

}  // namespace spillway::lab
