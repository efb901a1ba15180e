// Which of the server's threads clients have just had killed, over all of Sealgate's
// threads. The server may cut such a session off in the middle of a statement, with no
// error, and then that is what its client sees.
//
// It remembers the last few. A server counts its threads up, so that a number does not
// come again soon; of several servers, one's may be another's, too, and then a session
// ends without the reason. Thread rule: any thread, no lock.
#ifndef SEALGATE_PROXY_RELAY_KILLED_THREADS_H_
#define SEALGATE_PROXY_RELAY_KILLED_THREADS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sealgate::relay {

class KilledThreads {
 public:
  /// A KILL of it goes to the server, which may refuse it. 0 is no thread.
  void Add(std::uint32_t thread) {
    threads_[next_.fetch_add(1, std::memory_order_relaxed) % kKept] = thread;
  }

  bool Has(std::uint32_t thread) const {
    for (const std::atomic<std::uint32_t>& one : threads_) {
      if (thread != 0 && one == thread) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kKept = 256;
  std::array<std::atomic<std::uint32_t>, kKept> threads_{};
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_KILLED_THREADS_H_
