#include "fault.hpp"

#include <cerrno>
#include <ostream>

#include "system_faults.hpp"

namespace spillway::test {
namespace {

using Way = Fault::Way;

Faulty nobody_at(const std::string& host, std::uint16_t port) {
  Faulty made;
  made.url = "http://" + host + ":" + std::to_string(port);
  return made;
}

Faulty make_refused(const Fault&) {
  auto backend = std::make_unique<FakeBackend>();
  backend->refuse_connections();
  Faulty made = nobody_at("127.0.0.1", backend->port());
  made.beside.push_back(std::move(backend));
  return made;
}

Faulty make_black_hole(const Fault&) {
  auto full = std::make_shared<FullBacklog>();
  Faulty made = nobody_at("127.0.0.1", full->port());
  made.beside.push_back(std::move(full));
  return made;
}

// TCP has no way to the address of everybody, whatever the machine's routes.
Faulty make_unreachable(const Fault&) {
  return nobody_at("255.255.255.255", 9);
}

Faulty make_without_ports(const Fault&) {
  const auto backend = std::make_shared<FakeBackend>();
  Faulty made = nobody_at("127.0.0.1", backend->port());
  made.beside = {backend, std::make_shared<FailingConnect>(backend->port(), EADDRNOTAVAIL)};
  return made;
}

Faulty make_unknown_name(const Fault&) {
  Faulty made = nobody_at("unknown.test", 443);
  made.beside.push_back(std::make_shared<ScriptedName>("unknown.test"));
  return made;
}

Faulty make_unresolved_name(const Fault&) {
  auto name = std::make_shared<ScriptedName>("unresolved.test");
  name->silent();
  Faulty made = nobody_at("unresolved.test", 443);
  made.beside.push_back(std::move(name));
  return made;
}

// Nobody listens at the first address.
Faulty make_first_address_dead(const Fault&) {
  auto name = std::make_shared<ScriptedName>("several.test");
  name->has({"127.0.0.2", "127.0.0.1"});
  Faulty made;
  made.backend = std::make_unique<FakeBackend>();
  made.url = "http://several.test:" + std::to_string(made.backend->port());
  made.beside.push_back(std::move(name));
  return made;
}

Faulty make_first_address_silent(const Fault& fault) {
  Faulty made = make_first_address_dead(fault);
  made.beside.push_back(std::make_shared<FullBacklog>("127.0.0.2", made.backend->port()));
  return made;
}

}  // namespace

std::string Faulty::yaml(const std::string& name) const {
  const std::string more = tls.empty() ? "" : ", tls: {" + tls + "}";
  return "  - {name: " + name + ", url: \"" + url + "\", deployments: {gpt-4o: gpt-4o}" + more + "}\n";
}

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

void hold(Socket& socket) {
  while (!socket.receive().empty()) {
  }
  socket.close();
}

Faulty make_plain(const Fault& fault) {
  Faulty made;
  made.backend = std::make_unique<FakeBackend>();
  made.url = made.backend->url();
  if (fault.step) made.backend->always(fault.step);
  if (fault.on_connect) made.backend->on_connect(fault.on_connect);
  return made;
}

void add_faults_of_connections(std::vector<Fault>& table) {
  table.push_back({"U01ConnectionRefused", Way::broken, "connect", make_refused});
  table.push_back({"U02ConnectionGoesNowhere", Way::broken, "timeout", make_black_hole});
  table.push_back({"U03NetworkUnreachable", Way::broken, "connect", make_unreachable});
  table.push_back({"U03NoLocalPortLeft", Way::own, "cancelled", make_without_ports});
  table.push_back({"U04NameUnknown", Way::broken, "connect", make_unknown_name});
  table.push_back({"U05NameServerSilent", Way::broken, "timeout", make_unresolved_name});
  table.push_back({"U07FirstAddressRefuses", Way::mended, "200", make_first_address_dead});
  table.push_back({"U07FirstAddressIsSilent", Way::mended, "200", make_first_address_silent});
  table.back().slow = true;
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
