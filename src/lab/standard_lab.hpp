#pragma once

#include <string_view>

namespace spillway::lab {

// What `simulate` runs without a file: config/lab.yaml, letter by letter.
inline constexpr std::string_view standard_lab =
    R"yaml(# Three simulated Azure OpenAI resources for `spillway-lab simulate --config lab.yaml`: one with provisioned throughput, two
# pay-as-you-go, as in the priority-with-spillover scenario. Every key is explained in docs/simulator.md.

control:
  address: 127.0.0.1:9700 # faults and counters while it runs; never to be reached from other machines

resources:
  - name: eastus-ptu
    region: East US
    kind: ptu
    address: 127.0.0.1:9711
    keys: [eastus-ptu-key]
    latency: {first_byte: 60ms, per_token: 4ms}
    deployments:
      - {name: gpt-4o-mini, version: "2024-07-18", capacity: 60000, window: 10s}
      - {name: text-embedding-3-small, capacity: 60000, window: 10s}

  - name: westus
    region: West US
    address: 127.0.0.1:9712
    keys: [westus-key]
    latency: {first_byte: 120ms, per_token: 8ms}
    deployments:
      - {name: gpt-4o-mini, version: "2024-07-18", tpm: 200000}
      - {name: text-embedding-3-small, tpm: 200000}
      - {name: gpt-image-1, rpm: 60}
      - {name: whisper, rpm: 60}
      - {name: tts, rpm: 60}
      - {name: gpt-realtime, rpm: 60}

  - name: swedencentral
    region: Sweden Central
    address: 127.0.0.1:9713
    keys: [swedencentral-key]
    latency: {first_byte: 140ms, per_token: 8ms}
    deployments:
      - {name: gpt-4o-mini, version: "2024-07-18", tpm: 200000}
      - {name: text-embedding-3-small, tpm: 200000}
      - {name: gpt-image-1, rpm: 60}
      - {name: whisper, rpm: 60}
      - {name: tts, rpm: 60}
      - {name: gpt-realtime, rpm: 60}
)yaml";

}  // namespace spillway::lab
