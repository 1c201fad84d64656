#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace spillway {

template <class Signature>
class UniqueFunction;

// A callable that is moved, not copied (std::move_only_function is C++23).
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction>)
  UniqueFunction(F&& f) : call_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}  // NOLINT: implicit

  R operator()(Args... args) { return call_->invoke(std::forward<Args>(args)...); }
  explicit operator bool() const noexcept { return call_ != nullptr; }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual R invoke(Args...) = 0;
  };
  template <class F>
  struct Holder final : Callable {
    explicit Holder(F f) : function(std::move(f)) {}
    R invoke(Args... args) override { return function(std::forward<Args>(args)...); }
    F function;
  };
  std::unique_ptr<Callable> call_;
};

}  // namespace spillway
