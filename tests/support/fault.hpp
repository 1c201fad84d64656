#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "fake_backend.hpp"

// All ways in which a backend fails before the first byte of its answer's body, as a table. Tests of single ways and
// of what they have in common share it. Names start with the id they have in the catalogue of faults.
namespace spillway::test {

// A backend that fails in one way, whenever it is asked.
struct Faulty {
  std::string url;
  std::string tls;                       // what its `tls` says in the configuration; empty = nothing
  std::unique_ptr<FakeBackend> backend;  // null: nobody is there
  std::vector<std::shared_ptr<const void>> beside;

  // One item of the list `backends`.
  std::string yaml(const std::string& name) const;
};

struct Fault {
  enum class Way {
    broken,   // the attempt ends with an error
    refused,  // an answer that sends the request elsewhere
    mended,   // the gateway gets an answer from it all the same
    own,      // the gateway's own fault
  };
  std::string name;  // "U01 connection refused"
  Way way = Way::broken;
  std::string outcome;  // what `x-attempts` says of it
  Faulty (*make)(const Fault& fault) = nullptr;
  FakeBackend::Step step = nullptr;
  std::function<void(Socket&)> on_connect = nullptr;
  CertificateOptions certificate = {};
  bool slow = false;

  // The name as one word, for a test's name.
  std::string test_name() const;
  // It takes as long as the configuration allows.
  bool is_slow() const { return slow || outcome == "timeout"; }
};
void PrintTo(const Fault& fault, std::ostream* out);

const std::vector<Fault>& faults();
std::vector<Fault> faults_of(Fault::Way way);

// How the table is put together.
void add_faults_of_connections(std::vector<Fault>& table);  // U01-U07
void add_faults_of_tls(std::vector<Fault>& table);          // U08-U10
void add_faults_of_answers(std::vector<Fault>& table);      // U11-U27
// Plain HTTP that follows the step and `on_connect` of the fault.
Faulty make_plain(const Fault& fault);

// Steps for `FakeBackend::on_connect`.
void hold(Socket& socket);  // says nothing until the peer closes

}  // namespace spillway::test
