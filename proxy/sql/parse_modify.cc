// UPDATE and DELETE. Source: MySQL manual, "UPDATE Statement", "DELETE
// Statement"; MariaDB manual, "DELETE … RETURNING".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

void Parser::ParseUpdate(Statement* statement, std::span<CommonTable> with) {
  UpdateStatement* update = arena_.New<UpdateStatement>();
  statement->kind = StatementKind::kUpdate;
  statement->verb = ExpectWord("UPDATE");
  statement->update = update;
  update->with = with;
  AcceptWord("LOW_PRIORITY");
  update->ignore = AcceptWord("IGNORE");
  update->tables = ParseTableRefs();
  ParsePortion();
  ExpectWord("SET");
  update->set = ParseAssignments();
  if (AcceptWord("WHERE")) update->where = ParseExpr();
  if (AcceptWord("ORDER")) {
    ExpectWord("BY");
    update->order_by = ParseOrderItems();
  }
  if (IsWord("LIMIT")) update->limit = ParseLimit();
}

// MariaDB: FOR PORTION OF period FROM x TO y.
void Parser::ParsePortion() {
  if (!IsWord("FOR") || !IsWord("PORTION", 1)) return;
  Beyond();
  at_ += 2;
  ExpectWord("OF");
  ParseNamePart();
  ExpectWord("FROM");
  ParseBits();
  ExpectWord("TO");
  ParseBits();
}

// MariaDB: DELETE HISTORY FROM t [BEFORE SYSTEM_TIME [TIMESTAMP | TRANSACTION] x].
void Parser::ParseHistory() {
  if (!AcceptWord("BEFORE")) return;
  ExpectWord("SYSTEM_TIME");
  AcceptMomentUnit();
  ParseBits();
}

// t, s.t, t.*, s.t.*
Name Parser::ParseDeleteTarget(bool* star) {
  const Name name = ParseTableName();
  if (IsOp(Operator::kDot) && IsOp(Operator::kStar, 1)) {
    Take();
    Take();
    *star = true;
  }
  return name;
}

void Parser::ParseDelete(Statement* statement, std::span<CommonTable> with) {
  DeleteStatement* del = arena_.New<DeleteStatement>();
  statement->kind = StatementKind::kDelete;
  statement->verb = ExpectWord("DELETE");
  statement->del = del;
  del->with = with;
  while (AcceptAnyWord({"LOW_PRIORITY", "QUICK", "IGNORE"})) continue;
  const bool history = IsWord("HISTORY") && IsWord("FROM", 1);
  if (history) {
    Beyond();
    Take();
  }
  const bool from_first = AcceptWord("FROM");
  const std::uint32_t target = at_;
  std::vector<Name> targets;
  bool star = false;
  do {
    targets.push_back(ParseDeleteTarget(&star));
  } while (Accept(Operator::kComma));
  del->multi = !from_first || star || targets.size() > 1 || IsWord("USING");
  if (del->multi) {
    del->targets = arena_.Copy(targets);
    ExpectWord(from_first ? "USING" : "FROM");
    del->tables = ParseTableRefs();
  } else if (!error_) {
    at_ = target;
    TableRef* table = ParseTableFactor();
    if (table->kind != TableKind::kTable) Fail();
    SkipPartitionList();  // of MySQL, behind the alias
    del->tables = arena_.Copy(std::vector<TableRef*>{table});
    if (history) ParseHistory();
    ParsePortion();
  }
  if (AcceptWord("WHERE")) del->where = ParseExpr();
  if (AcceptWord("ORDER")) {
    ExpectWord("BY");
    del->order_by = ParseOrderItems();
  }
  if (IsWord("LIMIT")) del->limit = ParseLimit();
  if (AcceptWord("RETURNING")) del->returning = ParseSelectItems();
}

}  // namespace sealgate::sql
