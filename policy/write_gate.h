// The write gate: open -> draining -> quiesced -> open. docs/maintenance.md is
// the operator's view of it.
//
// Held writes wait in order, bounded by count, bytes and age, and are released
// in order with bounded concurrency. A gate closed by hand opens by itself at
// its deadline. Time comes in as an argument: milliseconds of a monotonic clock.
//
// A write of a transaction that has already written is not held while the gate
// drains (until the drain deadline), and is released before all others: it
// holds row locks that the others may be waiting for.
//
// Thread rule: every method from any thread. While the gate is open, Enter,
// Leave, TransactionOpened and TransactionEnded touch only the caller's own
// counter and one shared atomic that is read, never written. One session names
// the same slot in all its calls.
#ifndef SEALGATE_POLICY_WRITE_GATE_H_
#define SEALGATE_POLICY_WRITE_GATE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealgate::policy {

using Milliseconds = std::chrono::milliseconds;

enum class GateState : std::uint8_t { kOpen, kDraining, kQuiesced };
std::string_view GateStateName(GateState state);

struct GateLimits {
  std::uint32_t max_held = 10'000;
  std::uint64_t max_held_bytes = 64ull << 20;
  Milliseconds max_age{30'000};  // longest that one write is held
  Milliseconds default_duration{600'000};
  Milliseconds max_duration{4 * 3'600'000};
  Milliseconds drain_deadline{10'000};  // open transactions may finish until then
  /// Writes in flight while held ones are being released. It doubles with each
  /// second that the release takes, so that a queue that fills as fast as it
  /// empties ends.
  std::uint32_t release_concurrency = 1;  // grows while a long queue is released
};

enum class Admission : std::uint8_t { kGo, kHeld, kRefused };
/// What a held write is told at last. kQueueFull never comes through OnRelease:
/// it is for owners that keep kRefused as a Release.
enum class Release : std::uint8_t { kGo, kExpired, kQueueFull, kShutdown };

struct GateStatus {
  GateState state = GateState::kOpen;
  std::string reason;
  std::optional<Milliseconds> remaining;  // until it opens by itself
  std::uint64_t held = 0;                 // in state kOpen: still to be released
  std::uint64_t held_bytes = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t open_transactions = 0;  // that have written and are not ended
  std::optional<Milliseconds> oldest_held;
  /// Draining beyond the drain deadline: something is still in flight or open,
  /// and the gate does not claim to be quiesced.
  bool overdue = false;
};

class WriteGate {
 public:
  /// Called once per held write, without a lock, from whichever thread released
  /// it (End, Tick, Shutdown, or another write's Enter or Leave) and possibly
  /// before Enter has returned; must only post to the owner's own executor.
  using OnRelease = std::function<void(Release)>;
  using Ticket = std::uint64_t;

  explicit WriteGate(GateLimits limits);
  WriteGate(const WriteGate&) = delete;
  WriteGate& operator=(const WriteGate&) = delete;

  /// Before a write goes to the server. `thread_slot` is a small number per
  /// thread (0..63). `transaction_wrote`: the session's open transaction has
  /// already written. kGo counts the write as in flight until Leave. kHeld
  /// queues it: `on_release` will come exactly once unless Cancel returns true,
  /// and Release::kGo counts it as in flight. kRefused: the queue is full, or
  /// the gate was closed when Shutdown came; nothing is counted or kept.
  Admission Enter(std::uint32_t thread_slot, bool transaction_wrote, std::uint64_t bytes,
                  Milliseconds now, OnRelease on_release, Ticket* ticket);
  /// The write was answered, or its session is gone.
  void Leave(std::uint32_t thread_slot);
  /// The session of a held write is gone. True when it was still queued.
  bool Cancel(Ticket ticket);

  /// A transaction has written for the first time: it counts as open until
  /// TransactionEnded, also between its statements. Call it before the Leave of
  /// that write, and TransactionEnded after the Leave of the last.
  void TransactionOpened(std::uint32_t thread_slot);
  /// It was committed or rolled back, or its session is gone.
  void TransactionEnded(std::uint32_t thread_slot);

  /// Closes the gate; a second Begin moves the deadline and the reason. False,
  /// and nothing changes, when the duration is not positive or beyond the limit,
  /// or after Shutdown.
  bool Begin(std::optional<Milliseconds> duration, std::string reason, Milliseconds now);
  /// Opens it. False when it is open already.
  bool End(Milliseconds now);
  /// Deadlines and ages; call every 50 to 250 ms.
  void Tick(Milliseconds now);
  /// Releases every held write with kShutdown. What comes to a closed gate from
  /// then on is refused.
  void Shutdown();
  GateStatus Status(Milliseconds now) const;
  const GateLimits& limits() const { return limits_; }

 private:
  /// kReleasing shows as GateState::kOpen.
  enum class Mode : std::uint8_t { kOpen, kDraining, kQuiesced, kReleasing };
  struct Held {
    std::uint32_t slot;
    std::uint64_t bytes;
    Milliseconds since;
    OnRelease on_release;
  };
  using Queue = std::map<Ticket, Held>;
  /// Writes in flight in the low half, open transactions in the high half: one
  /// load tells that a slot is idle.
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> counts{0};
  };
  struct Counts {
    std::uint64_t in_flight = 0;
    std::uint64_t transactions = 0;
    bool idle = true;
  };
  using Lock = std::unique_lock<std::mutex>;
  static constexpr std::uint32_t kSlots = 64;

  std::atomic<std::uint64_t>& CountsOf(std::uint32_t thread_slot) const;
  Counts Count() const;
  void Subtract(std::uint32_t thread_slot, std::uint64_t unit);
  Admission EnterClosed(std::uint32_t thread_slot, bool transaction_wrote, std::uint64_t bytes,
                        Milliseconds now, OnRelease on_release, Ticket* ticket);
  bool MayPass(bool transaction_wrote, Milliseconds now) const;
  bool Fits(std::uint64_t bytes) const;
  std::uint64_t FirstReleaseLimit() const;
  void Advance(Lock& lock);
  void Open(Milliseconds now, Lock& lock);
  void ReleaseHeld(Lock& lock);
  std::vector<OnRelease> TakeReleasable();
  std::vector<OnRelease> TakeExpired(Milliseconds now);
  OnRelease Remove(Queue::iterator held);

  const GateLimits limits_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<Mode> mode_{Mode::kOpen};
  alignas(64) mutable std::mutex mutex_;
  // All below: under mutex_.
  Queue queue_;
  std::uint64_t held_bytes_ = 0;
  Ticket next_ticket_ = 1;
  Milliseconds opens_at_{0};
  Milliseconds drain_until_{0};
  Milliseconds released_since_{0};
  std::uint64_t release_limit_ = 0;
  bool releasing_now_ = false;  // a thread is in ReleaseHeld
  bool shut_down_ = false;
  std::string reason_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_WRITE_GATE_H_
