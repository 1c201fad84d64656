#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// What the demo prints, from what came back.
namespace spillway::lab {

// One request of the demo as its caller saw it.
struct Sent {
  int status = 0;        // 0: no answer
  std::string backend;   // x-routed-backend
  std::string region;    // x-ms-region
  std::string attempts;  // x-attempts: `eastus-ptu;429, westus;200`
  double milliseconds = 0;
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

struct BackendLine {
  std::string name;
  std::string region;
};

// Paints with ANSI colours, or leaves text as it is.
class Paint {
 public:
  explicit Paint(bool colours) : colours_(colours) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string good(std::string_view text) const { return wrap("32", text); }
  std::string bad(std::string_view text) const { return wrap("31", text); }
  std::string quiet(std::string_view text) const { return wrap("2", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool colours_;
};

// The lines of one scenario: how many were answered, by whom (a bar each), and what was kept from the callers.
std::string table(const Tally& tally, const std::vector<BackendLine>& backends, const Paint& paint);

}  // namespace spillway::lab
