#include "policy/hot_names.h"

#include <cstddef>
#include <string>
#include <utility>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

/// A view, routine or trigger.
struct Program {
  HotName name;  // what becomes hot with it
  WordScan words;
  bool hot;
};

std::string Text(const Cell& cell) { return cell.value_or(""); }

// Unreadable ones, and ones that could switch off the session tracking that
// tells the proxy a session's modes.
Program MakeProgram(NameKind kind, const Row& row, const Cell& text) {
  Program program{{kind, Text(row[0]), FoldName(Text(row[1]))}, WordScan(Text(text)), false};
  program.hot = !text || text->empty() ||
                program.words.Mentions("session_track_system_variables") ||
                program.words.Mentions("session_track_schema");
  return program;
}

std::vector<Program> ProgramsOf(const SchemaRows& rows) {
  std::vector<Program> programs;
  for (const Row& row : rows.views) {
    programs.push_back(MakeProgram(NameKind::kView, row, row[2]));
  }
  for (const Row& row : rows.routines) {
    Program program = MakeProgram(NameKind::kRoutine, row, row[2]);
    program.hot = program.hot || Text(row[3]) != "SQL" || program.words.Mentions("prepare") ||
                  program.words.Mentions("execute");
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
  // `hot` grows while it is walked: each name is looked for once.
  for (std::size_t i = 0; i < hot.size(); ++i) {
    const std::string name = hot[i].name;
    for (Program& program : programs) {
      if (!program.hot && program.words.Mentions(name)) {
        program.hot = true;
        AddOnce(hot, program.name);
      }
    }
  }
  return hot;
}

}  // namespace sealgate::policy
