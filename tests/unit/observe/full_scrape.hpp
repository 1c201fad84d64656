#pragma once

#include <string>

#include "spillway/observe/metrics.hpp"

namespace spillway::observe {

// Has a sample of every family, and a label value that needs escaping.
inline std::string full_scrape() {
  Metrics metrics;
  metrics.requests("azure", "chat-app", 200).add();
  metrics.requests("", "", 401).add();
  metrics.route("azure").duration->observe(std::chrono::milliseconds(2));
  metrics.route("azure").first_byte->observe(std::chrono::milliseconds(1));
  const MemberSeries member = metrics.member("open\"ai\\\n", "eastus");
  member.outcome(Outcome::success).add();
  member.first_byte->observe(std::chrono::milliseconds(1));
  member.duration->observe(std::chrono::milliseconds(2));
  metrics.pool("openai").retries->add();
  metrics.backend("eastus").retry_after->observe(std::chrono::seconds(2));
  metrics.transitions("eastus", "gpt-4o", "closed", "open").add();
  metrics.overhead().observe(std::chrono::microseconds(20));
  metrics.token_fetches("managed identity (system)", "https://ai.azure.com").result(true).add();
  metrics.tenant_key_fetches("contoso.com", "https://login.microsoftonline.com").result(true).add();
  metrics.secret_fetches("https://kv.vault.azure.net/secrets/key").result(true).add();
  Metrics::Sampled sampled;
  sampled.members = {{"openai", "eastus", "", "ptu", 1, 100}};
  sampled.circuits = {{"eastus", "gpt-4o", "open"}};
  sampled.backends = {{"eastus", 1}};
  sampled.tokens = {{"managed identity (system)", "https://ai.azure.com", true}};
  sampled.tenants = {{"contoso.com", "https://login.microsoftonline.com", 1, std::nullopt}};
  sampled.secrets = {{"https://kv.vault.azure.net/secrets/key", std::nullopt}};
  sampled.process = {std::chrono::milliseconds(1500), 1U << 20, 12, 1024,
                     WallTime(std::chrono::seconds(1'769'860'800))};
  return metrics.text(sampled);
}

}  // namespace spillway::observe
