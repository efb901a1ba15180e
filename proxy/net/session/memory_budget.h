// What the buffers of all sessions hold together, and how much that may be.
// Sessions tell changes in steps, so that the shared number is rarely written.
// Thread rule: any thread.
#ifndef SEALGATE_PROXY_NET_SESSION_MEMORY_BUDGET_H_
#define SEALGATE_PROXY_NET_SESSION_MEMORY_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace sealgate::net {

class MemoryBudget {
 public:
  /// Bytes; 0: no limit.
  explicit MemoryBudget(std::uint64_t most) : most_(most) {}

  void Change(std::int64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  bool exceeded() const {
    return most_ != 0 && used_.load(std::memory_order_relaxed) > static_cast<std::int64_t>(most_);
  }

 private:
  const std::uint64_t most_;
  std::atomic<std::int64_t> used_{0};
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_SESSION_MEMORY_BUDGET_H_
