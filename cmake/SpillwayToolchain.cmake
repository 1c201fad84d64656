# Compiler and linker flags every target of the project is built with.
add_library(spillway_options INTERFACE)
add_library(spillway_program_options INTERFACE)

target_compile_options(spillway_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  -fstack-protector-strong -fno-plt
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=." "-ffile-prefix-map=${PROJECT_BINARY_DIR}=build")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False for coroutine frames, whose promise brings both the allocation and the release (seen with GCC 12).
  target_compile_options(spillway_options INTERFACE -Wno-mismatched-new-delete)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT SPILLWAY_SANITIZE)
  target_compile_options(spillway_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection
    $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>)
  target_compile_definitions(spillway_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
target_link_options(spillway_options INTERFACE -Wl,-z,relro,-z,now -Wl,-z,noexecstack)

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  find_program(SPILLWAY_LLD NAMES ld.lld-19 ld.lld)
  if(SPILLWAY_LLD)
    target_link_options(spillway_options INTERFACE "--ld-path=${SPILLWAY_LLD}")
  endif()
endif()

if(SPILLWAY_SANITIZE)
  target_compile_options(spillway_options INTERFACE -fsanitize=${SPILLWAY_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(spillway_options INTERFACE -fsanitize=${SPILLWAY_SANITIZE})
  if(SPILLWAY_SANITIZE MATCHES "undefined")
    target_compile_options(spillway_options INTERFACE -fno-sanitize-recover=all)
  endif()
  if(SPILLWAY_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(spillway_options INTERFACE -Wno-tsan)
  endif()
endif()
if(SPILLWAY_FUZZ)
  target_compile_options(spillway_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SPILLWAY_COVERAGE)
  target_compile_options(spillway_options INTERFACE --coverage)
  target_link_options(spillway_options INTERFACE --coverage)
endif()
if(SPILLWAY_SEMI_STATIC)
  target_link_options(spillway_program_options INTERFACE -static-libstdc++ -static-libgcc)
  if(SPILLWAY_LLD)
    # Across files, in which the rooms keep apart what a request calls in one go.
    target_compile_options(spillway_options INTERFACE -flto=thin)
    target_link_options(spillway_options INTERFACE -flto=thin "-Wl,--thinlto-cache-dir=${PROJECT_BINARY_DIR}/thinlto")
    include(SpillwayProfile)
  endif()
endif()
