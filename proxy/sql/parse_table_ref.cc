// FROM. Source: MySQL manual, "JOIN Clause".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

std::span<TableRef*> Parser::ParseTableRefs() {
  std::vector<TableRef*> refs;
  do {
    refs.push_back(ParseTableRef());
  } while (Accept(Operator::kComma));
  return arena_.Copy(refs);
}

TableRef* Parser::ParseTableRef() {
  const Nested nested(*this);
  TableRef* ref = ParseTableFactor();
  while (AtJoin()) ref = ParseJoin(ref);
  return ref;
}

bool Parser::AtJoin() const {
  return IsAnyWord({"JOIN", "INNER", "CROSS", "STRAIGHT_JOIN", "NATURAL"}) ||
         (IsAnyWord({"LEFT", "RIGHT"}) && !IsOp(Operator::kOpen, 1));
}

TableRef* Parser::ParseJoin(TableRef* left) {
  TableRef* join = arena_.New<TableRef>();
  join->kind = TableKind::kJoin;
  join->left = left;
  const bool natural = AcceptWord("NATURAL");
  bool outer = false;
  if (AcceptWord("STRAIGHT_JOIN")) {
    if (natural) join->join = JoinKind::kNaturalInner;
  } else {
    if (IsAnyWord({"LEFT", "RIGHT"})) {
      outer = true;
      const bool is_left = IsWord("LEFT");
      Take();
      AcceptWord("OUTER");
      join->join = is_left ? JoinKind::kLeft : JoinKind::kRight;
      if (natural) join->join = is_left ? JoinKind::kNaturalLeft : JoinKind::kNaturalRight;
    } else {
      if (natural) {
        join->join = JoinKind::kNaturalInner;
        AcceptWord("INNER");
      } else {
        AcceptAnyWord({"INNER", "CROSS"});
      }
    }
    ExpectWord("JOIN");
  }
  join->right = ParseTableFactor();
  // "a LEFT JOIN b JOIN c ON … ON …": the first ON belongs to the inner join.
  while (outer && !natural && AtJoin()) {
    const Nested nested(*this);
    join->right = ParseJoin(join->right);
  }
  if (!natural) ParseJoinCondition(join, outer);
  FinishJoin(join);
  return natural ? join : NestByConditions(join);
}

void Parser::FinishJoin(TableRef* join) {
  join->span = SpanFrom(join->left->span.first);
  join->height = static_cast<std::uint16_t>(std::max(join->left->height, join->right->height) + 1);
  CheckHeight(join->height);
}

// "a JOIN b JOIN c ON … ON …" is a JOIN (b JOIN c ON …) ON …: what a condition may
// name depends on it.
TableRef* Parser::NestByConditions(TableRef* join) {
  const auto waits = [](const TableRef& left) {
    return left.kind == TableKind::kJoin && left.join == JoinKind::kInner && left.on == nullptr &&
           left.using_columns.empty();
  };
  while (IsAnyWord({"ON", "USING"}) && waits(*join->left)) {
    TableRef* const outer = join->left;
    join->left = outer->right;
    FinishJoin(join);
    outer->right = join;
    ParseJoinCondition(outer, true);
    FinishJoin(outer);
    join = outer;
  }
  return join;
}

void Parser::ParseJoinCondition(TableRef* join, bool required) {
  if (AcceptWord("ON")) {
    join->on = ParseExpr();
  } else if (AcceptWord("USING")) {
    join->using_columns = ParseNameList();
  } else if (required) {
    Fail();
  }
}

TableRef* Parser::ParseTableFactor() {
  if (IsOp(Operator::kOpen)) return ParseTableParenthesis();
  if (IsWord("LATERAL") && IsOp(Operator::kOpen, 1)) return ParseDerived(true);
  if (IsWord("JSON_TABLE") && IsOp(Operator::kOpen, 1)) return ParseJsonTable();
  if (IsOp(Operator::kOpenBrace) && IsWord("OJ", 1)) return ParseOuterJoinEscape();
  TableRef* table = arena_.New<TableRef>();
  const std::uint32_t first = at_;
  table->kind = TableKind::kTable;
  table->name = ParseTableName();
  SkipPartitionList();
  ParseSystemTime();
  table->alias = ParseOptionalAlias(false);
  ParseIndexHints();
  table->span = SpanFrom(first);
  return table;
}

// TIMESTAMP or TRANSACTION before a moment; not that of TIMESTAMP'…'.
void Parser::AcceptMomentUnit() {
  if (Is(TokenKind::kString, 1)) return;
  AcceptAnyWord({"TIMESTAMP", "TRANSACTION"});
}

// MariaDB: FOR SYSTEM_TIME ALL | AS OF x | BETWEEN x AND y | FROM x TO y.
void Parser::ParseSystemTime() {
  if (!IsWord("FOR") || !IsWord("SYSTEM_TIME", 1)) return;
  Beyond();
  at_ += 2;
  if (AcceptWord("ALL")) return;
  const auto moment = [this] {
    AcceptMomentUnit();
    ParseBits();
  };
  if (AcceptWord("AS")) {
    ExpectWord("OF");
    return moment();
  }
  const bool between = AcceptWord("BETWEEN");
  if (!between) ExpectWord("FROM");
  moment();
  ExpectWord(between ? "AND" : "TO");
  moment();
}

// JSON_TABLE(doc, path COLUMNS (…)) alias. The columns are not looked into.
TableRef* Parser::ParseJsonTable() {
  Beyond();
  TableRef* table = arena_.New<TableRef>();
  const std::uint32_t first = Take();
  table->kind = TableKind::kTableFunction;
  Expect(Operator::kOpen);
  const std::vector<Expr*> document = {ParseExpr()};
  table->args = arena_.Copy(document);
  Expect(Operator::kComma);
  ExpectKind(TokenKind::kString);
  ExpectWord("COLUMNS");
  SkipBalanced();
  Expect(Operator::kClose);
  table->alias = ParseOptionalAlias(false);
  table->span = SpanFrom(first);
  return table;
}

// ODBC's {OJ a LEFT OUTER JOIN b ON …}.
TableRef* Parser::ParseOuterJoinEscape() {
  const std::uint32_t first = at_;
  at_ += 2;
  TableRef* ref = ParseTableRef();
  Expect(Operator::kCloseBrace);
  ref->span = SpanFrom(first);
  return ref;
}

TableRef* Parser::ParseDerived(bool lateral) {
  TableRef* table = arena_.New<TableRef>();
  const std::uint32_t first = at_;
  if (lateral) Take();
  table->kind = TableKind::kDerived;
  table->lateral = lateral;
  if (!BeginsQuery(at_, QueryPlace::kTable)) Fail();
  table->query = ParseParenthesisedQuery();
  table->alias = ParseOptionalAlias(false);
  if (table->alias != kNoToken && IsOp(Operator::kOpen)) table->columns = ParseNameList();
  table->span = SpanFrom(first);
  table->height = static_cast<std::uint16_t>(table->query->height + 1);
  CheckHeight(table->height);
  return table;
}

// A derived table, or joins in parentheses; a comma within them is a join
// without a condition.
TableRef* Parser::ParseTableParenthesis() {
  if (BeginsQuery(at_, QueryPlace::kTable)) return ParseDerived(false);
  const std::uint32_t first = Expect(Operator::kOpen);
  TableRef* ref = ParseTableRef();
  while (Accept(Operator::kComma)) {
    TableRef* join = arena_.New<TableRef>();
    join->kind = TableKind::kJoin;
    join->left = ref;
    join->right = ParseTableRef();
    join->height = static_cast<std::uint16_t>(std::max(ref->height, join->right->height) + 1);
    CheckHeight(join->height);
    ref = join;
    ref->span = SpanFrom(first);
  }
  Expect(Operator::kClose);
  ref->span = SpanFrom(first);
  return ref;
}

void Parser::SkipPartitionList() {
  if (!IsWord("PARTITION") || !IsOp(Operator::kOpen, 1)) return;
  Take();
  if (ParseNameList().empty()) Fail();
}

void Parser::ParseIndexHints() {
  while (IsAnyWord({"USE", "FORCE", "IGNORE"}) && IsAnyWord({"INDEX", "KEY"}, 1)) {
    const bool may_be_empty = IsWord("USE");
    at_ += 2;
    if (AcceptWord("FOR") && !AcceptWord("JOIN")) {
      ExpectAnyWord({"ORDER", "GROUP"});
      ExpectWord("BY");
    }
    Expect(Operator::kOpen);
    if (!may_be_empty || !IsOp(Operator::kClose)) {
      do {
        if (!AcceptWord("PRIMARY")) ParseNamePart();
      } while (Accept(Operator::kComma));
    }
    Expect(Operator::kClose);
  }
}

}  // namespace sealgate::sql
