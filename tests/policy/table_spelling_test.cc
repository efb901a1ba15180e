// Tables whose names differ by case only: which one is the policy's.
#include "policy/table_spelling.h"

#include <gtest/gtest.h>

namespace sealgate::policy {
namespace {

Policy PolicyOf(std::initializer_list<const char*> tables) {
  Policy policy;
  for (const char* table : tables) {
    policy.columns.push_back({});
    policy.columns.back().schema = "shop";
    policy.columns.back().table = table;
    policy.columns.back().column = "email";
  }
  return policy;
}

std::vector<TableName> Chosen(const Policy& policy, Rows tables, const Rows& commented = {}) {
  SchemaRows rows;
  rows.tables = std::move(tables);
  return TablesToRead(policy, rows, commented);
}

using Tables = std::vector<TableName>;

TEST(TableSpelling, OneTableIsTheOneWhateverItsCase) {
  EXPECT_EQ(Chosen(PolicyOf({"people"}), {{"shop", "people"}, {"shop", "items"}}),
            (Tables{{"shop", "people"}}));
  EXPECT_EQ(Chosen(PolicyOf({"people"}), {{"Shop", "People"}}), (Tables{{"Shop", "People"}}));
  EXPECT_EQ(Chosen(PolicyOf({"people"}), {}), Tables{});
}

TEST(TableSpelling, OfSeveralThePolicysSpellingIsTheOne) {
  const Rows tables = {{"Shop", "people"}, {"shop", "PEOPLE"}, {"shop", "People"}};
  EXPECT_EQ(Chosen(PolicyOf({"People"}), tables), (Tables{{"shop", "People"}}));
  EXPECT_EQ(Chosen(PolicyOf({"people", "PEOPLE"}), tables), (Tables{{"shop", "PEOPLE"}}));
  EXPECT_EQ(Chosen(PolicyOf({"people"}), tables), Tables{});
}

TEST(TableSpelling, ACommentOfOursDoesNotMakeAnotherCaseTheOne) {
  EXPECT_EQ(Chosen(PolicyOf({"people"}), {{"shop", "people"}, {"shop", "People"}},
                   {{"shop", "People"}, {"shop", "people"}}),
            (Tables{{"shop", "people"}}));
  EXPECT_EQ(Chosen(PolicyOf({"people"}), {{"shop", "Copy"}, {"shop", "copy"}},
                   {{"shop", "Copy"}, {"shop", "copy"}})
                .size(),
            1u);
}

}  // namespace
}  // namespace sealgate::policy
