// What sessions and the watcher do to the list of names at the same time.
#include "proxy/net/backend/snapshot_board.h"

#include <gtest/gtest.h>

namespace sealgate::net {
namespace {

using policy::NameChange;
using policy::ObjectNames;

std::shared_ptr<const ObjectNames> Tables(const std::vector<const char*>& names) {
  auto objects = std::make_shared<ObjectNames>(true);
  for (const char* name : names) objects->AddTable("shop", name);
  return objects;
}

NameChange Mentioning(const char* name) {
  NameChange change;
  change.mentioned = {name};
  return change;
}

class SnapshotBoardTest : public testing::Test {
 protected:
  SnapshotBoardTest() {
    policy::Snapshot snapshot;
    snapshot.catalog = std::make_shared<const policy::Catalog>();
    snapshot.objects = Tables({"a", "b"});
    board_.Publish(std::move(snapshot));
  }
  bool Has(const char* table) const {
    std::string key;
    ObjectNames::KeyOf("shop", table, key);
    return board_.Current()->objects->HasTable(key);
  }

  SnapshotBoard board_;
};

TEST_F(SnapshotBoardTest, ChangedNamesLeavePlansAlone) {
  const SnapshotPointer before = board_.Current();
  SnapshotCache cache(board_);
  EXPECT_EQ(cache.Get(), before);
  board_.Note(Mentioning("a"));
  EXPECT_FALSE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_NE(cache.Get(), before);
  EXPECT_EQ(cache.Get()->version, before->version);
  EXPECT_EQ(cache.Get()->catalog, before->catalog);
  const SnapshotPointer after = board_.Current();
  board_.Note(Mentioning("nothing"));
  EXPECT_EQ(board_.Current(), after);
  board_.Publish(*after);
  EXPECT_NE(board_.Current()->version, before->version);
}

TEST_F(SnapshotBoardTest, TellsWhenANameBecameHot) {
  const auto publish = [this](const std::vector<const char*>& names) {
    policy::Catalog catalog;
    for (const char* name : names) catalog.AddHot({policy::NameKind::kView, "shop", name});
    policy::Snapshot snapshot = *board_.Current();
    snapshot.catalog = std::make_shared<const policy::Catalog>(std::move(catalog));
    board_.Publish(std::move(snapshot));
    return board_.Current()->hot_version;
  };
  const std::uint64_t some = publish({"a", "b"});
  EXPECT_EQ(some, board_.Current()->version);
  EXPECT_EQ(publish({"b", "a"}), some);
  EXPECT_EQ(publish({"a"}), some);
  EXPECT_GT(publish({"a", "b"}), some);
  const std::uint64_t again = publish({"a", "c"});
  EXPECT_EQ(again, board_.Current()->version);
  EXPECT_EQ(publish({}), again);
}

TEST_F(SnapshotBoardTest, ForgottenNamesAreNotKnownUntilTheSchemaIsRead) {
  const SnapshotPointer before = board_.Current();
  board_.ForgetNames();
  EXPECT_FALSE(Has("a"));
  EXPECT_NE(board_.Current()->objects, before->objects);
  EXPECT_TRUE(board_.Current()->objects->changed());
  EXPECT_EQ(board_.Current()->version, before->version);
  board_.Learn({{"shop", "a"}});
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  board_.PublishObjects(Tables({"a", "b"}));
  EXPECT_TRUE(Has("b"));
}

TEST_F(SnapshotBoardTest, AReadingDoesNotBringBackWhatWasTakenMeanwhile) {
  board_.BeginReading();
  NameChange made = Mentioning("made");
  made.made = policy::TableName{"shop", "made"};
  board_.Note(made);
  EXPECT_TRUE(Has("made"));
  board_.Note(Mentioning("a"));
  board_.PublishObjects(Tables({"a", "b", "c", "made"}));
  board_.EndReading();
  EXPECT_FALSE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_TRUE(Has("c"));
  EXPECT_FALSE(Has("made"));  // it may have gone again: it is looked up
  board_.BeginReading();
  board_.PublishObjects(Tables({"a", "made"}));
  board_.EndReading();
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("made"));
}

TEST_F(SnapshotBoardTest, NeitherDoesALook) {
  board_.BeginReading();
  board_.Note(Mentioning("c"));
  board_.Learn({{"shop", "c"}, {"shop", "d"}});
  board_.EndReading();
  EXPECT_FALSE(Has("c"));
  EXPECT_TRUE(Has("d"));
  board_.BeginReading();
  board_.Learn({{"shop", "c"}});
  board_.EndReading();
  EXPECT_TRUE(Has("c"));
}

TEST_F(SnapshotBoardTest, AfterTooManyChangesNothingIsKnown) {
  board_.BeginReading();
  for (int i = 0; i < 2000; ++i) board_.Note(Mentioning("x"));
  board_.PublishObjects(Tables({"a", "b"}));
  board_.EndReading();
  EXPECT_FALSE(Has("a"));
  EXPECT_FALSE(Has("b"));
}

}  // namespace
}  // namespace sealgate::net
