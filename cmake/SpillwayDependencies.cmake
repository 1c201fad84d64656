# Third-party libraries, all from the distribution, seen as SYSTEM headers.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)

# Asio and Beast are compiled once, in net/asio_impl.cpp and http/beast_impl.cpp.
add_library(spillway_boost INTERFACE)
target_link_libraries(spillway_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(spillway_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TS_EXECUTORS)

add_library(spillway_spdlog INTERFACE)
if(SPILLWAY_SEMI_STATIC OR SPILLWAY_SANITIZE MATCHES "thread")
  # From the headers: ThreadSanitizer does not see what the shared library does to its reference counts. Not
  # spdlog::spdlog_header_only, which brings the shared fmt.
  find_package(fmt CONFIG REQUIRED)
  target_compile_definitions(spillway_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
  target_link_libraries(spillway_spdlog INTERFACE fmt::fmt-header-only Threads::Threads)
else()
  target_link_libraries(spillway_spdlog INTERFACE spdlog::spdlog)
endif()

add_library(spillway_yaml INTERFACE)
if(TARGET yaml-cpp::yaml-cpp)
  set(yaml_target yaml-cpp::yaml-cpp)
else()
  set(yaml_target yaml-cpp)
endif()
if(SPILLWAY_SEMI_STATIC)
  find_library(SPILLWAY_YAML_ARCHIVE NAMES libyaml-cpp.a REQUIRED)
  target_link_libraries(spillway_yaml INTERFACE "${SPILLWAY_YAML_ARCHIVE}")
else()
  target_link_libraries(spillway_yaml INTERFACE ${yaml_target})
endif()

# Sanitizers bring an allocator of their own.
add_library(spillway_malloc INTERFACE)
if(SPILLWAY_SEMI_STATIC)
  find_library(SPILLWAY_JEMALLOC_ARCHIVE NAMES libjemalloc_pic.a REQUIRED)
  target_link_libraries(spillway_malloc INTERFACE "${SPILLWAY_JEMALLOC_ARCHIVE}")
endif()
