#include "proxy/net/transport/tls_tickets.h"

#include <gtest/gtest.h>

namespace sealgate::net {
namespace {

using std::chrono::minutes;

TEST(TicketKeys, AreKeptForAnHourAndKnownForOneMore) {
  const TicketKeys::Time start{};
  TicketKeys keys;
  const TicketKeyPointer first = keys.ForNew(start);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(keys.ForNew(start + minutes(59)), first);
  const TicketKeyPointer second = keys.ForNew(start + minutes(60));
  EXPECT_NE(second, first);
  EXPECT_NE(second->name, first->name);
  EXPECT_NE(second->cipher, first->cipher);
  EXPECT_NE(second->mac, first->mac);
  EXPECT_EQ(keys.Find(first->name.data(), start + minutes(119)), first);
  EXPECT_EQ(keys.Find(second->name.data(), start + minutes(119)), second);
  EXPECT_EQ(keys.Find(first->name.data(), start + minutes(120)), nullptr);
  EXPECT_EQ(keys.Find(second->name.data(), start + minutes(120)), second);
}

TEST(TicketKeys, AreForgottenWhenNobodyAskedForLong) {
  const TicketKeys::Time start{};
  TicketKeys keys;
  const TicketKeyPointer first = keys.ForNew(start);
  EXPECT_EQ(keys.Find(first->name.data(), start + minutes(121)), nullptr);
}

TEST(TicketKeys, OthersAreNotKnown) {
  TicketKeys keys;
  const TicketKeyPointer key = keys.ForNew({});
  TicketKey other;
  other.name = key->name;
  other.name[15] ^= 1;
  EXPECT_EQ(keys.Find(other.name.data(), {}), nullptr);
}

}  // namespace
}  // namespace sealgate::net
