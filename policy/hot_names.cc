#include "policy/hot_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "policy/dynamic_guard.h"
#include "policy/logical_type.h"
#include "policy/name_folding.h"
#include "policy/stored_definition.h"

namespace sealgate::policy {

namespace {

/// A view, routine or trigger.
struct Program {
  HotName name;  // what becomes hot with it
  WordScan words;
  std::vector<std::string> guards;  // patterns of its guarded dynamic SQL
  bool dynamic;                     // it may have other dynamic SQL
  bool hot;
  bool servers_own;
  bool goes_by_stored = false;  // by what information_schema has of sealed columns
};

// Where the rows have the definer.
constexpr std::size_t kDefinerOfView = 3;
constexpr std::size_t kDefinerOfRoutine = 5;
constexpr std::size_t kDefinerOfTrigger = 3;
// rdsadmin is the one of Amazon's servers.
constexpr std::string_view kServersAccounts[] = {"mysql.sys@localhost", "mariadb.sys@localhost",
                                                 "rdsadmin@localhost"};
// Servers that were MariaDB 10.3 once have them from root.
constexpr std::string_view kGeometry[] = {"AddGeometryColumn", "DropGeometryColumn"};
// What the servers bring along and runs any text of the caller's, or a part of one.
constexpr const char* kTextRunners[] = {"execute_prepared_stmt", "statement_performance_analyzer",
                                        "addgeometrycolumn", "dropgeometrycolumn"};

std::string Text(const Cell& cell) { return cell.value_or(""); }

// Variables by which a program could blind the proxy, have the server run SQL of its own
// later, or change what a definition means.
constexpr const char* kVariables[] = {"session_track_system_variables",
                                      "session_track_schema",
                                      "default_collation_for_utf8mb4",
                                      "init_connect",
                                      "init_replica",
                                      "init_slave"};

bool IsAny(const auto& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

// Their names are in lower case at every server.
bool IsServersOwn(const Row& row, std::size_t definer) {
  const std::string schema = Text(row[0]);
  if (row.size() <= definer || (schema != "sys" && schema != "mysql")) return false;
  return IsAny(kServersAccounts, Text(row[definer])) ||
         (schema == "mysql" && definer == kDefinerOfRoutine && IsAny(kGeometry, Text(row[1])));
}

// Hot are unreadable ones, and ones that mention these variables or run texts by these.
Program MakeProgram(NameKind kind, const Row& row, std::size_t definer) {
  const Cell& text = row[2];
  Unguarded own = TakeOutGuards(Text(text));
  Program program{{kind, Text(row[0]), FoldName(Text(row[1]))},
                  WordScan(own.text),
                  std::move(own.patterns),
                  MayHaveDynamicSql(own.text),
                  false,
                  IsServersOwn(row, definer)};
  const auto mentions = [&](const char* name) {
    return program.words.MentionsWithoutAccents(name);
  };
  program.hot = !text || text->empty() ||
                std::any_of(std::begin(kVariables), std::end(kVariables), mentions) ||
                (!program.servers_own &&
                 std::any_of(std::begin(kTextRunners), std::end(kTextRunners), mentions));
  program.goes_by_stored = !program.servers_own && MayUseStoredDefinition(Text(row[0]), Text(text));
  return program;
}

// A MERGE table stands for MyISAM tables only. Of a table whose options are not known it
// cannot be told.
bool IsNoMyisam(const HotName& table, const SchemaRows& rows) {
  const auto is_this = [&](const Row& row) {
    return EqualsFolded(Text(row[0]), table.schema) && FoldName(Text(row[1])) == table.name;
  };
  if (std::none_of(rows.tables.begin(), rows.tables.end(), is_this)) return true;
  bool known = false;
  for (const Row& row : rows.table_options) {
    if (!is_this(row)) continue;
    known = true;
    if (row.size() < 4 || !row[3] || FoldName(*row[3]) == "myisam") return false;
  }
  return known;
}

// What a linked table stands for: in its options, behind the columns, or a table of its
// own name. None of a table that is hot by itself, whose values are sealed.
void AddLinked(const std::vector<HotName>& tables, const SchemaRows& rows,
               std::vector<Program>& programs) {
  for (const Row& row : rows.linked) {
    const HotName name{NameKind::kTable, Text(row[0]), FoldName(Text(row[1]))};
    const bool hot = std::any_of(tables.begin(), tables.end(), [&](const HotName& each) {
      return EqualsFolded(each.schema, name.schema) && each.name == name.name;
    });
    if (hot) continue;
    const std::string definition = Text(row[3]);
    if (definition.empty() && IsMerge(row) && !MayBeMerged(tables, rows)) continue;
    const std::size_t options = std::min(definition.find("\n) ENGINE="), definition.size());
    const Cell text =
        definition.empty() ? Cell() : Cell(Text(row[1]) + " " + definition.substr(options));
    programs.push_back(MakeProgram(NameKind::kView, {row[0], row[1], text}, kDefinerOfView));
  }
}

std::vector<Program> ProgramsOf(const SchemaRows& rows) {
  std::vector<Program> programs;
  for (const Row& row : rows.views) {
    programs.push_back(MakeProgram(NameKind::kView, row, kDefinerOfView));
  }
  for (const Row& row : rows.routines) {
    Program program = MakeProgram(NameKind::kRoutine, row, kDefinerOfRoutine);
    program.hot = program.hot || Text(row[3]) != "SQL" || (program.dynamic && !program.servers_own);
    programs.push_back(std::move(program));
  }
  for (const Row& row : rows.triggers) {
    programs.push_back(MakeProgram(NameKind::kTriggered, row, kDefinerOfTrigger));
  }
  return programs;
}

bool IsSame(const HotName& left, const HotName& right) {
  return left.kind == right.kind && left.name == right.name &&
         EqualsFolded(left.schema, right.schema);
}

void AddOnce(std::vector<HotName>& hot, const HotName& name) {
  for (const HotName& each : hot) {
    if (IsSame(each, name)) {
      return;
    }
  }
  hot.push_back(name);
}

// A name without a schema means the program's own.
bool Mentions(const Program& program, const HotName& hot) {
  const bool mentions = hot.kind == NameKind::kRoutine
                            ? program.words.MentionsWithoutAccents(hot.name)
                            : program.words.Mentions(hot.name);
  if (!mentions) return false;
  const std::string schema = FoldName(hot.schema);
  return !program.servers_own || schema == FoldName(program.name.schema) ||
         program.words.Mentions(schema);
}

// `hot` grows while it is walked: each name is looked for once.
void LookForNames(std::size_t& next, std::vector<Program>& programs, std::vector<HotName>& hot) {
  for (; next < hot.size(); ++next) {
    const HotName name = hot[next];
    for (Program& program : programs) {
      if (!program.hot && Mentions(program, name)) {
        program.hot = true;
        program.name.by_definitions = name.by_definitions;
        AddOnce(hot, program.name);
      }
    }
  }
}

// A guard stops the names that were hot when it was made. True: there are more
// hot names now.
bool AddOutdatedGuards(std::vector<Program>& programs, std::vector<HotName>& hot) {
  std::vector<std::string> names;
  for (const HotName& each : hot) names.push_back(each.name);
  const bool routines = std::any_of(hot.begin(), hot.end(), [](const HotName& each) {
    return each.kind == NameKind::kRoutine && !each.by_definitions;
  });
  bool grown = false;
  for (Program& program : programs) {
    for (const std::string& pattern : program.guards) {
      if (program.hot || GuardCovers(pattern, names, routines)) continue;
      program.hot = true;
      AddOnce(hot, program.name);
      grown = true;
    }
  }
  return grown;
}

void AddAll(std::size_t& looked_for, std::vector<Program>& programs, std::vector<HotName>& hot) {
  do {
    LookForNames(looked_for, programs, hot);
  } while (AddOutdatedGuards(programs, hot));
}

void TakeOut(const std::vector<HotName>& hot, NameKind kind, std::size_t definer, Rows& rows) {
  std::erase_if(rows, [&](const Row& row) {
    const HotName name{kind, Text(row[0]), FoldName(Text(row[1]))};
    return IsServersOwn(row, definer) &&
           std::none_of(hot.begin(), hot.end(),
                        [&](const HotName& each) { return IsSame(each, name); });
  });
}

}  // namespace

bool IsMerge(const Row& linked) { return FoldName(linked[2].value_or("")) == "mrg_myisam"; }

bool MayBeMerged(const std::vector<HotName>& tables, const SchemaRows& rows) {
  return !std::all_of(tables.begin(), tables.end(),
                      [&](const HotName& table) { return IsNoMyisam(table, rows); });
}

std::vector<HotName> HotTables(const Policy& policy, const SchemaRows& rows) {
  std::vector<HotName> tables;
  for (const ProtectedColumn& column : policy.columns) {
    tables.push_back({NameKind::kTable, column.schema, column.table});
  }
  for (const Row& row : rows.columns) {
    if (IsOurComment(Text(row[4]))) {
      tables.push_back({NameKind::kTable, Text(row[0]), Text(row[1])});
    }
  }
  return tables;
}

void TakeOutServersOwn(const std::vector<HotName>& tables, SchemaRows& rows) {
  const std::vector<HotName> hot = FindHotNames(tables, rows);
  for (const Row& row : rows.routines) {
    if (IsServersOwn(row, kDefinerOfRoutine)) rows.functions.push_back({row[1], row[0]});
  }
  TakeOut(hot, NameKind::kView, kDefinerOfView, rows.views);
  TakeOut(hot, NameKind::kRoutine, kDefinerOfRoutine, rows.routines);
  TakeOut(hot, NameKind::kTriggered, kDefinerOfTrigger, rows.triggers);
}

std::vector<HotName> FindHotNames(std::vector<HotName> tables, const SchemaRows& rows) {
  std::vector<HotName> hot;
  for (HotName& table : tables) {
    table.name = FoldName(table.name);
    AddOnce(hot, table);
  }
  std::vector<Program> programs = ProgramsOf(rows);
  AddLinked(hot, rows, programs);
  const bool any_tables = !hot.empty();
  for (Program& program : programs) {
    if (program.hot) AddOnce(hot, program.name);
  }
  std::size_t looked_for = 0;
  AddAll(looked_for, programs, hot);
  const std::size_t others = hot.size();
  for (Program& program : programs) {
    if (program.hot || !any_tables || !program.goes_by_stored) continue;
    program.hot = program.name.by_definitions = true;
    AddOnce(hot, program.name);
  }
  AddAll(looked_for, programs, hot);
  for (std::size_t i = others; i < hot.size(); ++i) hot[i].by_definitions = true;
  return hot;
}

}  // namespace sealgate::policy
