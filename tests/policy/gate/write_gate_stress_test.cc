// Writers on several threads against a gate that is closed and opened all the
// time. Run it under ThreadSanitizer too.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "policy/write_gate.h"

namespace sealgate::policy {
namespace {

constexpr std::uint32_t kThreads = 4;

Milliseconds Now() {
  return std::chrono::duration_cast<Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

GateLimits StressLimits() {
  GateLimits limits;
  limits.max_age = Milliseconds(60'000);
  limits.drain_deadline = Milliseconds(60'000);
  limits.release_concurrency = 2;
  return limits;
}

/// The server behind the gate: knows what is really in flight.
struct Server {
  std::atomic<int> writes{0};
  std::atomic<int> transactions{0};
  std::atomic<std::uint64_t> applied{0};
};

/// One session that waits for each answer, as a client does.
class Writer {
 public:
  Writer(WriteGate& gate, Server& server, std::uint32_t slot)
      : gate_(gate), server_(server), slot_(slot), random_(slot) {}

  void Run(const std::atomic<bool>& stop) {
    while (!stop.load()) {
      const bool transaction = random_() % 4 == 0;
      Write(false, transaction);
      if (!transaction) continue;
      for (std::uint32_t more = random_() % 3; more > 0; --more) Write(true, false);
      server_.transactions.fetch_sub(1);
      gate_.TransactionEnded(slot_);
    }
  }

  std::uint64_t sent() const { return sent_; }
  std::uint64_t held() const { return held_; }
  std::uint64_t doubled() const { return doubled_.load(); }
  std::uint64_t refused() const { return refused_; }

 private:
  void Write(bool transaction_wrote, bool opens_transaction) {
    WriteGate::Ticket ticket = 0;
    std::atomic<int> released{0};
    const auto on_release = [this, &released](Release release) {
      if (release != Release::kGo || released.load() != 0) doubled_.fetch_add(1);
      const std::lock_guard lock(mutex_);
      released.fetch_add(1);
      wake_.notify_one();
    };
    ++sent_;
    switch (gate_.Enter(slot_, transaction_wrote, 100, Now(), on_release, &ticket)) {
      case Admission::kGo:
        break;
      case Admission::kRefused:
        ++refused_;
        return;
      case Admission::kHeld: {
        ++held_;
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return released.load() != 0; });
        break;
      }
    }
    server_.writes.fetch_add(1);
    server_.applied.fetch_add(1);
    if (random_() % 8 == 0) std::this_thread::yield();
    if (opens_transaction) {
      server_.transactions.fetch_add(1);
      gate_.TransactionOpened(slot_);
    }
    server_.writes.fetch_sub(1);
    gate_.Leave(slot_);
  }

  WriteGate& gate_;
  Server& server_;
  const std::uint32_t slot_;
  std::minstd_rand random_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t sent_ = 0;
  std::uint64_t held_ = 0;
  std::uint64_t refused_ = 0;
  std::atomic<std::uint64_t> doubled_{0};
};

TEST(WriteGateStress, NothingIsLostDoubledOrInFlightWhenQuiesced) {
  WriteGate gate(StressLimits());
  Server server;
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<Writer>> writers;
  std::vector<std::thread> threads;
  // Two writers share each slot, as sessions of one thread would.
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    writers.push_back(std::make_unique<Writer>(gate, server, i / 2));
    threads.emplace_back([&stop, writer = writers.back().get()] { writer->Run(stop); });
  }
  int quiesced = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'500);
  for (int round = 0; std::chrono::steady_clock::now() < until; ++round) {
    ASSERT_TRUE(gate.Begin(std::nullopt, "stress", Now()));
    for (int wait = 0; wait < 10'000 && gate.Status(Now()).state != GateState::kQuiesced; ++wait) {
      gate.Tick(Now());
      std::this_thread::yield();
    }
    if (gate.Status(Now()).state == GateState::kQuiesced) {
      ++quiesced;
      for (int look = 0; look < 20; ++look) {
        EXPECT_EQ(server.writes.load(), 0);
        EXPECT_EQ(server.transactions.load(), 0);
        std::this_thread::yield();
      }
    }
    ASSERT_TRUE(gate.End(Now()));
    if (round % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  stop = true;
  for (int i = 0; i < 1'000 && gate.Status(Now()).held > 0; ++i) {
    gate.Tick(Now());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t sent = 0, held = 0;
  for (const auto& writer : writers) {
    EXPECT_EQ(writer->doubled(), 0u);
    EXPECT_EQ(writer->refused(), 0u);
    sent += writer->sent();
    held += writer->held();
  }
  EXPECT_EQ(server.applied.load(), sent);
  EXPECT_GT(held, 0u);
  EXPECT_GT(quiesced, 10);
  const GateStatus end = gate.Status(Now());
  EXPECT_EQ(end.in_flight + end.open_transactions + end.held + end.held_bytes, 0u);
}

// Fast writers, and a look right after each closing: the narrow race is between
// a writer that saw the gate open and a Begin that saw nothing in flight.
TEST(WriteGateStress, NoWriteSlipsThroughAsTheGateCloses) {
  WriteGate gate(StressLimits());
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> applied{0};
  std::vector<std::thread> threads;
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    threads.emplace_back([&, slot] {
      WriteGate::Ticket ticket = 0;
      while (!stop.load()) {
        std::atomic<bool> released{false};
        const auto on_release = [&released](Release) { released.store(true); };
        if (gate.Enter(slot, false, 1, Now(), on_release, &ticket) == Admission::kHeld) {
          while (!released.load()) std::this_thread::yield();
        }
        applied.fetch_add(1);
        gate.Leave(slot);
      }
    });
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'500);
  int slipped = 0;
  while (std::chrono::steady_clock::now() < until) {
    const std::uint64_t before = applied.load();
    while (applied.load() < before + 4) std::this_thread::yield();
    ASSERT_TRUE(gate.Begin(std::nullopt, "", Now()));
    while (gate.Status(Now()).state != GateState::kQuiesced) std::this_thread::yield();
    const std::uint64_t quiesced = applied.load();
    for (int look = 0; look < 3; ++look) std::this_thread::yield();
    if (applied.load() != quiesced) ++slipped;
    ASSERT_TRUE(gate.End(Now()));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(slipped, 0);
}

// Many writes are held, then released while other threads answer them, while
// newcomers arrive and while some sessions go away.
TEST(WriteGateStress, OrderIsKeptAcrossThreads) {
  constexpr int kWrites = 3'000;
  GateLimits limits = StressLimits();
  limits.release_concurrency = 3;
  WriteGate gate(limits);
  std::mutex mutex;
  std::vector<int> order;
  std::atomic<int> to_answer{0}, in_flight{0}, most{0};
  ASSERT_TRUE(gate.Begin(std::nullopt, "order", Now()));
  std::set<int> cancelled;
  std::vector<WriteGate::Ticket> tickets(kWrites);
  const auto enter = [&](int name) {
    return gate.Enter(
        name % kThreads, false, 1, Now(),
        [&, name](Release release) {
          ASSERT_EQ(release, Release::kGo);
          const int now = in_flight.fetch_add(1) + 1;
          int seen = most.load();
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          {
            const std::lock_guard lock(mutex);
            order.push_back(name);
          }
          to_answer.fetch_add(1);
        },
        &tickets[name]);
  };
  for (int name = 0; name < kWrites / 2; ++name) ASSERT_EQ(enter(name), Admission::kHeld);
  for (int name = 0; name < kWrites / 2; name += 7) {
    ASSERT_TRUE(gate.Cancel(tickets[name]));
    cancelled.insert(name);
  }
  std::atomic<bool> stop{false};
  std::vector<std::thread> answering;
  std::atomic<int> turn{0};
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    answering.emplace_back([&] {
      while (!stop.load()) {
        int waiting = to_answer.load();
        if (waiting == 0 || !to_answer.compare_exchange_strong(waiting, waiting - 1)) {
          std::this_thread::yield();
          continue;
        }
        // The slot of the answered write: they were released in this order.
        int name = 0;
        {
          const std::lock_guard lock(mutex);
          name = order[static_cast<std::size_t>(turn.fetch_add(1))];
        }
        in_flight.fetch_sub(1);
        gate.Leave(static_cast<std::uint32_t>(name) % kThreads);
      }
    });
  }
  const Milliseconds started = Now();
  ASSERT_TRUE(gate.End(started));
  int passed = 0;
  for (int name = kWrites / 2; name < kWrites; ++name) {
    if (enter(name) == Admission::kHeld) continue;
    ++passed;
    gate.Leave(static_cast<std::uint32_t>(name) % kThreads);
  }
  for (int i = 0; i < 20'000 && gate.Status(Now()).held > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  while (gate.Status(Now()).in_flight > 0) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : answering) thread.join();

  EXPECT_EQ(order.size() + cancelled.size() + static_cast<std::size_t>(passed),
            static_cast<std::size_t>(kWrites));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), order.size());
  for (const int name : order) EXPECT_EQ(cancelled.count(name), 0u);
  EXPECT_LE(most.load(), 3);
}

}  // namespace
}  // namespace sealgate::policy
