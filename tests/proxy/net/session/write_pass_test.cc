// Whatever way a session ends, the gate counts nothing of it afterwards.
#include "proxy/net/session/write_pass.h"

#include <gtest/gtest.h>

#include <optional>

namespace sealgate::net {
namespace {

using policy::Admission;
using policy::GateStatus;
using policy::Milliseconds;
using policy::Release;

constexpr Milliseconds kNow{1'000};
constexpr std::uint32_t kSlot = 3;

class WritePassTest : public testing::Test {
 protected:
  Admission Enter(bool transaction_wrote = false) {
    return pass_.Enter(transaction_wrote, 10, kNow, [this](Release release) { told_ = release; });
  }
  GateStatus Status() const { return gate_.Status(kNow); }
  void ExpectNothingCounted() const {
    EXPECT_EQ(Status().held, 0u);
    EXPECT_EQ(Status().in_flight, 0u);
    EXPECT_EQ(Status().open_transactions, 0u);
  }

  policy::WriteGate gate_{policy::GateLimits{}};
  WritePass pass_{gate_, kSlot};
  std::optional<Release> told_;
};

TEST_F(WritePassTest, OneWriteByItself) {
  ASSERT_EQ(Enter(), Admission::kGo);
  EXPECT_EQ(Status().in_flight, 1u);
  pass_.Leave(false);
  ExpectNothingCounted();
  pass_.Leave(false);  // what was no write is answered
  ExpectNothingCounted();
}

TEST_F(WritePassTest, ATransactionIsOpenUntilItEnds) {
  ASSERT_EQ(Enter(), Admission::kGo);
  pass_.Track(true);
  EXPECT_EQ(Status().open_transactions, 0u);  // the write itself is counted
  pass_.Leave(true);
  pass_.Track(true);
  EXPECT_EQ(Status().in_flight, 0u);
  EXPECT_EQ(Status().open_transactions, 1u);

  ASSERT_EQ(Enter(true), Admission::kGo);
  pass_.Leave(true);
  EXPECT_EQ(Status().open_transactions, 1u);

  pass_.Track(false);
  ExpectNothingCounted();
}

TEST_F(WritePassTest, EndsAmidATransactionsWrite) {
  ASSERT_EQ(Enter(), Admission::kGo);
  pass_.Leave(true);
  ASSERT_EQ(Enter(true), Admission::kGo);
  EXPECT_FALSE(pass_.Abandon());
  ExpectNothingCounted();
}

TEST_F(WritePassTest, EndsWhileHeld) {
  ASSERT_TRUE(gate_.Begin(std::nullopt, "test", kNow));
  ASSERT_EQ(Enter(), Admission::kHeld);
  EXPECT_EQ(Status().held, 1u);
  EXPECT_TRUE(pass_.Abandon());
  ExpectNothingCounted();
  gate_.End(kNow);
  EXPECT_FALSE(told_);
}

TEST_F(WritePassTest, IsReleasedAndGoes) {
  ASSERT_TRUE(gate_.Begin(std::nullopt, "test", kNow));
  ASSERT_EQ(Enter(), Admission::kHeld);
  gate_.End(kNow);
  ASSERT_EQ(told_, Release::kGo);
  pass_.Released(*told_);
  EXPECT_EQ(Status().in_flight, 1u);
  pass_.Leave(false);
  ExpectNothingCounted();
}

// The gate's word is on its way when the session ends.
TEST_F(WritePassTest, IsReleasedTooLate) {
  ASSERT_TRUE(gate_.Begin(std::nullopt, "test", kNow));
  ASSERT_EQ(Enter(), Admission::kHeld);
  gate_.End(kNow);
  EXPECT_FALSE(pass_.Abandon());
  ASSERT_EQ(told_, Release::kGo);
  EXPECT_EQ(Status().in_flight, 1u);
  pass_.Released(*told_);
  EXPECT_FALSE(pass_.Abandon());
  ExpectNothingCounted();
}

TEST_F(WritePassTest, IsRefused) {
  ASSERT_TRUE(gate_.Begin(std::nullopt, "test", kNow));
  ASSERT_EQ(Enter(), Admission::kHeld);
  gate_.Shutdown();
  ASSERT_EQ(told_, Release::kShutdown);
  pass_.Released(*told_);
  ExpectNothingCounted();
  EXPECT_EQ(Enter(), Admission::kRefused);
  EXPECT_FALSE(pass_.Abandon());
  ExpectNothingCounted();
}

}  // namespace
}  // namespace sealgate::net
