#include "policy/catalog.h"

#include <gtest/gtest.h>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

TEST(Catalog, FindsWithoutRegardToCase) {
  Catalog catalog;
  CatalogTable table;
  table.schema = "Shop";
  table.name = "Customers";
  table.columns.push_back({});
  table.columns[0].name = "Email";
  catalog.Add(table);
  ASSERT_NE(catalog.Find("shop", "CUSTOMERS"), nullptr);
  EXPECT_NE(catalog.Find("shop", "CUSTOMERS")->Find("eMail"), nullptr);
  EXPECT_EQ(catalog.Find("shop", "CUSTOMERS")->Find("e-mail"), nullptr);
  EXPECT_EQ(catalog.Find("shop", "customer"), nullptr);
}

TEST(Catalog, HotNames) {
  Catalog catalog;
  EXPECT_FALSE(catalog.has_hot_names());
  catalog.AddHot({NameKind::kTable, "shop", "Customers"});
  catalog.AddHot({NameKind::kView, "other", "CUSTOMERS"});
  EXPECT_FALSE(catalog.has_hot_routines());
  ASSERT_NE(catalog.FindHot("customers"), nullptr);
  EXPECT_EQ(catalog.FindHot("customers")->size(), 2u);
  EXPECT_EQ(catalog.FindHot("Customers"), nullptr);  // the argument is folded already
  catalog.AddHot({NameKind::kRoutine, "shop", "p"});
  EXPECT_TRUE(catalog.has_hot_routines());
}

TEST(Catalog, RoutinesAreFoundWithoutAccents) {
  Catalog catalog;
  catalog.AddHot({NameKind::kTable, "shop", "cust\u00F6mers"});
  catalog.AddHot({NameKind::kRoutine, "shop", "save"});
  EXPECT_NE(catalog.FindHot("s\u00E1ve"), nullptr);
  EXPECT_NE(catalog.FindHot("\x9A\xE1ve"), nullptr);
  for (const char* name : {"s\u00E1vex", "s\u00E1", "sav", "customers", "customer\u0161",
                           "\u0441\u043E\u0445\u0440", "\u4FDD\u5B58\u5BA2\u6237"}) {
    EXPECT_EQ(catalog.FindHot(name), nullptr) << name;
  }
  catalog.AddHot({NameKind::kRoutine, "shop", "s\u00FCrvey"});
  EXPECT_NE(catalog.FindHot("survey"), nullptr);
  EXPECT_NE(catalog.FindHot("surv\u00E9y"), nullptr);
  EXPECT_EQ(catalog.FindHot("s_rvey"), nullptr);
  // Equal by utf8mb3_general_ci.
  catalog.AddHot({NameKind::kRoutine, "shop", "\u0292et"});
  EXPECT_NE(catalog.FindHot("\u01EFet"), nullptr);
}

TEST(Catalog, ASchemaBeyondAsciiMakesItsNamesHigh) {
  Catalog catalog;
  catalog.AddHot({NameKind::kView, "shop", "v"});
  EXPECT_FALSE(catalog.has_high_names());
  catalog.AddHot({NameKind::kView, "k\u00F6ln", "v"});
  EXPECT_TRUE(catalog.has_high_names());
}

TEST(Catalog, Collations) {
  Catalog catalog;
  catalog.AddCollation(45, {"utf8mb4_general_ci", "utf8mb4", true, true});
  catalog.AddCollation(46, {"utf8mb4_bin", "utf8mb4", true, false});
  catalog.AddCollation(33, {"utf8mb3_general_ci", "utf8mb3", true, true});
  EXPECT_EQ(catalog.CollationId("UTF8MB4_bin"), 46);
  EXPECT_EQ(catalog.CollationId("utf8_general_ci"), 33);
  EXPECT_EQ(catalog.CollationId("klingon_ci"), 0);
  EXPECT_EQ(catalog.DefaultCollationId("utf8mb4"), 45);
  EXPECT_EQ(catalog.DefaultCollationId("utf8"), 33);
  EXPECT_EQ(catalog.DefaultCollationId("gbk"), 0);
  EXPECT_EQ(catalog.FindCollation(45)->name, "utf8mb4_general_ci");
  EXPECT_EQ(catalog.FindCollation(1), nullptr);
  catalog.AddSchemaDefault("Shop", "utf8mb4_bin");
  EXPECT_EQ(catalog.SchemaDefault("Shop"), "utf8mb4_bin");
  EXPECT_EQ(catalog.SchemaDefault("shop"), "");
  catalog.lower_case_table_names = 1;
  catalog.AddSchemaDefault("Shop", "utf8mb4_bin");
  EXPECT_EQ(catalog.SchemaDefault("sHOp"), "utf8mb4_bin");
  EXPECT_EQ(catalog.SchemaDefault("x"), "");
}

TEST(NameFolding, LookalikesOfAsciiLetters) {
  EXPECT_EQ(FoldName("CuStOmErS_1$"), "customers_1$");
  EXPECT_EQ(FoldName("\u212A\u0130\u017F\u00C4"), "kis\u00E4");
  EXPECT_EQ(FoldName("V\u00DC"), FoldName("v\u00FC"));
  EXPECT_EQ(FoldName("\u0416\u03A3\uFF21\u1E9E"), FoldName("\u0436\u03C3\uFF41\u00DF"));
  EXPECT_NE(FoldName("\u8336"), FoldName("\u8337"));
  EXPECT_EQ(FoldName("\xC3x\xFF"), "\xC3x\xFF");
  EXPECT_TRUE(EqualsFolded("\u017Fhop", "SHOP"));
  EXPECT_FALSE(EqualsFolded("shop", "shop2"));
}

TEST(NameFolding, NamesWithSignsAreMentionedWithoutAccents) {
  const WordScan scan("CALL `s\u00E1v\u00E9-all`(v); CALL [\u00E1]]b](1); CALL \"x\"\"\u00FC\"()");
  EXPECT_TRUE(scan.MentionsWithoutAccents("save-all"));
  EXPECT_TRUE(scan.MentionsWithoutAccents("sav\u00E8-all"));
  EXPECT_TRUE(scan.MentionsWithoutAccents("a]b"));
  EXPECT_TRUE(scan.MentionsWithoutAccents("x\"u"));
  EXPECT_FALSE(scan.Mentions("save-all"));
  EXPECT_FALSE(scan.MentionsWithoutAccents("save-alx"));
  EXPECT_FALSE(scan.MentionsWithoutAccents("save_all"));
  EXPECT_TRUE(WordScan("call `save-all`()").MentionsWithoutAccents("sav\u00E9-all"));
}

TEST(NameFolding, WordScanFindsWhateverCouldBeAName) {
  const WordScan scan("select `Customers`.id from/**/shop.orders where x='secret table'");
  for (const char* word : {"customers", "id", "shop", "orders", "secret", "secret table"}) {
    EXPECT_TRUE(scan.Mentions(word)) << word;
  }
  for (const char* word : {"customer", "order", "ders", "tables"}) {
    EXPECT_FALSE(scan.Mentions(word)) << word;
  }
}

}  // namespace
}  // namespace sealgate::policy
