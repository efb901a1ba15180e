#include "policy/primary.h"

#include <gtest/gtest.h>

#include "policy/server_probe.h"

namespace sealgate::policy {
namespace {

ServerFacts Writable() { return {.reachable = true}; }
ServerFacts ReadOnly() { return {.reachable = true, .read_only = true}; }
ServerFacts Gone() { return {}; }
ServerFacts Member(bool online, bool primary, bool majority) {
  return {
      .reachable = true, .read_only = !primary, .group = GroupMember{online, primary, majority}};
}
ServerFacts Node(bool ready, bool in_primary_part, bool synced) {
  return {.reachable = true, .galera = GaleraNode{ready, in_primary_part, synced}};
}

using Servers = std::vector<ServerFacts>;
constexpr std::nullopt_t kNone = std::nullopt;
constexpr PrimaryChoice kNobody{};
constexpr PrimaryChoice kAmbiguous{std::nullopt, true};

PrimaryChoice Is(std::size_t index) { return {index, false}; }

TEST(Primary, ByReadOnly) {
  EXPECT_EQ(ChoosePrimary({Writable(), ReadOnly()}, kNone), Is(0));
  EXPECT_EQ(ChoosePrimary({ReadOnly(), Writable(), Gone()}, kNone), Is(1));
  EXPECT_EQ(ChoosePrimary({ReadOnly(), ReadOnly()}, kNone), kNobody);
  EXPECT_EQ(ChoosePrimary({Gone(), Gone()}, kNone), kNobody);
}

TEST(Primary, IsFollowed) {
  EXPECT_EQ(ChoosePrimary({ReadOnly(), Writable()}, 0), Is(1));
  EXPECT_EQ(ChoosePrimary({Gone(), Writable()}, 0), Is(1));
  // Between demotion and promotion there is none.
  EXPECT_EQ(ChoosePrimary({ReadOnly(), ReadOnly()}, 0), kNobody);
  EXPECT_EQ(ChoosePrimary({ReadOnly(), Gone()}, 0), kNobody);
}

TEST(Primary, ThatCannotBeReachedStaysUntilThereIsAnother) {
  EXPECT_EQ(ChoosePrimary({Gone(), ReadOnly()}, 0), Is(0));
  EXPECT_EQ(ChoosePrimary({Gone(), Gone()}, 0), Is(0));
}

TEST(Primary, InUseStaysWhenAnotherTakesWritesToo) {
  EXPECT_EQ(ChoosePrimary({Writable(), Writable()}, 1), Is(1));
}

TEST(Primary, OfTwoStrangersNoneIsTaken) {
  EXPECT_EQ(ChoosePrimary({Writable(), Writable()}, kNone), kAmbiguous);
  EXPECT_EQ(ChoosePrimary({Gone(), Writable(), Writable()}, 0), kAmbiguous);
  EXPECT_EQ(ChoosePrimary({Node(true, true, true), Writable()}, kNone), kAmbiguous);
}

TEST(Primary, OfAGroup) {
  const Servers servers = {Member(true, false, true), Member(true, true, true),
                           Member(false, false, false)};
  EXPECT_EQ(ChoosePrimary(servers, kNone), Is(1));
  EXPECT_EQ(ChoosePrimary(servers, 0), Is(1));
  EXPECT_EQ(StandingOf(servers[0]), Standing::kSecondary);
  EXPECT_EQ(StandingOf(servers[2]), Standing::kNotReady);
  // Cut off from the majority, a member may still think that it is the primary.
  EXPECT_EQ(StandingOf(Member(true, true, false)), Standing::kNotReady);
  EXPECT_EQ(ChoosePrimary({Member(true, true, true), Member(true, true, true)}, kNone), Is(0));
}

TEST(Primary, OfAGaleraCluster) {
  const Servers servers = {Node(false, true, true), Node(true, true, true), Node(true, true, true)};
  EXPECT_EQ(ChoosePrimary(servers, kNone), Is(1));
  EXPECT_EQ(ChoosePrimary(servers, 2), Is(2));
  EXPECT_EQ(ChoosePrimary(servers, 0), Is(1));
  EXPECT_EQ(StandingOf(Node(true, false, true)), Standing::kNotReady);
  EXPECT_EQ(StandingOf(Node(true, true, false)), Standing::kNotReady);
}

Rows Variables(const std::string& read_only, const std::string& wsrep_on = "OFF") {
  return {{"read_only", read_only}, {"wsrep_on", wsrep_on}, {"version", "x"}};
}

TEST(Primary, FactsFromRows) {
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF"), {}, {})), Standing::kPrimary);
  EXPECT_EQ(StandingOf(FactsFrom(Variables("ON"), {}, {})), Standing::kSecondary);
  EXPECT_EQ(StandingOf(FactsFrom(Variables("NO_LOCK"), {}, {})), Standing::kSecondary);
  Rows super = Variables("OFF");
  super.push_back({"super_read_only", "ON"});
  EXPECT_EQ(StandingOf(FactsFrom(super, {}, {})), Standing::kSecondary);

  const Rows synced = {
      {"wsrep_ready", "ON"}, {"wsrep_cluster_status", "Primary"}, {"wsrep_local_state", "4"}};
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF", "ON"), synced, {})), Standing::kPrimary);
  Rows rejecting = Variables("OFF", "ON");
  rejecting.push_back({"wsrep_reject_queries", "ALL"});
  EXPECT_EQ(StandingOf(FactsFrom(rejecting, synced, {})), Standing::kNotReady);
  rejecting.back() = {"wsrep_reject_queries", "NONE"};
  EXPECT_EQ(StandingOf(FactsFrom(rejecting, synced, {})), Standing::kPrimary);
  const Rows joining = {
      {"wsrep_ready", "OFF"}, {"wsrep_cluster_status", "Primary"}, {"wsrep_local_state", "1"}};
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF", "ON"), joining, {})), Standing::kNotReady);
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF", "ON"), {}, {})), Standing::kNotReady);

  const Rows primary = {{"1", "ONLINE", "PRIMARY"}, {"0", "ONLINE", "SECONDARY"}};
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF"), {}, primary)), Standing::kPrimary);
  const Rows secondary = {{"0", "ONLINE", "PRIMARY"}, {"1", "ONLINE", "SECONDARY"}};
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF"), {}, secondary)), Standing::kSecondary);
  const Rows cut_off = {{"1", "ONLINE", "PRIMARY"}, {"0", "UNREACHABLE", "SECONDARY"}};
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF"), {}, cut_off)), Standing::kNotReady);
  const Rows left = {{"0", "OFFLINE", ""}};
  EXPECT_EQ(StandingOf(FactsFrom(Variables("OFF"), {}, left)), Standing::kNotReady);
}

}  // namespace
}  // namespace sealgate::policy
