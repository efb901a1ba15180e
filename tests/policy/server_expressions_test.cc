#include "policy/server_expressions.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sealgate::policy {
namespace {

using Tables = std::map<std::pair<std::string, std::string>, CatalogTable>;
using Names = std::vector<std::string>;

/// A table with a sealed column `email`, one `note` that is still plaintext, and these rows.
class ServerExpressions : public testing::Test {
 protected:
  ServerExpressions() {
    Column("email", "", "'\xFE`id`'");
    Column("note");
    Column("id");
    table().columns[0].protection = 0;
    table().columns[1].protection = 1;
    table().columns[1].state = ColumnState::kPlaintext;
  }

  CatalogTable& table() { return tables_[{"shop", "people"}]; }

  void Column(const std::string& name, const std::string& extra = "", Cell fallback = std::nullopt,
              Cell generated = std::nullopt) {
    table().columns.emplace_back();
    table().columns.back().name = name;
    rows_.columns.push_back({"shop", "people", name, "varchar(9)", "", extra, "YES",
                             std::move(fallback), std::move(generated)});
  }
  void Generated(const std::string& name, const std::string& expression) {
    Column(name, "VIRTUAL GENERATED", std::nullopt, expression);
  }
  void Check(const std::string& name, const std::string& clause) {
    rows_.checks.push_back({"shop", "people", name, clause});
  }

  Names Computed() {
    Tables tables = tables_;
    MarkServerExpressions(rows_, tables);
    marked_ = tables[{"shop", "people"}];
    return marked_.computed;
  }

  SchemaRows rows_;
  Tables tables_;
  CatalogTable marked_;
};

TEST_F(ServerExpressions, NothingIsComputedOfPlainColumns) {
  Generated("g", "concat(`note`,_utf8mb4\\'email\\')");
  Generated("h", "year(`id`)");
  Column("kind", "", "'email'");
  Column("raw", "", "email");  // MySQL shows a literal so
  Column("made", "DEFAULT_GENERATED", "uuid()");
  Check("c", "`id` in ('email','note')");
  rows_.functional_keys = {{"shop", "people", "k", "lower(`note`)"}};
  EXPECT_EQ(Computed(), Names{});
}

TEST_F(ServerExpressions, GeneratedColumnsAlsoOfEachOther) {
  Generated("first", "concat(`second`,'x')");
  Generated("second", "concat(`EMAIL`,'x')");
  Column("stored", "STORED GENERATED, INVISIBLE", std::nullopt, "lower(`first`)");
  EXPECT_EQ(Computed(), (Names{"generated column second", "generated column first",
                               "generated column stored"}));
  EXPECT_FALSE(marked_.Find("email")->computed);
  for (const char* name : {"first", "second", "stored"}) {
    EXPECT_TRUE(marked_.Find(name)->computed) << name;
    EXPECT_FALSE(marked_.Find(name)->computed_default) << name;
  }
}

TEST_F(ServerExpressions, DefaultsChecksAndFunctionalKeys) {
  Column("d", "", "concat(`email`,'x')");
  Column("e", "DEFAULT_GENERATED", "concat(`email`,_utf8mb4\\'x\\')");
  Check("c", "octet_length(`email`) < 30");
  rows_.functional_keys = {{"shop", "people", "k", "upper(cast(`email` as char(50)))"},
                           {"shop", "people", "k", "lower(`email`)"}};
  EXPECT_EQ(Computed(),
            (Names{"default of column d", "default of column e", "check c", "functional key k"}));
  EXPECT_TRUE(marked_.Find("d")->computed_default);
  EXPECT_FALSE(marked_.Find("d")->computed);
}

TEST_F(ServerExpressions, DefaultsWithoutQuotesAreReadByWords) {
  Column("d", "DEFAULT_GENERATED", "concat(_utf8mb4\\'x\\',email)");
  EXPECT_EQ(Computed(), Names{"default of column d"});
}

TEST_F(ServerExpressions, WhatIsComputedFromPlaintextIsNamedApart) {
  for (CatalogColumn& column : tables_[{"shop", "people"}].columns) {
    if (column.protection) column.state = ColumnState::kPlaintext;
  }
  Generated("first", "concat(`second`,'x')");
  Generated("second", "concat(`email`,'x')");
  Column("d", "DEFAULT_GENERATED", "concat(`email`,'x')");
  Column("e", "DEFAULT_GENERATED", "uuid()");
  Generated("of_default", "upper(`d`)");
  EXPECT_EQ(Computed(), Names{});
  for (const char* name : {"first", "second", "d", "of_default"}) {
    EXPECT_TRUE(marked_.Find(name)->of_plaintext) << name;
    EXPECT_FALSE(marked_.Find(name)->computed) << name;
  }
  EXPECT_FALSE(marked_.Find("e")->of_plaintext);
}

TEST_F(ServerExpressions, WhatCannotBeReadCounts) {
  Generated("g", "");
  Generated("old", "concat(email, 'x')");  // of a server that kept the text as it was
  rows_.checks.push_back({"shop", "people", "c", std::nullopt});
  EXPECT_EQ(Computed(), (Names{"generated column g", "generated column old", "check c"}));
}

TEST_F(ServerExpressions, OfAnotherTableOrAPlaintextColumn) {
  Generated("g", "concat(`email`,'x')");
  Check("c", "`email` <> 'x'");
  table().columns[0].state = ColumnState::kPlaintext;
  EXPECT_EQ(Computed(), Names{});
  table().columns[0].state = ColumnState::kTooNarrow;
  EXPECT_EQ(Computed(), (Names{"generated column g", "check c"}));
  for (Row& row : rows_.columns) row[1] = "other";
  for (Row& row : rows_.checks) row[0] = "other";
  EXPECT_EQ(Computed(), Names{});
}

TEST_F(ServerExpressions, ANameWithABacktick) {
  table().columns[0].name = "e`mail";
  Generated("g", "lower(`e``mail`)");
  EXPECT_EQ(Computed(), Names{"generated column g"});
}

}  // namespace
}  // namespace sealgate::policy
