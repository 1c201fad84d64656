#include "tenant_keeper.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "key_source.hpp"
#include "refresh.hpp"
#include "spillway/base/log.hpp"

namespace spillway::identity {

TenantKeeper::TenantKeeper(net::Loop& loop, Caller& caller, const routing::TokenAccess::Tenant& tenant,
                           const Tenants::Options& options)
    : loop_(loop),
      caller_(caller),
      options_(options),
      keys_(std::make_shared<TenantKeys>(tenant, options.timing.between_wishes)),
      suspension_(loop),
      remote_(loop, suspension_) {
  keys_->keep_with(remote_.line());
}

void TenantKeeper::serve(const std::shared_ptr<routing::TokenAccess>& access, std::size_t index) {
  std::erase_if(served_, [](const Served& each) { return each.access.expired(); });
  served_.push_back({access, index});
}

net::awaitable<void> TenantKeeper::run() {
  while (!slot_.cancelled()) {
    keys_->begin();
    co_await fetch();
    keys_->end(status_);
    const net::CancelSlot::Guard guard(slot_, suspension_);
    while (!slot_.cancelled() && !keys_->wished() && loop_.now() < next_) {
      co_await suspension_.until(next_);
    }
  }
  // Whoever has wished meanwhile waits for nothing.
  keys_->end(status_);
}

net::awaitable<TenantKeeper::Fetched> TenantKeeper::ask() {
  Fetched fetched;
  const TimePoint deadline = loop_.now() + options_.timing.call;
  const HttpRequest about = metadata_request(keys_->tenant());
  const HttpAnswer metadata = co_await caller_.call(about, deadline, slot_);
  KeysPlace place = keys_place(metadata, about.url);
  fetched.retry_after = metadata.retry_after();
  fetched.problem = std::move(place.problem);
  if (!fetched.problem.empty() || slot_.cancelled()) co_return fetched;
  const HttpAnswer answer = co_await caller_.call(place.request, deadline, slot_);
  KeysAnswer read = read_keys(answer);
  fetched.retry_after = answer.retry_after();
  fetched.problem = std::move(read.problem);
  fetched.issuer = std::move(place.issuer);
  fetched.keys = std::move(read.keys);
  co_return fetched;
}

net::awaitable<void> TenantKeeper::fetch() {
  Fetched fetched;
  try {
    fetched = co_await ask();
  } catch (const std::exception& error) {
    fetched.problem = error.what();
  }
  if (slot_.cancelled()) co_return;
  if (fetched.problem.empty()) accept(fetched);
  if (!fetched.problem.empty()) fail(fetched);
}

void TenantKeeper::accept(const Fetched& fetched) {
  bool usable = true;
  for (const Served& each : served_) {
    if (const auto access = each.access.lock())
      usable = access->use(each.index, fetched.keys, fetched.issuer) && usable;
  }
  if (!usable) {
    Fetched vain;
    vain.problem = "the issuer of its metadata names no tenant (give tenant_id as a GUID)";
    return fail(vain);
  }
  const auto life = options_.timing.keys_life * (1 + random_jitter());
  next_ = loop_.now() + std::chrono::duration_cast<Milliseconds>(life);
  const bool news = failures_ != 0 || !status_.fetched_at;
  failures_ = 0;
  if (options_.fetched) options_.fetched(keys_->tenant(), true);
  status_ = {fetched.keys->keys().size(), std::chrono::system_clock::now(), {}};
  const auto level = news ? log::Level::info : log::Level::debug;
  if (!log::enabled(level)) return;
  log::write(level, "the keys of a tenant have been fetched",
             {{"tenant", keys_->tenant().id}, {"authority", keys_->tenant().authority}, {"keys", status_.keys}});
}

void TenantKeeper::fail(const Fetched& fetched) {
  ++failures_;
  const Milliseconds wait = back_off(failures_, fetched.retry_after, random_jitter(), options_.timing);
  next_ = loop_.now() + wait;
  status_.problem = fetched.problem;
  if (options_.fetched) options_.fetched(keys_->tenant(), false);
  log::warn("the keys of a tenant could not be fetched", {{"tenant", keys_->tenant().id},
                                                          {"authority", keys_->tenant().authority},
                                                          {"error", status_.problem},
                                                          {"failures", failures_},
                                                          {"next_try_in_ms", wait.count()},
                                                          {"keys", status_.keys}});
}

}  // namespace spillway::identity
