#include "http_cases.hpp"

#include "http_cases_table.hpp"

namespace spillway::test {

static const RequestTable& request_table() {
  static const RequestTable table = [] {
    RequestTable built;
    add_length_cases(built);
    add_chunk_cases(built);
    add_field_cases(built);
    add_target_cases(built);
    return built;
  }();
  return table;
}

const std::vector<RequestCase>& request_cases() {
  return request_table().cases;
}
const std::vector<std::size_t>& central_cases() {
  return request_table().central;
}

}  // namespace spillway::test
