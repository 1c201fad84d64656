#pragma once

#include <string>

#include "test_gateway.hpp"

namespace spillway::test {

// A gateway whose `listeners` list is given as the inside of a YAML list; nothing is logged.
TestGateway::Options with_listeners(const std::string& listeners, int workers = 2);

// A gateway in which every request meets the backend connections of the one before.
TestGateway::Options one_worker();

// A list item for `with_listeners`: HTTPS on any port of 127.0.0.1. `more` follows inside `tls`, such as
// `min_version: "1.3"`.
std::string https_listener(const CertificateFiles& files, const std::string& more = "");

}  // namespace spillway::test
