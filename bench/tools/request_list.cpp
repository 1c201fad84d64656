#include "request_list.hpp"

#include <fstream>

#include "support.hpp"

namespace bench {

std::vector<std::string> read_requests(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> requests;
  std::size_t size = 0;
  while (file >> size && file.get() == '\n') {
    std::string request(size, '\0');
    if (!file.read(request.data(), static_cast<std::streamsize>(size))) fail(path + " ends within a request");
    requests.push_back(std::move(request));
  }
  if (requests.empty()) fail("no requests in " + path);
  return requests;
}

}  // namespace bench
