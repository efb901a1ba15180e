// Keyed OpenSSL contexts that many threads use without a lock.
//
// An OpenSSL context may be used by one thread at a time, and making one costs
// more than sealing a short value. A pool keeps up to kSlots ready copies of a
// keyed prototype; a thread takes the one in its own slot and puts it back, so
// that two atomic exchanges on a cache line of its own are the whole cost. A
// thread that finds its slot empty copies the prototype.
//
// Ownership: the pool owns prototype and copies; key material goes with it.
// Thread rule: Take() from any thread; destruction after every lease ended.
#ifndef SEALGATE_CRYPTO_CONTEXT_POOL_H_
#define SEALGATE_CRYPTO_CONTEXT_POOL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

namespace sealgate::crypto {

/// A small number that differs between threads that run at the same time, as
/// far as the slots suffice.
inline std::size_t ThreadOrdinal() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t ordinal = next.fetch_add(1, std::memory_order_relaxed);
  return ordinal;
}

template <typename Context, Context* (*Copy)(const Context*), void (*Free)(Context*)>
class ContextPool {
 public:
  class Lease {
   public:
    Lease(const ContextPool& pool, std::size_t slot, Context* context)
        : pool_(pool), slot_(slot), context_(context) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.GiveBack(slot_, context_); }
    Context* get() const { return context_; }

   private:
    const ContextPool& pool_;
    std::size_t slot_;
    Context* context_;
  };

  /// Takes ownership of `prototype`.
  explicit ContextPool(Context* prototype) : prototype_(prototype) {}
  ContextPool(const ContextPool&) = delete;
  ContextPool& operator=(const ContextPool&) = delete;
  ~ContextPool() {
    for (Slot& slot : slots_) {
      Free(slot.context.load(std::memory_order_acquire));
    }
    Free(prototype_);
  }

  Lease Take() const {
    const std::size_t slot = ThreadOrdinal() % kSlots;
    Context* context = slots_[slot].context.exchange(nullptr, std::memory_order_acq_rel);
    return Lease(*this, slot, context != nullptr ? context : Copy(prototype_));
  }

 private:
  static constexpr std::size_t kSlots = 16;
  struct alignas(64) Slot {
    std::atomic<Context*> context{nullptr};
  };

  void GiveBack(std::size_t slot, Context* context) const {
    Context* const displaced = slots_[slot].context.exchange(context, std::memory_order_acq_rel);
    if (displaced != nullptr) {
      Free(displaced);
    }
  }

  Context* prototype_;
  mutable std::array<Slot, kSlots> slots_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_CONTEXT_POOL_H_
