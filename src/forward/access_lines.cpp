#include "spillway/forward/access_lines.hpp"

#include "spillway/base/log.hpp"

namespace spillway::forward {
namespace {

constexpr std::size_t enough = 32 << 10;
constexpr Milliseconds at_most{20};

}  // namespace

AccessLines::AccessLines(net::Loop& loop)
    : loop_(loop), alarm_(loop.timers(), [](void* self) { static_cast<AccessLines*>(self)->hand_over(); }, this) {}

AccessLines::~AccessLines() {
  hand_over();
}

void AccessLines::add(const config::Log& settings, observe::AccessRecord& record) {
  if (!settings.access) return;
  record.stands_for = observe::stands_for(record, {settings.access_one_in, settings.access_slow});
  if (record.stands_for == 0) return;
  if (count_ == 0)
    alarm_.set(loop_.heard() + at_most);
  else
    lines_.push_back('\n');
  ++count_;
  if (settings.format == log::Format::json)
    observe::append_json(lines_, record);
  else
    observe::append_text(lines_, record, log::coloured());
  if (lines_.size() >= enough) hand_over();
}

void AccessLines::hand_over() {
  alarm_.clear();
  if (count_ == 0) return;
  log::raw(lines_, count_);
  lines_.clear();
  count_ = 0;
}

}  // namespace spillway::forward
