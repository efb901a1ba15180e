#include "policy/catalog_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "policy/dynamic_guard.h"
#include "policy/hot_names.h"

namespace sealgate::policy {
namespace {

Policy ShopPolicy() {
  return ParsePolicy(
             "version: 1\n"
             "columns:\n"
             "  - {column: shop.customers.email, mode: searchable}\n"
             "  - {column: shop.customers.card, mode: random}\n"
             "  - {column: shop.my-table.x, mode: random}\n",
             "p.yaml")
      .value();
}

const std::string kEmailComment =
    "sealgate:1;type=varchar(255);charset=utf8mb4;collation=utf8mb4_general_ci";

Row Column(std::string table, std::string name, std::string type, std::string comment,
           std::string extra = "", Cell fallback = std::nullopt) {
  return {"shop",          std::move(table),   std::move(name),
          std::move(type), std::move(comment), std::move(extra),
          "YES",           std::move(fallback)};
}

SchemaRows Rows() {
  SchemaRows rows;
  rows.server = {{"10.11.6-MariaDB", "0", "host", "3306", ""}};
  rows.collations = {{"45", "utf8mb4_general_ci", "utf8mb4", "Yes", std::nullopt},
                     {"1069", "utf8mb4_general_nopad_ci", "utf8mb4", "", std::nullopt}};
  return rows;
}

tl::expected<std::shared_ptr<const CollationWeights>, std::string> SomeWeights(
    const CollationInfo& collation) {
  return std::make_shared<CollationWeights>(collation.name, collation.pad_space);
}

Catalog Built(const SchemaRows& rows) {
  auto catalog = BuildCatalog(ShopPolicy(), rows, SomeWeights);
  EXPECT_TRUE(catalog);
  return catalog.value_or(Catalog{});
}

TEST(CatalogBuilder, EnginesThatNobodyKnows) {
  SchemaRows rows = Rows();
  EXPECT_TRUE(Built(rows).other_engines.empty());
  rows.server[0].push_back("InnoDB,MRG_MYISAM,Warehouse,FEDERATED,Aria,SEQUENCE");
  EXPECT_EQ(Built(rows).other_engines, (std::vector<std::string>{"Warehouse", "SEQUENCE"}));
}

TEST(CatalogBuilder, ServerAndCollations) {
  const Catalog catalog = Built(Rows());
  EXPECT_TRUE(catalog.is_mariadb);
  EXPECT_TRUE(catalog.FindCollation(45)->pad_space);
  EXPECT_FALSE(catalog.FindCollation(1069)->pad_space);
  SchemaRows mysql = Rows();
  mysql.server[0] = {"9.7.4", "1", "host", "3306", ""};
  mysql.collations = {{"255", "utf8mb4_0900_ai_ci", "utf8mb4", "Yes", "NO PAD"}};
  const Catalog other = Built(mysql);
  EXPECT_FALSE(other.is_mariadb);
  EXPECT_EQ(other.lower_case_table_names, 1);
  EXPECT_FALSE(other.FindCollation(255)->pad_space);
}

TEST(CatalogBuilder, ColumnStates) {
  struct StateRow {
    std::string type;
    std::string comment;
    ColumnState state;
  };
  const StateRow states[] = {
      {"varbinary(1086)", kEmailComment, ColumnState::kSealed},
      {"mediumblob", kEmailComment, ColumnState::kSealed},
      {"varbinary(1085)", kEmailComment, ColumnState::kTooNarrow},
      {"varchar(255)", "", ColumnState::kPlaintext},
      {"varbinary(1086)", "mail", ColumnState::kPlaintext},
      {"varchar(1086)", kEmailComment, ColumnState::kBadComment},
      {"varbinary(1086)", "sealgate:2;x", ColumnState::kBadComment},
  };
  for (const StateRow& row : states) {
    SchemaRows rows = Rows();
    rows.columns = {Column("customers", "email", row.type, row.comment)};
    const Catalog catalog = Built(rows);
    const CatalogColumn* column = catalog.Find("shop", "customers")->Find("email");
    ASSERT_NE(column, nullptr);
    EXPECT_EQ(column->state, row.state) << row.type;
    EXPECT_EQ(column->weights != nullptr, row.state == ColumnState::kSealed) << row.type;
    EXPECT_EQ(column->protection, 0u);
  }
}

TEST(CatalogBuilder, ColumnAttributes) {
  SchemaRows rows = Rows();
  rows.columns = {Column("customers", "id", "int(11)", "", "auto_increment"),
                  Column("customers", "a", "int(11)", "", "VIRTUAL GENERATED, INVISIBLE", "NULL"),
                  Column("customers", "b", "int(11)", "", "DEFAULT_GENERATED", "uuid()")};
  rows.columns[0][6] = "NO";
  const Catalog catalog = Built(rows);
  const CatalogTable* table = catalog.Find("shop", "customers");
  EXPECT_TRUE(table->columns[0].auto_increment);
  EXPECT_FALSE(table->columns[0].nullable);
  EXPECT_TRUE(table->columns[1].generated && table->columns[1].invisible);
  EXPECT_FALSE(table->columns[1].has_default);  // MariaDB's way to say none
  EXPECT_TRUE(table->columns[2].has_default);
  EXPECT_FALSE(table->columns[2].generated);
}

TEST(CatalogBuilder, OrphansAreHot) {
  SchemaRows rows = Rows();
  rows.columns = {Column("copy", "id", "int", ""), Column("copy", "email", "blob", kEmailComment)};
  const Catalog catalog = Built(rows);
  ASSERT_NE(catalog.Find("shop", "copy"), nullptr);
  EXPECT_TRUE(catalog.Find("shop", "copy")->orphan);
  EXPECT_NE(catalog.FindHot("copy"), nullptr);
}

TEST(CatalogBuilder, NamesThatDifferByCaseAreAnError) {
  SchemaRows rows = Rows();
  rows.columns = {Column("customers", "email", "blob", ""),
                  Column("Customers", "email", "blob", "")};
  const auto catalog = BuildCatalog(ShopPolicy(), rows, SomeWeights);
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error(),
            "the tables shop.Customers and shop.customers differ by case only; rename one");
}

TEST(CatalogBuilder, HotNamesAreFoundToTheLast) {
  SchemaRows rows = Rows();
  rows.views = {{"shop", "v3", "select `id` from `shop`.`v2`"},
                {"shop", "v2", "select `id` from `shop`.`V1`"},
                {"else", "v1", "select `shop`.`customers`.`id` from `shop`.`customers`"},
                {"shop", "cold", "select 1 from `shop`.`plain`"},
                {"shop", "hidden", ""},
                {"shop", "dashed", "select 1 from `shop`.`my-table`"},
                {"shop", "through", "select `shop`.`f`(1)"},
                {"shop", "v`x", "select `id` from `shop`.`v3`"},
                {"shop", "over", "select `id` from `shop`.`v``x`"}};
  rows.routines = {{"shop", "f", "begin return (select 1 from v3); end", "SQL"},
                   {"shop", "dynamic", "begin prepare s from @x; end", "SQL"},
                   {"shop", "immediate", "execute immediate 'x'", "SQL"},
                   {"shop", "untracked", "set session `session_track_schema` = off", "SQL"},
                   {"shop", "at_login", "set global init_connect = x", "SQL"},
                   {"shop", "unseen", std::nullopt, "SQL"},
                   {"shop", "outside", "return 1", "EXTERNAL"},
                   {"shop", "writes_loud", "insert into loud values (1)", "SQL"},
                   {"shop", "calm", "select 1", "SQL"}};
  rows.triggers = {{"shop", "loud", "delete from customers"}, {"shop", "quiet", "set @x = 1"}};
  const Catalog catalog = Built(rows);
  for (const char* hot : {"v`x", "over", "customers", "my-table", "v1", "v2", "v3", "hidden",
                          "dashed", "through", "f", "dynamic", "immediate", "untracked", "at_login",
                          "unseen", "outside", "writes_loud", "loud"}) {
    EXPECT_NE(catalog.FindHot(hot), nullptr) << hot;
  }
  for (const char* cold : {"cold", "calm", "quiet", "plain"}) {
    EXPECT_EQ(catalog.FindHot(cold), nullptr) << cold;
  }
  EXPECT_EQ(catalog.FindHot("loud")->front().kind, NameKind::kTriggered);
  EXPECT_TRUE(catalog.has_hot_routines());
}

TEST(CatalogBuilder, WhatTheServerBringsAlongIsHotWhereItNamesSomebodysTable) {
  const std::string own = "mariadb.sys@localhost";
  SchemaRows rows = Rows();
  rows.views = {{"sys", "own", "select `x`.`customers` from `mysql`.`x`", own},
                {"sys", "lent", "select 1 from `shop`.`customers`", own},
                {"sys", "made", "select 1 from `shop`.`customers`", "dba@%"},
                {"sys", "over", "select 1 from `sys`.`lent`", own},
                {"SYS", "twin", "select 1 from `else`.`customers`", own}};
  rows.routines = {
      {"sys", "table_exists", "prepare s from @x", "SQL", "PROCEDURE", own},
      {"sys", "own_q", "select * from own", "SQL", "PROCEDURE", own},
      {"sys", "lent_p", "select * from lent", "SQL", "PROCEDURE", own},
      {"mysql", "AddGeometryColumn", "prepare s from @x", "SQL", "PROCEDURE", "root@%"},
      {"shop", "calls_runner", "call sys.execute_prepared_stmt(x)", "SQL", "PROCEDURE", "dba@%"},
      {"mysql", "made_p", "prepare s from @x", "SQL", "PROCEDURE", "root@%"}};
  rows.triggers = {{"sys", "sys_config", "set new.set_by = user()", own},
                   {"sys", "loud", "delete from customers", "dba@%"}};
  TakeOutServersOwn(HotTables(ShopPolicy(), rows), rows);
  const Catalog catalog = Built(rows);
  for (const char* hot :
       {"lent", "made", "over", "twin", "lent_p", "made_p", "loud", "calls_runner"}) {
    EXPECT_NE(catalog.FindHot(hot), nullptr) << hot;
  }
  for (const char* cold : {"own", "table_exists", "own_q", "sys_config", "addgeometrycolumn"}) {
    EXPECT_EQ(catalog.FindHot(cold), nullptr) << cold;
  }
  EXPECT_EQ(rows.views.size(), 4u);
  EXPECT_EQ(rows.routines.size(), 3u);
  EXPECT_EQ(rows.triggers.size(), 1u);
  EXPECT_TRUE(ListObjects(rows).HasRoutine("sys", "table_exists"));
}

TEST(CatalogBuilder, ATableThatMayStandForAProtectedOneIsHotAndCannotBeUsed) {
  const auto definition = [](const std::string& options) {
    return "CREATE TABLE `t` (\n  `customers` int\n) ENGINE=" + options;
  };
  SchemaRows rows = Rows();
  rows.tables = {{"shop", "customers"}};
  rows.linked = {
      {"shop", "merged", "MRG_MyISAM", definition("MRG_MyISAM UNION=(`a`,`customers`)")},
      {"shop", "far", "FEDERATED", definition("FEDERATED CONNECTION='mysql://u@h/shop/my-table'")},
      {"shop", "over", "FEDERATED", definition("FEDERATED CONNECTION='srv/v'")},
      {"else", "customers", "FEDERATED", definition("FEDERATED CONNECTION='srv'")},
      {"shop", "unseen", "MRG_MyISAM", std::nullopt},
      {"shop", "calm", "MRG_MyISAM", definition("MRG_MyISAM UNION=(`a`,`b`)")},
      {"shop", "customers", "SPIDER", definition("SPIDER COMMENT='table \"customers\"'")}};
  rows.views = {{"shop", "v", "select 1 from `shop`.`customers`"},
                {"shop", "w", "select 1 from `shop`.`merged`"}};
  const Catalog catalog = Built(rows);
  for (const char* hot : {"merged", "far", "over", "unseen"}) {
    const CatalogView* view = catalog.FindView("shop", hot);
    ASSERT_NE(view, nullptr) << hot;
    EXPECT_NE(view->problem.find("may stand for"), std::string::npos) << hot;
  }
  EXPECT_NE(catalog.FindView("else", "customers"), nullptr);
  EXPECT_NE(catalog.FindView("shop", "w"), nullptr);
  EXPECT_EQ(catalog.FindView("shop", "customers"), nullptr);
  EXPECT_EQ(catalog.FindHot("calm"), nullptr);
}

TEST(CatalogBuilder, AMergeTableThatCannotBeShownIsHotOnlyBesideProtectedMyisam) {
  const auto is_hot = [](const policy::Rows& options) {
    SchemaRows rows = Rows();
    rows.tables = {{"shop", "customers"}};
    rows.linked = {{"shop", "unseen", "MRG_MyISAM", std::nullopt}};
    rows.table_options = options;
    return Built(rows).FindHot("unseen") != nullptr;
  };
  EXPECT_FALSE(is_hot({{"shop", "customers", "latin1_swedish_ci", "InnoDB"}}));
  EXPECT_TRUE(is_hot({{"shop", "customers", "latin1_swedish_ci", "MyISAM"}}));
  EXPECT_TRUE(is_hot({{"shop", "customers", "latin1_swedish_ci", std::nullopt}}));
  EXPECT_TRUE(is_hot({}));
}

TEST(CatalogBuilder, WhatGoesByStoredDefinitionsIsHotAndCannotBeUsed) {
  SchemaRows rows = Rows();
  rows.views = {
      {"shop", "types", "select `information_schema`.`COLUMNS`.`DATA_TYPE` AS `t` from ..."},
      {"shop", "over", "select t from shop.types"},
      {"information_schema", "mine", "select sub_part from statistics"},
      {"shop", "named", "select table_name, column_name from information_schema.columns"},
      {"shop", "other", "select data_type from information_schema.routines"},
      {"sys", "servers", "select column_type from information_schema.columns",
       "mysql.sys@localhost"}};
  rows.routines = {
      {"shop", "all_of_it", "select c.* from information_schema.columns c", "SQL", "PROCEDURE"},
      {"shop", "counts", "select /* x */ count( * ), 2 * 3 from information_schema.columns", "SQL",
       "PROCEDURE"},
      {"shop", "asks", "IF NOT EXISTS (SELECT * FROM information_schema.COLUMNS) THEN DO 1; END IF",
       "SQL", "PROCEDURE"}};
  const Catalog catalog = Built(rows);
  for (const char* hot : {"types", "over", "mine", "all_of_it"}) {
    EXPECT_NE(catalog.FindHot(hot), nullptr) << hot;
  }
  for (const char* cold : {"named", "other", "servers", "counts", "asks"}) {
    EXPECT_EQ(catalog.FindHot(cold), nullptr) << cold;
  }
  ASSERT_NE(catalog.FindView("shop", "types"), nullptr);
  EXPECT_NE(catalog.FindView("shop", "types")->problem.find("as they are stored"),
            std::string::npos);
}

TEST(CatalogBuilder, ATriggerOfAProtectedTableIsHotWhenItTouchesAProtectedColumn) {
  const auto is_triggered = [](const Catalog& catalog, std::string_view table) {
    const auto* entries = catalog.FindHot(std::string(table));
    return entries != nullptr &&
           std::any_of(entries->begin(), entries->end(), [](const HotName& each) {
             return each.kind == NameKind::kTriggered && each.schema == "shop";
           });
  };
  SchemaRows rows = Rows();
  rows.triggers = {{"shop", "customers", "set new.changed = now()"},
                   {"shop", "quiet", "set new.email = 'x'"},
                   {"else", "customers", "set new.email = 'x'"}};
  EXPECT_FALSE(is_triggered(Built(rows), "customers"));
  EXPECT_FALSE(is_triggered(Built(rows), "quiet"));
  for (const char* body : {"set new.email = trim(new.email)", "set NEW . `EMail` = 'x'",
                           "insert into log values (old.email)"}) {
    rows.triggers.back() = {"shop", "customers", body};
    EXPECT_TRUE(is_triggered(Built(rows), "customers")) << body;
  }
}

TEST(CatalogBuilder, AGuardKeepsARoutineColdWhileItStopsEveryHotName) {
  const auto guarded = [](std::vector<std::string> names) {
    return "begin PREPARE s FROM " +
           GuardExpression(kGuardedText, GuardPattern(std::move(names), true).value()) + "; end";
  };
  SchemaRows rows = Rows();
  rows.views = {{"shop", "v", "select 1 from customers"}};
  const Catalog before = Built(rows);
  std::vector<std::string> names;
  for (const auto& [name, entries] : before.hot()) names.push_back(name);
  rows.routines = {{"shop", "calm", guarded(names), "SQL"}, {"shop", "runs", "execute s", "SQL"}};
  const Catalog calm = Built(rows);
  EXPECT_EQ(calm.FindHot("calm"), nullptr);
  EXPECT_EQ(calm.FindHot("runs"), nullptr);

  rows.routines.push_back({"shop", "loud", guarded({"v"}), "SQL"});
  rows.routines.push_back({"shop", "mixed", guarded(names) + " prepare t from @q", "SQL"});
  const Catalog more = Built(rows);
  for (const char* hot : {"loud", "mixed", "calm"}) EXPECT_NE(more.FindHot(hot), nullptr) << hot;
}

// The servers find routines and variables by a collation that knows no accents.
TEST(CatalogBuilder, ProgramsThatUseHotRoutinesAndVariablesByOtherLetters) {
  SchemaRows rows = Rows();
  rows.routines = {
      {"shop", "save", "insert into customers values (x)", "SQL"},
      {"shop", "s\u00FCrvey", "insert into customers values (x)", "SQL"},
      {"shop", "outer1", "call s\u00E1ve(x)", "SQL"},
      {"shop", "outer2", "return shop.`survey`(x)", "SQL"},
      {"shop", "runs", "call sys.\u00E9xecute_prepared_stmt(t)", "SQL"},
      {"shop", "blinds", "set \u0161ession_track_system_variables = ''", "SQL"},
      {"shop", "at_login", "set global \u00ECnit_connect = t", "SQL"},
      {"shop", "calm", "call s\u00E1v(x); insert into cust\u00F6mers values (x)", "SQL"}};
  rows.triggers = {{"shop", "loud", "call s\u00E1ve(new.item)"}};
  const Catalog catalog = Built(rows);
  for (const char* hot : {"outer1", "outer2", "runs", "blinds", "at_login", "loud"}) {
    EXPECT_NE(catalog.FindHot(hot), nullptr) << hot;
  }
  EXPECT_EQ(catalog.FindHot("calm"), nullptr);
}

// U+00A0 is a space where the client's character set is latin1.
TEST(CatalogBuilder, ALetterAboveAsciiMayHaveBeenASpace) {
  SchemaRows rows = Rows();
  rows.routines = {{"shop", "odd",
                    "insert into\xC2\xA0"
                    "customers\xC2\xA0values (1)",
                    "SQL"}};
  EXPECT_NE(Built(rows).FindHot("odd"), nullptr);
}

TEST(CatalogBuilder, ViewsWithASemijoinAreKnownOnMariadb) {
  SchemaRows rows = Rows();
  rows.views = {{"shop", "Among", "select `a` from `t` where `a` in (select `b` from `u`)"},
                {"shop", "some_of", "select 1 from t where a = SOME (SELECT b FROM u)"},
                {"shop", "there", "select 1 from t where exists(select 1 from `u`)"},
                {"shop", "listed", "select 1 from t where `a` in (values (1),(2))"},
                {"shop", "over_it", "select `id` from `else`.`over`"},
                {"else", "over", "select `id` from `shop`.`among`"},
                {"shop", "unread", ""},
                {"shop", "plain", "select `a` from `t` where `a` in (1,2)"},
                {"shop", "scalar", "select (select max(`b`) from `u`) AS `m`"}};
  for (const bool is_mariadb : {false, true}) {
    rows.server[0][0] = is_mariadb ? "10.11.6-MariaDB" : "9.7.0";
    const Catalog catalog = Built(rows);
    for (const char* name : {"AMONG", "some_of", "there", "listed", "over_it", "unread"}) {
      EXPECT_EQ(catalog.HasSemijoin("Shop", name), is_mariadb) << name;
    }
    for (const char* name : {"plain", "scalar", "over"}) {
      EXPECT_FALSE(catalog.HasSemijoin("shop", name)) << name;
    }
  }
}

TEST(CatalogBuilder, ViewsOverProtectedTablesAreKept) {
  SchemaRows rows = Rows();
  const std::string text = "select `shop`.`customers`.`id` AS `id` from `shop`.`customers`";
  rows.views = {{"Shop", "Seen", text},
                {"shop", "cold", "select 1 AS `a`"},
                {"shop", "hidden", std::nullopt},
                {"shop", "broken", text},
                {"shop", "long", text + std::string(kMaxViewDefinition, ' ')},
                {"shop", "twice", text},
                {"shop", "TWICE", text}};
  for (const char* name : {"cold", "long", "twice", "TWICE"}) {
    rows.view_columns.push_back({"shop", name, "a"});
  }
  rows.view_columns.push_back({"Shop", "Seen", "Number"});
  const Catalog catalog = Built(rows);
  const CatalogView* seen = catalog.FindView("shop", "SEEN");
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(*seen, (CatalogView{"Shop", "Seen", text, {"Number"}, ""}));
  EXPECT_EQ(catalog.FindView("shop", "cold"), nullptr);
  EXPECT_EQ(catalog.FindView("other", "seen"), nullptr);
  for (const char* name : {"hidden", "broken", "long", "twice"}) {
    const CatalogView* view = catalog.FindView("shop", name);
    ASSERT_NE(view, nullptr) << name;
    EXPECT_NE(view->problem, "") << name;
  }
  rows.view_columns.back()[2] = "other";
  EXPECT_FALSE(Built(rows) == catalog);
}

TEST(CatalogBuilder, AViewIsNoTable) {
  SchemaRows rows = Rows();
  rows.views = {{"shop", "customers", "select 1"}};
  rows.columns = {Column("customers", "email", "varchar(255)", "")};
  EXPECT_EQ(Built(rows).Find("shop", "customers"), nullptr);
}

TEST(CatalogBuilder, ProgramsThatMaySetModes) {
  const auto built = [](const char* body, const char* language = "SQL") {
    SchemaRows rows = Rows();
    rows.routines = {{"shop", "f", body, language, "FUNCTION", "dba@%"}};
    const Catalog catalog = Built(rows);
    SchemaRows trigger = Rows();
    trigger.triggers = {{"shop", "customers", body, "dba@%"}};
    const Catalog with_trigger = Built(trigger);
    if (std::string_view(language) == "SQL") {
      EXPECT_EQ(with_trigger.functions_touch_temporary, catalog.functions_touch_temporary) << body;
      EXPECT_EQ(with_trigger.programs_set_modes, catalog.programs_set_modes) << body;
      EXPECT_EQ(with_trigger.programs_set_modes_unseen, catalog.programs_set_modes_unseen) << body;
    }
    return 2 * catalog.programs_set_modes + catalog.programs_set_modes_unseen;
  };
  EXPECT_EQ(built("BEGIN SET @a = 1; SET NEW.b = @@version; END"), 0);
  EXPECT_EQ(built("BEGIN RETURN 'caf\xC3\xA9'; END"), 0);
  for (const char* body :
       {"SET Time_Zone = 'UTC'", "set names latin1", "SET sql_mode = ''",
        "SET CHARACTER SET latin1", "EXECUTE s", "SET t\xC3\xAFme_zone = 'UTC'"}) {
    EXPECT_EQ(built(body), 2) << body;
  }
  for (const char* body : {"SET @@time_zone = 'UTC'",
                           "BEGIN SET @@sql_m\xC3\xB6"
                           "de = ''; END",
                           ""}) {
    EXPECT_EQ(built(body), 3) << body;
  }
  EXPECT_EQ(built("session.sql('x')", "EXTERNAL"), 2);
  SchemaRows harmless = Rows();
  harmless.triggers = {{"shop", "customers", "SET NEW.a = 1", "dba@%"}};
  EXPECT_FALSE(Built(harmless).functions_touch_temporary);
}

TEST(CatalogBuilder, ProgramsThatPrepareAndExecuteByName) {
  const auto built = [](const char* body, const char* language = "SQL") {
    SchemaRows rows = Rows();
    rows.routines = {{"shop", "p", body, language, "PROCEDURE", "dba@%"}};
    const Catalog catalog = Built(rows);
    return 2 * catalog.programs_prepare + catalog.programs_execute;
  };
  EXPECT_EQ(built("BEGIN SELECT 1; EXECUTE IMMEDIATE @a; END"), 0);
  EXPECT_EQ(built("BEGIN PREPARE `S` FROM @a; EXECUTE s; END"), 2);
  EXPECT_EQ(built("BEGIN PREPARE s1 FROM @a; EXECUTE s; END"), 3);
  EXPECT_EQ(built("EXECUTE s"), 1);
  EXPECT_EQ(built("BEGIN EXECUTE s; PREPARE s FROM @a; END"), 3);
  EXPECT_EQ(built("EXECUTE/**/s"), 1);
  EXPECT_EQ(built("x", "EXTERNAL"), 3);
  const std::string guard =
      GuardExpression(kGuardedText, GuardPattern({"customers"}, false).value());
  EXPECT_EQ(built(("BEGIN PREPARE s FROM " + guard + "; EXECUTE s; END").c_str()), 2);
}

TEST(CatalogBuilder, MemoryOfMysqlLetsDoublesIn) {
  SchemaRows rows = Rows();
  rows.columns = {Column("customers", "email", "varbinary(1086)", kEmailComment)};
  const auto lets_in = [&rows](const char* version, const char* engine) {
    rows.server[0][0] = version;
    rows.table_options = {{"shop", "customers", "latin1_swedish_ci", engine}};
    return Built(rows).Find("shop", "customers")->lets_doubles_in;
  };
  EXPECT_TRUE(lets_in("9.7.0", "MEMORY"));
  EXPECT_FALSE(lets_in("9.7.0", "InnoDB"));
  EXPECT_FALSE(lets_in("10.11.6-MariaDB", "MEMORY"));
}

TEST(CatalogBuilder, ObjectsCollationsAndUniqueKeys) {
  SchemaRows rows = Rows();
  rows.columns = {Column("customers", "email", "varbinary(1086)", kEmailComment),
                  Column("customers", "id", "int(11)", "")};
  rows.tables = {{"shop", "Customers2"}, {"shop", "customers"}, {"shop", "a_view"}};
  rows.table_options = {{"shop", "customers", "latin1_swedish_ci", "InnoDB"}};
  rows.unique = {{"shop", "customers", "email"}, {"shop", "other", "email"}};
  rows.routines = {{"shop", "Tidy", "BEGIN END", "SQL"}};
  rows.functions = {{"loaded"}};
  const Catalog catalog = Built(rows);
  const CatalogTable* table = catalog.Find("shop", "customers");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->collation, "latin1_swedish_ci");
  EXPECT_TRUE(table->Find("email")->unique_prefix);
  EXPECT_FALSE(table->Find("id")->unique_prefix);
  for (const char* letter_case : {"0", "1"}) {
    rows.server[0][1] = letter_case;
    const ObjectNames objects = ListObjects(rows);
    EXPECT_EQ(objects.exact_case(), *letter_case == '0');
    std::string key;
    for (const char* name :
         {objects.exact_case() ? "Customers2" : "customers2", "customers", "a_view"}) {
      ObjectNames::KeyOf("shop", name, key);
      EXPECT_TRUE(objects.HasTable(key)) << name;
      ObjectNames::KeyOf("other", name, key);
      EXPECT_FALSE(objects.HasTable(key)) << name;
    }
    EXPECT_TRUE(objects.HasRoutine("shop", "tidy"));
    EXPECT_TRUE(objects.HasRoutine("shop", "loaded"));
    EXPECT_FALSE(objects.HasRoutine("shop", "customers"));
  }
}

TEST(CatalogBuilder, PlansDoNotDependOnWhatIsHarmless) {
  SchemaRows rows = Rows();
  rows.columns = {Column("customers", "email", "varchar(255)", "")};
  const Catalog before = Built(rows);
  rows.tables = {{"shop", "another"}};
  rows.views = {{"shop", "cold", "select 1 from `shop`.`plain`"}};
  EXPECT_EQ(Built(rows), before);
  rows.views.push_back({"shop", "warm", "select 1 from `shop`.`customers`"});
  EXPECT_FALSE(Built(rows) == before);
  rows.views.pop_back();
  rows.columns[0][7] = "x";
  EXPECT_FALSE(Built(rows) == before);
}

TEST(CatalogBuilder, FingerprintsDifferByAnyCell) {
  SchemaRows rows = Rows();
  rows.views = {{"a", "b", std::nullopt}};
  SchemaRows other = rows;
  EXPECT_EQ(FingerprintOf(rows), FingerprintOf(other));
  other.views[0][2] = "";
  EXPECT_NE(FingerprintOf(rows), FingerprintOf(other));
  other = rows;
  other.views[0] = {"ab", "", std::nullopt};
  EXPECT_NE(FingerprintOf(rows), FingerprintOf(other));
}

TEST(CatalogBuilder, AFailingWeightSourceFails) {
  SchemaRows rows = Rows();
  rows.columns = {Column("customers", "email", "varbinary(1086)", kEmailComment)};
  const auto catalog = BuildCatalog(ShopPolicy(), rows, [](const CollationInfo&) {
    return tl::expected<std::shared_ptr<const CollationWeights>, std::string>(
        tl::make_unexpected(std::string("gone")));
  });
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error(), "gone");
}

TEST(CatalogBuilder, WeightsThatAreWantedBeforeAColumnHasThem) {
  SchemaRows rows = Rows();
  EXPECT_EQ(Built(rows).FindWeights("utf8mb4_general_ci"), nullptr);
  const std::string before = FingerprintOf(rows);
  rows.wanted_collations = {"utf8mb4_general_ci", "no_such_ci", "utf8mb4_general_nopad_ci"};
  EXPECT_NE(FingerprintOf(rows), before);
  const Catalog catalog = Built(rows);
  ASSERT_NE(catalog.FindWeights("utf8mb4_general_ci"), nullptr);
  EXPECT_EQ(catalog.FindWeights("utf8mb4_general_ci")->name(), "utf8mb4_general_ci");
  EXPECT_NE(catalog.FindWeights("utf8mb4_general_nopad_ci"), nullptr);
  EXPECT_EQ(catalog.FindWeights("no_such_ci"), nullptr);
}

TEST(CatalogBuilder, WantedWeightsThatCannotBeReadAreLeftOut) {
  SchemaRows rows = Rows();
  rows.wanted_collations = {"utf8mb4_general_ci"};
  const auto catalog = BuildCatalog(ShopPolicy(), rows, [](const CollationInfo&) {
    return tl::expected<std::shared_ptr<const CollationWeights>, std::string>(
        tl::make_unexpected(std::string("gone")));
  });
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->FindWeights("utf8mb4_general_ci"), nullptr);
}

}  // namespace
}  // namespace sealgate::policy
