#include "policy/write_gate.h"

#include <algorithm>
#include <utility>

namespace sealgate::policy {
namespace {

constexpr std::uint64_t kWrite = 1;
constexpr std::uint64_t kTransaction = 1ull << 32;
constexpr std::uint64_t kWriteMask = kTransaction - 1;

// Tickets sort as the queue does: writes of transactions that hold locks come
// before all others.
constexpr WriteGate::Ticket kOrdinary = 1ull << 63;

}  // namespace

std::string_view GateStateName(GateState state) {
  switch (state) {
    case GateState::kOpen:
      return "open";
    case GateState::kDraining:
      return "draining";
    case GateState::kQuiesced:
      return "quiesced";
  }
  return "open";
}

WriteGate::WriteGate(GateLimits limits)
    : limits_(limits), slots_(std::make_unique<Slot[]>(kSlots)) {}

std::atomic<std::uint64_t>& WriteGate::CountsOf(std::uint32_t thread_slot) const {
  return slots_[thread_slot % kSlots].counts;
}

WriteGate::Counts WriteGate::Count() const {
  Counts counts;
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    const std::uint64_t slot = slots_[i].counts.load();
    counts.in_flight += slot & kWriteMask;
    counts.transactions += slot / kTransaction;
    counts.idle = counts.idle && slot == 0;
  }
  return counts;
}

Admission WriteGate::Enter(std::uint32_t thread_slot, bool transaction_wrote, std::uint64_t bytes,
                           Milliseconds now, OnRelease on_release, Ticket* ticket) {
  // Count first, look second, both sequentially consistent: either Begin's
  // count of what is in flight has this write, or this load sees Begin's mode.
  CountsOf(thread_slot).fetch_add(kWrite);
  if (mode_.load() == Mode::kOpen) return Admission::kGo;
  CountsOf(thread_slot).fetch_sub(kWrite);
  return EnterClosed(thread_slot, transaction_wrote, bytes, now, std::move(on_release), ticket);
}

Admission WriteGate::EnterClosed(std::uint32_t thread_slot, bool transaction_wrote,
                                 std::uint64_t bytes, Milliseconds now, OnRelease on_release,
                                 Ticket* ticket) {
  Lock lock(mutex_);
  Admission admission = Admission::kRefused;
  if (MayPass(transaction_wrote, now)) {
    CountsOf(thread_slot).fetch_add(kWrite);
    admission = Admission::kGo;
  } else if (Fits(bytes)) {
    *ticket = next_ticket_++ | (transaction_wrote ? 0 : kOrdinary);
    held_bytes_ += bytes;
    queue_.emplace(*ticket, Held{thread_slot, bytes, now, std::move(on_release)});
    admission = Admission::kHeld;
  }
  // Enter's short count of this write may have kept somebody else from seeing
  // the gate idle or the release below its limit.
  Advance(lock);
  return admission;
}

bool WriteGate::MayPass(bool transaction_wrote, Milliseconds now) const {
  switch (mode_.load()) {
    case Mode::kOpen:
      return true;
    case Mode::kReleasing:
      return transaction_wrote;
    case Mode::kDraining:
      return transaction_wrote && now < drain_until_;
    case Mode::kQuiesced:
      return false;
  }
  return false;
}

bool WriteGate::Fits(std::uint64_t bytes) const {
  return !shut_down_ && queue_.size() < limits_.max_held &&
         bytes <= limits_.max_held_bytes - std::min(held_bytes_, limits_.max_held_bytes);
}

void WriteGate::Leave(std::uint32_t thread_slot) { Subtract(thread_slot, kWrite); }

void WriteGate::TransactionOpened(std::uint32_t thread_slot) {
  CountsOf(thread_slot).fetch_add(kTransaction);
}

void WriteGate::TransactionEnded(std::uint32_t thread_slot) { Subtract(thread_slot, kTransaction); }

void WriteGate::Subtract(std::uint32_t thread_slot, std::uint64_t unit) {
  CountsOf(thread_slot).fetch_sub(unit);
  const Mode mode = mode_.load();
  if (mode == Mode::kOpen || mode == Mode::kQuiesced) return;
  Lock lock(mutex_);
  Advance(lock);
}

bool WriteGate::Cancel(Ticket ticket) {
  OnRelease unused;  // destroyed after the lock: it may own the session
  Lock lock(mutex_);
  const auto held = queue_.find(ticket);
  if (held == queue_.end()) return false;
  unused = Remove(held);
  Advance(lock);
  lock.unlock();
  return true;
}

bool WriteGate::Begin(std::optional<Milliseconds> duration, std::string reason, Milliseconds now) {
  const Milliseconds length = duration.value_or(limits_.default_duration);
  if (length <= Milliseconds::zero() || length > limits_.max_duration) return false;
  Lock lock(mutex_);
  if (shut_down_) return false;
  opens_at_ = now + length;
  reason_ = std::move(reason);
  if (mode_.load() == Mode::kOpen || mode_.load() == Mode::kReleasing) {
    drain_until_ = now + limits_.drain_deadline;
    mode_.store(Mode::kDraining);
  }
  Advance(lock);
  return true;
}

bool WriteGate::End(Milliseconds now) {
  Lock lock(mutex_);
  if (mode_.load() == Mode::kOpen || mode_.load() == Mode::kReleasing) return false;
  Open(now, lock);
  return true;
}

void WriteGate::Tick(Milliseconds now) {
  Lock lock(mutex_);
  const std::vector<OnRelease> expired = TakeExpired(now);
  const Mode mode = mode_.load();
  if ((mode == Mode::kDraining || mode == Mode::kQuiesced) && now >= opens_at_) {
    Open(now, lock);
  } else if (mode == Mode::kReleasing) {
    const auto doublings = std::clamp<std::int64_t>((now - released_since_).count() / 1000, 0, 20);
    release_limit_ = FirstReleaseLimit() << doublings;
  }
  Advance(lock);
  lock.unlock();
  for (const OnRelease& on_release : expired) on_release(Release::kExpired);
}

void WriteGate::Shutdown() {
  std::vector<OnRelease> all;
  {
    Lock lock(mutex_);
    shut_down_ = true;
    while (!queue_.empty()) all.push_back(Remove(queue_.begin()));
    Advance(lock);
  }
  for (const OnRelease& on_release : all) on_release(Release::kShutdown);
}

GateStatus WriteGate::Status(Milliseconds now) const {
  const Lock lock(mutex_);
  const Mode mode = mode_.load();
  const Counts counts = Count();
  GateStatus status;
  status.held = queue_.size();
  status.held_bytes = held_bytes_;
  // Enter counts for a moment what it then holds; a quiesced gate has nothing.
  status.in_flight = mode == Mode::kQuiesced ? 0 : counts.in_flight;
  status.open_transactions = counts.transactions;
  for (const auto& [ticket, held] : queue_) {
    const Milliseconds age = std::max(now - held.since, Milliseconds::zero());
    status.oldest_held = std::max(status.oldest_held.value_or(Milliseconds::zero()), age);
  }
  if (mode == Mode::kOpen || mode == Mode::kReleasing) return status;
  status.state = mode == Mode::kQuiesced ? GateState::kQuiesced : GateState::kDraining;
  status.reason = reason_;
  status.remaining = std::max(opens_at_ - now, Milliseconds::zero());
  status.overdue = mode == Mode::kDraining && now >= drain_until_;
  return status;
}

std::uint64_t WriteGate::FirstReleaseLimit() const {
  return std::max<std::uint64_t>(limits_.release_concurrency, 1);
}

// Whatever the state allows now. May unlock and lock again.
void WriteGate::Advance(Lock& lock) {
  if (mode_.load() == Mode::kDraining && Count().idle) mode_.store(Mode::kQuiesced);
  if (mode_.load() == Mode::kReleasing) ReleaseHeld(lock);
}

void WriteGate::Open(Milliseconds now, Lock& lock) {
  released_since_ = now;
  release_limit_ = FirstReleaseLimit();
  reason_.clear();
  mode_.store(Mode::kReleasing);
  ReleaseHeld(lock);
}

// One thread at a time, so that the callbacks come in the queue's order; the
// others leave it to that thread, which looks again after each batch. The gate
// is open to newcomers only when the last callback has returned.
void WriteGate::ReleaseHeld(Lock& lock) {
  if (releasing_now_) return;
  releasing_now_ = true;
  while (true) {
    std::vector<OnRelease> batch = TakeReleasable();
    if (batch.empty()) break;
    lock.unlock();
    for (const OnRelease& on_release : batch) on_release(Release::kGo);
    batch.clear();  // may end sessions, which call back into the gate
    lock.lock();
  }
  releasing_now_ = false;
  if (mode_.load() == Mode::kReleasing && queue_.empty()) mode_.store(Mode::kOpen);
}

std::vector<WriteGate::OnRelease> WriteGate::TakeReleasable() {
  std::vector<OnRelease> batch;
  if (mode_.load() != Mode::kReleasing) return batch;
  std::uint64_t in_flight = Count().in_flight;
  while (!queue_.empty()) {
    const auto next = queue_.begin();
    const bool holds_locks = next->first < kOrdinary;
    if (!holds_locks && in_flight >= release_limit_) break;
    CountsOf(next->second.slot).fetch_add(kWrite);
    ++in_flight;
    batch.push_back(Remove(next));
  }
  return batch;
}

std::vector<WriteGate::OnRelease> WriteGate::TakeExpired(Milliseconds now) {
  std::vector<OnRelease> expired;
  for (auto held = queue_.begin(); held != queue_.end();) {
    const auto next = std::next(held);
    if (now - held->second.since >= limits_.max_age) expired.push_back(Remove(held));
    held = next;
  }
  return expired;
}

WriteGate::OnRelease WriteGate::Remove(Queue::iterator held) {
  OnRelease on_release = std::move(held->second.on_release);
  held_bytes_ -= held->second.bytes;
  queue_.erase(held);
  return on_release;
}

}  // namespace sealgate::policy
