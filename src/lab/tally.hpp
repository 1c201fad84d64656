#pragma once

#include <map>
#include <string>
#include <vector>

// What came back, counted.
namespace spillway::lab {

// One request as its caller saw it.
struct Sent {
  int status = 0;        // 0: no answer
  std::string backend;   // x-routed-backend
  std::string region;    // x-ms-region
  std::string attempts;  // x-attempts: `eastus-ptu;429, westus;200`
  double milliseconds = 0;
  std::string strategy{};    // x-routing-strategy
  std::string circuit{};     // x-circuit-state
  std::string deployment{};  // x-ms-deployment-name: as the resource calls it
  double at = 0;             // when it was sent, in seconds since the first one
};

struct Tally {
  int sent = 0;
  int succeeded = 0;
  std::map<std::string, int> by_backend;  // of the answers with 200
  std::map<std::string, int> hidden;      // what backends gave that no caller saw: `429`, `connect`, by number
  double median_ms = 0;

  int from(const std::string& backend) const;
  int hidden_total() const;
};
Tally tally(const std::vector<Sent>& sent);

// The middle of the values, the mean of the two middle ones; 0 for none.
double median(std::vector<double> values);

}  // namespace spillway::lab
