#pragma once

#include <mutex>

#include "exposition.hpp"
#include "family.hpp"
#include "request_table.hpp"
#include "spillway/observe/metrics.hpp"

namespace spillway::observe {

// Of histograms: the first bound, and how many times it is doubled.
struct Bounds {
  Duration first;
  std::size_t buckets;
};
inline constexpr Bounds answer_bounds{std::chrono::microseconds(1280), 20};  // to 671 s
inline constexpr Bounds own_bounds{std::chrono::microseconds(10), 17};       // to 655.36 ms
inline constexpr Bounds wait_bounds{std::chrono::microseconds(62'500), 16};  // to 2048 s

// Everything that is counted, except what is looked up at the time of a scrape.
struct Metrics::Registry {
  mutable std::mutex mutex;  // covers the families' maps

  RequestTable requests;
  Family<Histogram, 1> duration{"request_duration_seconds",
                                SampleType::histogram,
                                {"route"},
                                "Time from the first byte of a request to the last byte of its answer."};
  Family<Histogram, 1> first_byte{"time_to_first_byte_seconds",
                                  SampleType::histogram,
                                  {"route"},
                                  "Time from the first byte of a request to the first byte of its answer."};
  Histogram overhead{own_bounds.first, own_bounds.buckets};
  Family<Counter, 3> attempts{"attempts_total",
                              SampleType::counter,
                              {"pool", "backend", "outcome"},
                              "Forwardings of a request to a member, by how they ended."};
  Family<Latency, 2> attempt_first_byte{
      "attempt_time_to_first_byte_seconds",
      SampleType::histogram,
      {"pool", "backend"},
      "Time from the start of an attempt to the first byte of its 2xx or 3xx answer."};
  Family<Latency, 2> attempt_duration{"attempt_duration_seconds",
                                      SampleType::histogram,
                                      {"pool", "backend"},
                                      "Time from the start of a successful attempt to the last byte of its answer."};
  Family<Counter, 1> retries{
      "retries_total", SampleType::counter, {"pool"}, "Attempts after the first of their request."};
  Family<Counter, 1> exhausted{
      "exhausted_total", SampleType::counter, {"pool"}, "Requests for which no member was eligible any more."};
  Family<Counter, 4> transitions{"circuit_transitions_total",
                                 SampleType::counter,
                                 {"backend", "deployment", "from", "to"},
                                 "Changes of a circuit's state."};
  Family<Histogram, 1> retry_after{"retry_after_seconds",
                                   SampleType::histogram,
                                   {"backend"},
                                   "How long backends asked to be left alone, before it was cut to max_retry_after."};
  Family<Gauge, 2> connections{"upstream_connections",
                               SampleType::gauge,
                               {"backend", "state"},
                               "Open connections to a backend, in use or kept for later."};
  Gauge client_connections;
  Gauge streams_active;
  Gauge body_memory;
  Counter loop_stalls;
  Family<Counter, 1> reloads{"config_reloads_total",
                             SampleType::counter,
                             {"result"},
                             "Reloads of the configuration, by whether the new one was taken."};
  Family<Counter, 3> token_fetches{"access_token_fetches_total",
                                   SampleType::counter,
                                   {"identity", "resource", "result"},
                                   "Attempts to get an access token for backends or Key Vault."};
  Family<Counter, 3> tenant_key_fetches{"tenant_key_fetches_total",
                                        SampleType::counter,
                                        {"tenant", "authority", "result"},
                                        "Attempts to get the keys that access tokens of clients are checked with."};
  Family<Counter, 2> secret_fetches{
      "key_vault_fetches_total", SampleType::counter, {"secret", "result"}, "Attempts to get a secret of Key Vault."};
};

}  // namespace spillway::observe
