#include "policy/write_gate.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sealgate::policy {
namespace {

using std::chrono::milliseconds;

constexpr Milliseconds kStart{1'000'000};

GateLimits SmallLimits() {
  GateLimits limits;
  limits.max_held = 5;
  limits.max_held_bytes = 1'000;
  limits.max_age = milliseconds(3'000);
  limits.default_duration = milliseconds(60'000);
  limits.max_duration = milliseconds(600'000);
  limits.drain_deadline = milliseconds(500);
  limits.release_concurrency = 2;
  return limits;
}

class WriteGateTest : public testing::Test {
 protected:
  Admission Write(int name, bool transaction_wrote = false, std::uint64_t bytes = 10) {
    return gate.Enter(
        3, transaction_wrote, bytes, now,
        [this, name](Release release) { released.emplace_back(name, release); }, &ticket);
  }
  void Close(bool quiesce = true) {
    ASSERT_TRUE(gate.Begin(std::nullopt, "test", now));
    ASSERT_EQ(State(), quiesce ? GateState::kQuiesced : State());
  }
  GateState State() { return gate.Status(now).state; }
  void Advance(int ms) {
    now += milliseconds(ms);
    gate.Tick(now);
  }
  std::vector<int> TakeReleased(Release expected) {
    std::vector<int> names;
    for (const auto& [name, release] : released) {
      EXPECT_EQ(release, expected) << name;
      names.push_back(name);
    }
    released.clear();
    return names;
  }

  Milliseconds now = kStart;
  WriteGate gate{SmallLimits()};
  WriteGate::Ticket ticket = 0;
  std::vector<std::pair<int, Release>> released;
};

using Names = std::vector<int>;

TEST_F(WriteGateTest, LetsWritesPassWhileOpen) {
  EXPECT_EQ(Write(1), Admission::kGo);
  EXPECT_EQ(gate.Status(now).in_flight, 1u);
  gate.Leave(3);
  EXPECT_EQ(gate.Status(now).in_flight, 0u);
  EXPECT_EQ(State(), GateState::kOpen);
  EXPECT_FALSE(gate.Status(now).remaining.has_value());
}

TEST_F(WriteGateTest, IsQuiescedAtOnceWhenIdle) {
  Close();
  EXPECT_EQ(Write(1), Admission::kHeld);
  const GateStatus status = gate.Status(now);
  EXPECT_EQ(status.held, 1u);
  EXPECT_EQ(status.held_bytes, 10u);
  EXPECT_EQ(status.reason, "test");
  EXPECT_EQ(status.remaining, milliseconds(60'000));
}

TEST_F(WriteGateTest, DrainsUntilTheLastWriteLeft) {
  Write(1);
  Write(2);
  Close(false);
  EXPECT_EQ(State(), GateState::kDraining);
  gate.Leave(3);
  EXPECT_EQ(State(), GateState::kDraining);
  gate.Leave(3);
  EXPECT_EQ(State(), GateState::kQuiesced);
}

TEST_F(WriteGateTest, WaitsForAnIdleTransactionThatWrote) {
  Write(1);
  gate.TransactionOpened(3);
  gate.Leave(3);
  Close(false);
  EXPECT_EQ(State(), GateState::kDraining);
  EXPECT_EQ(gate.Status(now).in_flight, 0u);
  EXPECT_EQ(gate.Status(now).open_transactions, 1u);
  EXPECT_EQ(Write(2, true), Admission::kGo) << "it may finish while the gate drains";
  EXPECT_EQ(Write(3), Admission::kHeld);
  gate.Leave(3);
  EXPECT_EQ(State(), GateState::kDraining);
  gate.TransactionEnded(3);
  EXPECT_EQ(State(), GateState::kQuiesced);
}

TEST_F(WriteGateTest, SaysOverdueRatherThanQuiesced) {
  gate.TransactionOpened(3);
  Close(false);
  Advance(499);
  EXPECT_FALSE(gate.Status(now).overdue);
  Advance(1);
  EXPECT_TRUE(gate.Status(now).overdue);
  EXPECT_EQ(State(), GateState::kDraining);
  EXPECT_EQ(Write(1, true), Admission::kHeld) << "beyond the drain deadline";
  EXPECT_TRUE(gate.Cancel(ticket));
  gate.TransactionEnded(3);
  EXPECT_EQ(State(), GateState::kQuiesced);
  EXPECT_FALSE(gate.Status(now).overdue);
}

TEST_F(WriteGateTest, ReleasesInOrderAndAFewAtATime) {
  Close();
  for (int name = 1; name <= 5; ++name) EXPECT_EQ(Write(name), Admission::kHeld);
  EXPECT_TRUE(gate.End(now));
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{1, 2}));
  EXPECT_EQ(gate.Status(now).in_flight, 2u);
  EXPECT_EQ(gate.Status(now).held, 3u);
  gate.Leave(3);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{3}));
  gate.Leave(3);
  gate.Leave(3);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{4, 5}));
  EXPECT_EQ(Write(6), Admission::kGo) << "the queue is empty";
}

TEST_F(WriteGateTest, NewcomersQueueBehindWhatIsHeld) {
  Close();
  for (int name = 1; name <= 3; ++name) Write(name);
  gate.End(now);
  EXPECT_EQ(Write(4), Admission::kHeld);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{1, 2}));
  gate.Leave(3);
  gate.Leave(3);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{3, 4}));
}

TEST_F(WriteGateTest, ATransactionThatHoldsLocksGoesFirst) {
  gate.TransactionOpened(3);
  Close(false);
  Advance(500);
  for (int name = 1; name <= 3; ++name) EXPECT_EQ(Write(name), Admission::kHeld);
  EXPECT_EQ(Write(9, true), Admission::kHeld);
  gate.End(now);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{9, 1}));
  EXPECT_EQ(Write(10, true), Admission::kGo) << "beyond the limit: 1 may wait for its lock";
}

TEST_F(WriteGateTest, ReleaseSpeedsUpByTheSecond) {
  Close();
  for (int name = 1; name <= 5; ++name) Write(name);
  gate.End(now);
  TakeReleased(Release::kGo);
  Advance(999);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{}));
  Advance(1);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{3, 4}));
}

TEST_F(WriteGateTest, ExpiresByAge) {
  Close();
  Write(1);
  Advance(1'000);
  Write(2);
  Advance(1'999);
  EXPECT_EQ(gate.Status(now).oldest_held, milliseconds(2'999));
  EXPECT_EQ(TakeReleased(Release::kExpired), (Names{}));
  Advance(1);
  EXPECT_EQ(TakeReleased(Release::kExpired), (Names{1}));
  EXPECT_EQ(gate.Status(now).held, 1u);
  EXPECT_EQ(gate.Status(now).in_flight, 0u);
  EXPECT_EQ(State(), GateState::kQuiesced);
}

TEST_F(WriteGateTest, RefusesBeyondTheCount) {
  Close();
  for (int name = 1; name <= 5; ++name) EXPECT_EQ(Write(name), Admission::kHeld);
  EXPECT_EQ(Write(6), Admission::kRefused);
  EXPECT_EQ(gate.Status(now).held, 5u);
  EXPECT_EQ(gate.Status(now).in_flight, 0u);
}

TEST_F(WriteGateTest, RefusesBeyondTheBytes) {
  Close();
  EXPECT_EQ(Write(1, false, 1'001), Admission::kRefused);
  EXPECT_EQ(Write(2, false, 600), Admission::kHeld);
  EXPECT_EQ(Write(3, false, 401), Admission::kRefused);
  EXPECT_EQ(Write(4, false, ~0ull), Admission::kRefused);
  EXPECT_EQ(Write(5, false, 400), Admission::kHeld);
  EXPECT_TRUE(gate.Cancel(ticket));
  EXPECT_EQ(gate.Status(now).held_bytes, 600u);
}

TEST_F(WriteGateTest, CancelWorksOnce) {
  Close();
  Write(1);
  const WriteGate::Ticket first = ticket;
  Write(2);
  EXPECT_TRUE(gate.Cancel(first));
  EXPECT_FALSE(gate.Cancel(first));
  gate.End(now);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{2}));
  EXPECT_FALSE(gate.Cancel(ticket)) << "already released: Leave is due";
}

TEST_F(WriteGateTest, OpensByItself) {
  ASSERT_TRUE(gate.Begin(milliseconds(1'000), "short", now));
  Write(1);
  Advance(999);
  EXPECT_EQ(State(), GateState::kQuiesced);
  Advance(1);
  EXPECT_EQ(State(), GateState::kOpen);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{1}));
  EXPECT_FALSE(gate.End(now));
}

TEST_F(WriteGateTest, BeginAgainMovesDeadlineAndReasonOnly) {
  Close();
  Advance(50'000);
  ASSERT_TRUE(gate.Begin(milliseconds(20'000), "longer", now));
  EXPECT_EQ(State(), GateState::kQuiesced);
  EXPECT_EQ(gate.Status(now).reason, "longer");
  Advance(19'999);
  EXPECT_EQ(State(), GateState::kQuiesced);
  Advance(1);
  EXPECT_EQ(State(), GateState::kOpen);
  EXPECT_EQ(gate.Status(now).reason, "");
}

TEST_F(WriteGateTest, BeginAgainDoesNotMoveTheDrainDeadline) {
  gate.TransactionOpened(3);
  Close(false);
  Advance(400);
  gate.Begin(std::nullopt, "again", now);
  Advance(100);
  EXPECT_TRUE(gate.Status(now).overdue);
}

TEST_F(WriteGateTest, RefusesDurationsBeyondTheLimit) {
  EXPECT_FALSE(gate.Begin(milliseconds(600'001), "", now));
  EXPECT_FALSE(gate.Begin(milliseconds(0), "", now));
  EXPECT_FALSE(gate.Begin(milliseconds(-1), "", now));
  EXPECT_EQ(State(), GateState::kOpen);
  Close();
  EXPECT_FALSE(gate.Begin(milliseconds(600'001), "no", now));
  EXPECT_EQ(gate.Status(now).reason, "test");
}

TEST_F(WriteGateTest, ClosingAgainDuringTheReleaseKeepsOrder) {
  Close();
  for (int name = 1; name <= 4; ++name) Write(name);
  gate.End(now);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{1, 2}));
  Close(false);
  EXPECT_EQ(State(), GateState::kDraining);
  EXPECT_EQ(Write(5), Admission::kHeld);
  gate.Leave(3);
  gate.Leave(3);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{}));
  EXPECT_EQ(State(), GateState::kQuiesced);
  gate.End(now);
  gate.Leave(3);
  gate.Leave(3);
  gate.Leave(3);
  EXPECT_EQ(TakeReleased(Release::kGo), (Names{3, 4, 5}));
}

TEST_F(WriteGateTest, EndOfAnOpenGateSaysSo) { EXPECT_FALSE(gate.End(now)); }

TEST_F(WriteGateTest, ShutdownReleasesAllAndRefusesTheRest) {
  Close();
  Write(1);
  Write(2);
  gate.Shutdown();
  EXPECT_EQ(TakeReleased(Release::kShutdown), (Names{1, 2}));
  EXPECT_EQ(gate.Status(now).held_bytes, 0u);
  EXPECT_EQ(Write(3), Admission::kRefused);
  EXPECT_FALSE(gate.Begin(std::nullopt, "", now));
}

TEST_F(WriteGateTest, ShutdownOfAnOpenGateLetsWritesFinish) {
  gate.Shutdown();
  EXPECT_EQ(Write(1), Admission::kGo);
}

TEST_F(WriteGateTest, CallbacksMayUseTheGate) {
  Close();
  Names order;
  for (int name = 1; name <= 5; ++name) {
    gate.Enter(
        0, false, 1, now,
        [this, &order, name](Release) {
          order.push_back(name);
          gate.Leave(0);
          gate.Status(now);
          gate.Cancel(99);
        },
        &ticket);
  }
  gate.End(now);
  EXPECT_EQ(order, (Names{1, 2, 3, 4, 5}));
  EXPECT_EQ(gate.Status(now).in_flight, 0u);
  EXPECT_EQ(Write(6), Admission::kGo);
}

TEST_F(WriteGateTest, ACancelledSessionMayLeaveInItsDestructor) {
  struct Session {
    WriteGate& gate;
    ~Session() { gate.TransactionEnded(0); }
  };
  gate.TransactionOpened(0);
  Close(false);
  Advance(500);
  std::shared_ptr<Session> session(new Session{gate});
  gate.Enter(
      0, true, 1, now, [session](Release) {}, &ticket);
  session.reset();
  EXPECT_TRUE(gate.Cancel(ticket));
  EXPECT_EQ(State(), GateState::kQuiesced);
}

TEST(GateStateName, IsTheOneOfTheMetrics) {
  EXPECT_EQ(GateStateName(GateState::kOpen), "open");
  EXPECT_EQ(GateStateName(GateState::kDraining), "draining");
  EXPECT_EQ(GateStateName(GateState::kQuiesced), "quiesced");
}

}  // namespace
}  // namespace sealgate::policy
