#pragma once

namespace spillway::net {

// Something that can be told to give up what it is waiting for; the wait then ends with Errc::cancelled.
class Cancellable {
 public:
  virtual ~Cancellable() = default;
  virtual void cancel() noexcept = 0;
};

// The one thing a request is waiting for just now, so that it can be told to stop wherever it is.
class CancelSlot final : public Cancellable {
 public:
  // Makes `target` the thing waited for while the guard lives.
  class Guard {
   public:
    Guard(CancelSlot& slot, Cancellable& target) noexcept : slot_(slot), before_(slot.current_) {
      slot.current_ = &target;
    }
    ~Guard() { slot_.current_ = before_; }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    CancelSlot& slot_;
    Cancellable* before_;
  };

  void cancel() noexcept override {
    cancelled_ = true;
    if (current_ != nullptr) current_->cancel();
  }
  bool cancelled() const noexcept { return cancelled_; }

 private:
  Cancellable* current_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace spillway::net
