#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace spillway::net {

namespace detail {

// Frames of coroutines, kept for the next ones of their size by each thread.
void* take_frame(std::size_t size);
void give_frame_back(void* frame, std::size_t size) noexcept;

class Promise {
 public:
  static void* operator new(std::size_t size) { return take_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { give_frame_back(frame, size); }

  // At its end a coroutine continues the one that awaits it, inside this call, which may do away with it.
  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> ended) const noexcept {
      if (const std::coroutine_handle<> awaiting = ended.promise().awaiting_) awaiting.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { thrown_ = std::current_exception(); }

  void be_awaited_by(std::coroutine_handle<> awaiting) noexcept { awaiting_ = awaiting; }
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  std::coroutine_handle<> awaiting_;
  std::exception_ptr thrown_;
};

template <class T>
class ValuePromise : public Promise {
 public:
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

class VoidPromise : public Promise {
 public:
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace detail

// A coroutine that gives a T, or an exception, to the one coroutine that awaits it. It begins when it is awaited and
// runs inside that call until it waits for something itself; one that never waits costs a call. Belongs to one loop.
//
// Of our own, beside Asio's: that one takes an allocation for each of the thirty calls a request is made of, four of
// them for one wait, and goes through its scheduler each time, which was a sixth of a request's instructions.
template <class T = void>
class [[nodiscard]] awaitable {
 public:
  class promise_type : public std::conditional_t<std::is_void_v<T>, detail::VoidPromise, detail::ValuePromise<T>> {
   public:
    awaitable get_return_object() noexcept {
      return awaitable(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  awaitable(awaitable&& other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
  awaitable& operator=(awaitable&& other) noexcept {
    if (this != &other) {
      drop();
      coroutine_ = std::exchange(other.coroutine_, {});
    }
    return *this;
  }
  ~awaitable() { drop(); }

  bool await_ready() const noexcept { return false; }
  // Not by symmetric transfer, which compilers do not do without optimisation: a loop would use up the stack.
  bool await_suspend(std::coroutine_handle<> awaiting) {
    coroutine_.resume();
    if (coroutine_.done()) return false;
    coroutine_.promise().be_awaited_by(awaiting);
    return true;
  }
  T await_resume() { return coroutine_.promise().take(); }

 private:
  explicit awaitable(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}
  void drop() noexcept {
    if (coroutine_) coroutine_.destroy();
  }

  std::coroutine_handle<promise_type> coroutine_;
};

// For whoever does not want to know.
template <class T>
awaitable<void> without_result(awaitable<T> coroutine) {
  co_await coroutine;
}

}  // namespace spillway::net
