#include <array>
#include <new>
#include <vector>

#include "spillway/net/awaitable.hpp"

// Under a sanitizer every frame comes from the heap, so that one used after its end is noticed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPILLWAY_FRAMES_FROM_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SPILLWAY_FRAMES_FROM_HEAP 1
#endif
#endif
#ifndef SPILLWAY_FRAMES_FROM_HEAP
#define SPILLWAY_FRAMES_FROM_HEAP 0
#endif

namespace spillway::net::detail {
namespace {

constexpr std::size_t step = 64;
constexpr std::size_t largest = 4096;
constexpr std::size_t kept_of_a_size = 64;

// What a thread keeps. A frame may come back on another thread than it was taken on, or when the thread is ending.
class Frames {
 public:
  ~Frames() {
    gone_ = true;
    for (Frame*& first : kept_) {
      while (first != nullptr) ::operator delete(std::exchange(first, first->next));
    }
  }

  void* take(std::size_t size) {
    const std::size_t kind = kind_of(size);
    Frame*& first = kept_[kind];
    if (first == nullptr) return ::operator new((kind + 1) * step);
    --counts_[kind];
    return std::exchange(first, first->next);
  }
  void give_back(void* frame, std::size_t size) noexcept {
    const std::size_t kind = kind_of(size);
    if (gone_ || counts_[kind] == kept_of_a_size) return ::operator delete(frame);
    ++counts_[kind];
    kept_[kind] = new (frame) Frame{kept_[kind]};
  }

  static Frames& of_this_thread() {
    thread_local Frames frames;
    return frames;
  }

 private:
  struct Frame {
    Frame* next;
  };
  static constexpr std::size_t kind_of(std::size_t size) noexcept { return (size - 1) / step; }

  std::array<Frame*, largest / step> kept_{};
  std::array<std::size_t, largest / step> counts_{};
  static thread_local bool gone_;
};

thread_local bool Frames::gone_ = false;

constexpr bool is_kept(std::size_t size) noexcept {
  return SPILLWAY_FRAMES_FROM_HEAP == 0 && size <= largest;
}

}  // namespace

void* take_frame(std::size_t size) {
  return is_kept(size) ? Frames::of_this_thread().take(size) : ::operator new(size);
}

void give_frame_back(void* frame, std::size_t size) noexcept {
  if (is_kept(size))
    Frames::of_this_thread().give_back(frame, size);
  else
    ::operator delete(frame);
}

}  // namespace spillway::net::detail
