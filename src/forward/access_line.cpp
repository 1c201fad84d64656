#include "access_line.hpp"

#include <string>

#include "spillway/base/log.hpp"

namespace spillway::forward {

void log_access(const config::Log& settings, observe::AccessRecord& record) {
  if (!settings.access) return;
  record.stands_for = observe::stands_for(record, {settings.access_one_in, settings.access_slow});
  if (record.stands_for == 0) return;
  std::string line;
  line.reserve(1024);
  if (settings.format == log::Format::json)
    observe::append_json(line, record);
  else
    observe::append_text(line, record, log::coloured());
  log::raw(line);
}

}  // namespace spillway::forward
