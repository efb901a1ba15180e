#include "metrics/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace sealgate::metrics {
namespace {

TEST(Counter, AddsUpOverThreads) {
  Counter counter;
  Gauge gauge;
  Histogram histogram;
  std::vector<std::thread> threads;
  for (std::uint32_t slot = 0; slot < 4; ++slot) {
    threads.emplace_back([&, slot] {
      if (slot != 3) UseSlot(slot);
      for (int i = 0; i < 10'000; ++i) {
        counter.Add(2);
        gauge.Add(i % 2 == 0 ? 3 : -2);
        histogram.ObserveNanoseconds(1'000'000);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.Value(), 80'000u);
  EXPECT_EQ(gauge.Value(), 20'000);
  EXPECT_EQ(histogram.Read().count, 40'000u);
  EXPECT_DOUBLE_EQ(histogram.Read().sum_seconds, 40.0);
}

TEST(Gauge, MayBeRaisedAndLoweredByDifferentThreads) {
  Gauge gauge;
  std::thread([&] { UseSlot(1), gauge.Add(5); }).join();
  std::thread([&] { UseSlot(2), gauge.Add(-5); }).join();
  EXPECT_EQ(gauge.Value(), 0);
}

TEST(Slots, AreWrappedToTheirNumber) {
  std::thread([] {
    UseSlot(kSlots + 3);
    EXPECT_EQ(CurrentSlot(), 3u);
    Counter counter;
    counter.Add();
    EXPECT_EQ(counter.Value(), 1u);
  }).join();
}

TEST(Histogram, PutsEachBoundIntoItsOwnBucket) {
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    const auto bound = static_cast<std::uint64_t>(Histogram::kBounds[i] * 1e9 + 0.5);
    Histogram histogram;
    histogram.ObserveNanoseconds(bound);  // "le": the bound itself is inside
    histogram.ObserveNanoseconds(bound + 1);
    EXPECT_EQ(histogram.Read().buckets[i], 1u) << i;
    EXPECT_EQ(histogram.Read().buckets[i + 1], 1u) << i;
  }
}

template <typename Enum>
void ExpectNames(std::size_t count) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < count; ++i) names.insert(Name(static_cast<Enum>(i)));
  EXPECT_EQ(names.size(), count);
  EXPECT_EQ(names.count(""), 0u);
}

TEST(Names, AreDistinct) {
  ExpectNames<StatementClass>(kStatementClasses);
  ExpectNames<Outcome>(kOutcomes);
  ExpectNames<RefusalReason>(kRefusalReasons);
}

TEST(Metrics, HaveTheDomainsInOrder) {
  const Metrics metrics({"b", "a"});
  ASSERT_EQ(metrics.domains.size(), 2u);
  EXPECT_EQ(metrics.domains[0].name, "b");
  EXPECT_EQ(metrics.domains[1].name, "a");
}

}  // namespace
}  // namespace sealgate::metrics
