#include "policy/hot_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

#include "policy/dynamic_guard.h"
#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

/// A view, routine or trigger.
struct Program {
  HotName name;  // what becomes hot with it
  WordScan words;
  std::vector<std::string> guards;  // patterns of its guarded dynamic SQL
  bool dynamic;                     // it may have other dynamic SQL
  bool hot;
};

std::string Text(const Cell& cell) { return cell.value_or(""); }

// Variables by which a program could blind the proxy, have the server run SQL of its own
// later, or change what a definition means.
constexpr const char* kVariables[] = {"session_track_system_variables",
                                      "session_track_schema",
                                      "default_collation_for_utf8mb4",
                                      "init_connect",
                                      "init_replica",
                                      "init_slave"};

// Hot are unreadable ones, and ones that mention these variables.
Program MakeProgram(NameKind kind, const Row& row, const Cell& text) {
  Unguarded own = TakeOutGuards(Text(text));
  Program program{{kind, Text(row[0]), FoldName(Text(row[1]))},
                  WordScan(own.text),
                  std::move(own.patterns),
                  MayHaveDynamicSql(own.text),
                  false};
  program.hot = !text || text->empty() ||
                std::any_of(std::begin(kVariables), std::end(kVariables),
                            [&](const char* name) { return program.words.Mentions(name); });
  return program;
}

std::vector<Program> ProgramsOf(const SchemaRows& rows) {
  std::vector<Program> programs;
  for (const Row& row : rows.views) {
    programs.push_back(MakeProgram(NameKind::kView, row, row[2]));
  }
  for (const Row& row : rows.routines) {
    Program program = MakeProgram(NameKind::kRoutine, row, row[2]);
    program.hot = program.hot || Text(row[3]) != "SQL" || program.dynamic;
    programs.push_back(std::move(program));
  }
  for (const Row& row : rows.triggers) {
    programs.push_back(MakeProgram(NameKind::kTriggered, row, row[2]));
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

// `hot` grows while it is walked: each name is looked for once.
void LookForNames(std::size_t& next, std::vector<Program>& programs, std::vector<HotName>& hot) {
  for (; next < hot.size(); ++next) {
    const std::string name = hot[next].name;
    for (Program& program : programs) {
      if (!program.hot && program.words.Mentions(name)) {
        program.hot = true;
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
  bool grown = false;
  for (Program& program : programs) {
    for (const std::string& pattern : program.guards) {
      if (program.hot || GuardCovers(pattern, names)) continue;
      program.hot = true;
      AddOnce(hot, program.name);
      grown = true;
    }
  }
  return grown;
}

}  // namespace

std::vector<HotName> FindHotNames(std::vector<HotName> tables, const SchemaRows& rows) {
  std::vector<HotName> hot;
  for (HotName& table : tables) {
    table.name = FoldName(table.name);
    AddOnce(hot, table);
  }
  std::vector<Program> programs = ProgramsOf(rows);
  for (const Program& program : programs) {
    if (program.hot) {
      AddOnce(hot, program.name);
    }
  }
  std::size_t looked_for = 0;
  do {
    LookForNames(looked_for, programs, hot);
  } while (AddOutdatedGuards(programs, hot));
  return hot;
}

}  // namespace sealgate::policy
