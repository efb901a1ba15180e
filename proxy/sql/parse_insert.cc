// INSERT and REPLACE. Source: MySQL manual, "INSERT Statement"; MariaDB manual,
// "INSERT", "INSERT … RETURNING".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

std::span<Assignment> Parser::ParseAssignments() {
  std::vector<Assignment> assignments;
  do {
    Assignment assignment;
    const std::uint32_t first = at_;
    assignment.target = ParseColumnName();
    assignment.target_span = SpanFrom(first);
    if (!Accept(Operator::kEqual)) Expect(Operator::kAssign);
    assignment.value = ParseExpr();
    assignments.push_back(assignment);
  } while (Accept(Operator::kComma));
  return arena_.Copy(assignments);
}

void Parser::ParseInsert(Statement* statement) {
  InsertStatement* insert = arena_.New<InsertStatement>();
  statement->insert = insert;
  const bool replace = IsWord("REPLACE");
  statement->kind = replace ? StatementKind::kReplace : StatementKind::kInsert;
  Take();
  AcceptAnyWord({"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"});
  if (!replace) AcceptWord("IGNORE");
  AcceptWord("INTO");
  TableRef* table = arena_.New<TableRef>();
  const std::uint32_t first = at_;
  table->name = ParseTableName();
  SkipPartitionList();
  table->span = SpanFrom(first);
  insert->table = table;
  if (IsOp(Operator::kOpen) && !BeginsQuery(at_, QueryPlace::kTable)) {
    insert->has_columns = true;
    const std::uint32_t open = Take();
    std::vector<Name> columns;
    if (!IsOp(Operator::kClose)) {
      do {
        columns.push_back(ParseColumnName());
      } while (Accept(Operator::kComma));
    }
    Expect(Operator::kClose);
    insert->columns = arena_.Copy(columns);
    insert->columns_span = SpanFrom(open);
  }
  ParseInsertSource(insert);
  if (!replace && IsWord("ON")) {
    Take();
    ExpectWord("DUPLICATE");
    ExpectWord("KEY");
    ExpectWord("UPDATE");
    insert->on_duplicate = ParseAssignments();
  }
  if (AcceptWord("RETURNING")) insert->returning = ParseSelectItems();
}

void Parser::ParseInsertSource(InsertStatement* insert) {
  const bool row_words = IsWord("VALUES") && IsWord("ROW", 1);
  if (IsAnyWord({"VALUES", "VALUE"}) && !row_words) {
    insert->values_token = Take();
    insert->rows = arena_.Copy(ParseRows(false));
  } else if (!insert->has_columns && AcceptWord("SET")) {
    insert->set = ParseAssignments();
  } else {
    insert->query = ParseQuery();
    return;
  }
  if (!AcceptWord("AS")) return;
  insert->row_alias = ParseNamePart();
  if (IsOp(Operator::kOpen)) insert->row_alias_columns = ParseNameList();
}

}  // namespace sealgate::sql
