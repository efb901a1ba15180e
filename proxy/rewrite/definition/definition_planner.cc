#include "proxy/rewrite/definition/definition_planner.h"

namespace sealgate::rewrite {

using sql::StatementKind;

bool DefinitionPlanner::Plans(StatementKind kind) {
  return kind == StatementKind::kCreateTable || kind == StatementKind::kAlterTable ||
         kind == StatementKind::kCreateIndex || kind == StatementKind::kRenameTable;
}

void DefinitionPlanner::PlanStatement(const sql::Statement& statement) {
  if (Begin() && Dispatch(statement)) edits_.Finish();
}

bool DefinitionPlanner::Dispatch(const sql::Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kCreateTable:
      return PlanCreateTable(*statement.create_table);
    case StatementKind::kAlterTable:
      return PlanAlterTable(*statement.alter_table);
    case StatementKind::kCreateIndex:
      return PlanCreateIndex(*statement.create_index);
    case StatementKind::kRenameTable:
      return PlanRenameTable(*statement.rename_table);
    default:
      return Refuse(Unsupported("this kind of statement is not supported on a protected table"));
  }
}

}  // namespace sealgate::rewrite
