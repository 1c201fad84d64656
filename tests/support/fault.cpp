#include "fault.hpp"

#include <cctype>
#include <ostream>

namespace spillway::test {

std::string Faulty::yaml(const std::string& name) const {
  const std::string more = tls.empty() ? "" : ", tls: {" + tls + "}";
  return "  - {name: " + name + ", url: \"" + url + "\", deployments: {gpt-4o: gpt-4o}" + more + "}\n";
}

std::string Fault::test_name() const {
  std::string joined;
  bool begins = true;
  for (const char c : name) {
    const bool part_of_word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (part_of_word) joined += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = c == ' ';
  }
  return joined;
}

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

void hold(Socket& socket) {
  while (!socket.receive().empty()) {
  }
}

Faulty make_plain(const Fault& fault) {
  Faulty made;
  made.backend = std::make_unique<FakeBackend>();
  made.url = made.backend->url();
  if (fault.step) made.backend->always(fault.step);
  if (fault.on_connect) made.backend->on_connect(fault.on_connect);
  return made;
}

const std::vector<Fault>& faults() {
  static const std::vector<Fault> table = [] {
    std::vector<Fault> made;
    add_faults_of_connections(made);
    add_faults_of_tls(made);
    add_faults_of_answers(made);
    return made;
  }();
  return table;
}

std::vector<Fault> faults_of(Fault::Way way) {
  std::vector<Fault> found;
  for (const Fault& fault : faults())
    if (fault.way == way) found.push_back(fault);
  return found;
}

}  // namespace spillway::test
