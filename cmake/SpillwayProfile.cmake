# Profile-guided optimisation: what ran in the benchmark decides what is inlined and what lies beside it. `bench/train` writes
# the profile anew; where code has changed since, and for other compilers, it is as if there were none.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  return()
endif()
# Functions of one file go by its name, not by where the checkout lies.
target_compile_options(spillway_options INTERFACE "SHELL:-mllvm -static-func-full-module-prefix=false")

set(profile "${PROJECT_SOURCE_DIR}/cmake/release.profdata")
if(SPILLWAY_TRAIN)
  target_compile_options(spillway_options INTERFACE -fprofile-generate -fprofile-update=atomic)
  target_link_options(spillway_options INTERFACE -fprofile-generate)
elseif(EXISTS "${profile}")
  # Under a name that tells one profile from another, so that everything is compiled anew with another one.
  file(SHA256 "${profile}" hash)
  string(SUBSTRING "${hash}" 0 12 hash)
  set(used "${PROJECT_BINARY_DIR}/${hash}.profdata")
  configure_file("${profile}" "${used}" COPYONLY)
  target_compile_options(spillway_options INTERFACE "-fprofile-use=${used}"
    -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date -Wno-backend-plugin)
endif()
