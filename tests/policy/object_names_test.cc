// What is known to be there, between two readings of the schema.
#include "policy/object_names.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealgate::policy {
namespace {

ObjectNames Shop(bool exact_case) {
  ObjectNames objects(exact_case);
  for (const char* table : {"items", "Tags", "orders"}) objects.AddTable("shop", table);
  objects.AddTable("other", "items");
  objects.AddRoutine("shop", "Tidy");
  return objects;
}

bool Has(const ObjectNames& objects, const char* schema, const char* table) {
  std::string key;
  ObjectNames::KeyOf(schema, table, key);
  return objects.HasTable(key);
}

NameChange Mentioning(std::vector<std::string> names) {
  NameChange change;
  change.mentioned = std::move(names);
  return change;
}

TEST(ObjectNames, CaseCountsWhereTheServerSaysSo) {
  EXPECT_TRUE(Has(Shop(true), "shop", "Tags"));
  EXPECT_FALSE(Has(Shop(true), "shop", "tags"));
  EXPECT_TRUE(Has(Shop(false), "shop", "tags"));
  EXPECT_TRUE(Shop(true).HasRoutine("shop", "tidy"));
}

TEST(ObjectNames, ARoutineIsOneOfItsSchema) {
  for (const bool exact_case : {false, true}) {
    ObjectNames objects = Shop(exact_case);
    objects.AddRoutine("", "Loaded");
    EXPECT_FALSE(objects.HasRoutine("other", "tidy"));
    EXPECT_EQ(objects.HasRoutine("Shop", "tidy"), false);
    EXPECT_TRUE(objects.HasRoutine("other", "loaded"));
  }
}

TEST(ObjectNames, WhatIsMentionedIsForgottenInEverySchema) {
  for (const bool exact_case : {false, true}) {
    ObjectNames objects = Shop(exact_case);
    const ObjectNames before = objects;
    EXPECT_FALSE(objects.Apply(Mentioning({"nothing", "drop"})));
    EXPECT_FALSE(objects.changed());
    EXPECT_TRUE(objects.Apply(Mentioning({"items", "tags", "tidy"})));
    EXPECT_TRUE(objects.changed());
    EXPECT_FALSE(Has(objects, "shop", "items"));
    EXPECT_FALSE(Has(objects, "other", "items"));
    EXPECT_FALSE(Has(objects, "shop", exact_case ? "Tags" : "tags"));
    EXPECT_FALSE(objects.HasRoutine("shop", "tidy"));
    EXPECT_TRUE(Has(objects, "shop", "orders"));
    EXPECT_FALSE(objects.Apply(Mentioning({"items"})));
    // Whoever has the old list keeps it.
    EXPECT_TRUE(Has(before, "shop", "items"));
    EXPECT_TRUE(before.HasRoutine("shop", "tidy"));
  }
}

TEST(ObjectNames, AfterForgettingAllNothingIsKnownButWhatIsLearned) {
  ObjectNames objects = Shop(true);
  objects.Learn({"shop", "learned"});
  const ObjectNames before = objects;
  objects.ForgetAll();
  EXPECT_TRUE(objects.changed());
  EXPECT_TRUE(objects.exact_case());
  for (const char* table : {"items", "Tags", "orders", "learned"}) {
    EXPECT_FALSE(Has(objects, "shop", table)) << table;
    EXPECT_TRUE(Has(before, "shop", table)) << table;
  }
  EXPECT_FALSE(objects.HasRoutine("shop", "tidy"));
  objects.Learn({"shop", "items"});
  EXPECT_TRUE(Has(objects, "shop", "items"));
}

TEST(ObjectNames, WhatIsLearnedIsThereUntilItIsMentioned) {
  ObjectNames objects = Shop(true);
  objects.Apply(Mentioning({"items"}));
  objects.Learn({"shop", "items"});
  EXPECT_TRUE(Has(objects, "shop", "items"));
  EXPECT_FALSE(Has(objects, "other", "items"));
  NameChange made = Mentioning({"create", "brand"});
  made.made = TableName{"shop", "Brand"};
  EXPECT_TRUE(objects.Apply(made));
  EXPECT_TRUE(Has(objects, "shop", "Brand"));
  EXPECT_FALSE(Has(objects, "shop", "brand"));
  EXPECT_TRUE(objects.Apply(Mentioning({"brand"})));
  EXPECT_FALSE(Has(objects, "shop", "Brand"));
  EXPECT_FALSE(objects.Apply(Mentioning({"brand"})));
}

TEST(ObjectNames, WhatUsesANameByWayOfOthers) {
  ObjectNames objects = Shop(true);
  objects.AddProgram("Writer", {"shop", "insert into Inbox values (1)"});
  objects.AddProgram("caller", {"shop", "begin call writer(); end"});
  objects.AddProgram("other", {"shop", "select 1"});
  objects.AddProgram("dynamic", {"shop", "begin prepare s from @x; execute s; end"});
  std::vector<std::string> names = objects.NamesOver("inbox");
  std::sort(names.begin(), names.end());
  for (const char* name : {"caller", "dynamic", "inbox", "writer"}) {
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  }
  EXPECT_FALSE(std::binary_search(names.begin(), names.end(), "other"));
}

TEST(ObjectNames, WhatAnEventMayUseStaysSo) {
  ObjectNames objects = Shop(true);
  NameChange change = Mentioning({"e", "items"});
  change.by_event = true;
  NameChange all;
  all.Add(change);
  EXPECT_TRUE(objects.Apply(all));
  EXPECT_TRUE(objects.EventMayUse("items", false));
  EXPECT_FALSE(objects.EventMayUse("orders", false));
  objects.Apply(Mentioning({"items"}));
  EXPECT_TRUE(objects.EventMayUse("items", false));
  EXPECT_FALSE(Shop(true).EventMayUse("items", false));
}

// What it uses of programs that were made since counts, if there is an event at all.
TEST(ObjectNames, WhatAProgramMayUseAnEventMay) {
  ObjectNames objects = Shop(true);
  NameChange program = Mentioning({"p", "items"});
  program.by_program = true;
  EXPECT_TRUE(objects.Apply(program));
  EXPECT_FALSE(objects.EventMayUse("items", false));
  EXPECT_TRUE(objects.EventMayUse("items", true));
  EXPECT_FALSE(objects.EventMayUse("orders", true));
  NameChange event = Mentioning({"e", "p"});
  event.by_event = true;
  objects.Apply(event);
  EXPECT_TRUE(objects.EventMayUse("items", false));
  NameChange dynamic = Mentioning({"q", "prepare", "s", "from"});
  dynamic.by_program = true;
  objects.Apply(dynamic);
  EXPECT_TRUE(objects.EventMayUse("orders", false));
}

TEST(ObjectNames, ASchemaGoesWithItsTablesAndAllRoutines) {
  ObjectNames objects = Shop(false);
  objects.Learn({"Shop", "fresh"});
  NameChange change;
  change.schemas = {"shop"};
  EXPECT_TRUE(objects.Apply(change));
  EXPECT_FALSE(Has(objects, "shop", "orders"));
  EXPECT_FALSE(Has(objects, "shop", "fresh"));
  EXPECT_TRUE(Has(objects, "other", "items"));
  EXPECT_FALSE(objects.HasRoutine("shop", "tidy"));
}

TEST(ObjectNames, ManyChangesLeaveTheSameList) {
  ObjectNames objects = Shop(true);
  for (int i = 0; i < 1000; ++i) objects.Learn({"shop", "t" + std::to_string(i)});
  for (int i = 0; i < 1000; i += 2) objects.Apply(Mentioning({"t" + std::to_string(i)}));
  objects.Apply(Mentioning({"orders", "tidy"}));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(Has(objects, "shop", ("t" + std::to_string(i)).c_str()), i % 2 == 1) << i;
  }
  EXPECT_TRUE(Has(objects, "shop", "Tags"));
  EXPECT_FALSE(Has(objects, "shop", "orders"));
  EXPECT_FALSE(objects.HasRoutine("shop", "tidy"));
  EXPECT_TRUE(objects.changed());
}

TEST(UnknownNames, EachIsAskedOnceAndManyAreTheWholeSchema) {
  UnknownNames names;
  EXPECT_TRUE(names.empty());
  for (int i = 0; i < 3; ++i) names.AddTable({"shop", "a"});
  names.AddRoutine("f");
  EXPECT_EQ(names.tables.size(), 1u);
  UnknownNames other;
  other.AddRoutine("f");
  EXPECT_TRUE(names.Covers(other));
  EXPECT_FALSE(other.Covers(names));
  other.AddTable({"shop", "A"});
  EXPECT_FALSE(names.Covers(other));
  names.Add(other);
  EXPECT_TRUE(names.Covers(other));
  for (int i = 0; i < 100; ++i) names.AddTable({"shop", std::to_string(i)});
  EXPECT_TRUE(names.whole);
  EXPECT_LT(names.tables.size(), 100u);
  EXPECT_TRUE(names.Covers(other));
  EXPECT_FALSE(other.Covers(names));
}

}  // namespace
}  // namespace sealgate::policy
