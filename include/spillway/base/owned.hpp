#pragma once

#include <memory>

namespace spillway {

// An object of a C library, given back by the function `free` of that library: `Owned<BIO, BIO_free>`.
template <auto free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, FreeWith<free>>;

}  // namespace spillway
