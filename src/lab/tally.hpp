#pragma once

#include <map>
#include <string>
#include <vector>

#include "sent.hpp"

// What came back, counted.
namespace spillway::lab {

struct Tally {
  int sent = 0;
  int succeeded = 0;
  std::map<std::string, int> by_backend;  // of the requests that succeeded
  std::map<std::string, int> hidden;      // what backends gave that no caller saw: `429`, `connect`, by number
  double median_ms = 0;

  int from(const std::string& backend) const;
  int hidden_total() const;
};
Tally tally(const std::vector<Sent>& sent);

// The middle of the values, the mean of the two middle ones; 0 for none.
double median(std::vector<double> values);

}  // namespace spillway::lab
