#include <cerrno>

#include "fault.hpp"
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

void add_faults_of_connections(std::vector<Fault>& table) {
  table.push_back({"U01 connection refused", Way::broken, "connect", make_refused});
  table.push_back({"U02 connection goes nowhere", Way::broken, "timeout", make_black_hole});
  table.push_back({"U03 network unreachable", Way::broken, "connect", make_unreachable});
  table.push_back({"U03 no local port left", Way::own, "cancelled", make_without_ports});
  table.push_back({"U04 name unknown", Way::broken, "connect", make_unknown_name});
  table.push_back({"U05 name server silent", Way::broken, "timeout", make_unresolved_name});
  table.push_back({"U07 first address refuses", Way::mended, "200", make_first_address_dead});
  table.push_back({"U07 first address is silent", Way::mended, "200", make_first_address_silent});
  table.back().slow = true;
}

}  // namespace spillway::test
