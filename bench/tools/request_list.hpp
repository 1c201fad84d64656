// The requests to send, ready as bytes: in the file, each is its length in decimal, a line end, then the bytes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

// Ends the program when there is none.
std::vector<std::string> read_requests(const std::string& path);

// Gives them in turn, for ever.
class RequestList {
 public:
  explicit RequestList(const std::string& path) : requests_(read_requests(path)) {}
  const std::string& next() {
    const std::string& request = requests_[turn_];
    turn_ = (turn_ + 1) % requests_.size();
    return request;
  }

 private:
  std::vector<std::string> requests_;
  std::size_t turn_ = 0;
};

}  // namespace bench
