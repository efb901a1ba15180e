// SELECT, VALUES, TABLE, set operations, WITH. Source: MySQL manual, "SELECT
// Statement", "Set Operations", "WITH (Common Table Expressions)".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

// Whether the "(" at `index` opens a query, through any number of further
// parentheses: "((SELECT 1) UNION …)" does, "((SELECT 1) + 1)" does not.
bool Parser::BeginsQuery(std::uint32_t index, QueryPlace place) {
  std::uint32_t open = index;
  const auto& tokens = tokens_.tokens;
  if (tokens[open].op != Operator::kOpen) return false;
  while (tokens[open + 1].op == Operator::kOpen) {
    if (++open - index > kMaxDepth) return false;
  }
  const std::uint32_t at = at_;
  at_ = open + 1;
  const bool values =
      IsWord("VALUES") && (place == QueryPlace::kTable || IsWord("ROW", 1) || !AtValuesOfColumn());
  const bool query = IsAnyWord({"SELECT", "WITH", "TABLE"}) || values;
  bool whole = query;
  while (whole && open > index) {
    at_ = CloseOf(open) + 1;
    whole = IsOp(Operator::kClose) ||
            IsAnyWord({"UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "FOR", "LOCK", "INTO"});
    --open;
  }
  at_ = at;
  return whole;
}

// VALUES(col), the function, and not VALUES (1), (2): MariaDB's grammar decides by
// what is in the parentheses, too.
bool Parser::AtValuesOfColumn() const {
  std::uint32_t ahead = 2;
  while (IsName(ahead) && IsOp(Operator::kDot, ahead + 1)) ahead += 2;
  return IsOp(Operator::kOpen, 1) && IsName(ahead) && IsOp(Operator::kClose, ahead + 1);
}

Query* Parser::ParseParenthesisedQuery() {
  Expect(Operator::kOpen);
  Query* query = ParseQuery();
  Expect(Operator::kClose);
  return query;
}

Query* Parser::ParseQuery() {
  const Nested nested(*this);
  const std::uint32_t first = at_;
  const std::uint16_t outer = std::exchange(tallest_, std::uint16_t{0});
  std::span<CommonTable> with;
  if (IsWord("WITH")) with = ParseWith();
  Query* query = ParseQueryTerm();
  while (IsAnyWord({"UNION", "EXCEPT"})) query = SetOperation(query, first, false);
  query->with = with;
  ParseQueryTail(query);
  query->span = SpanFrom(first);
  query->height = static_cast<std::uint16_t>(std::max(query->height, tallest_) + 1);
  tallest_ = outer;
  CheckHeight(query->height);
  return query;
}

Query* Parser::SetOperation(Query* left, std::uint32_t first, bool intersect) {
  Query* query = arena_.New<Query>();
  query->kind = QueryKind::kSetOperation;
  query->set_token = Take();
  query->set_distinct = !IsWord("ALL");
  if (IsAnyWord({"ALL", "DISTINCT"})) query->set_option = Take();
  query->left = left;
  query->right = intersect ? ParseQueryOperand() : ParseQueryTerm();
  query->span = SpanFrom(first);
  query->height = static_cast<std::uint16_t>(std::max(left->height, query->right->height) + 1);
  CheckHeight(query->height);
  return query;
}

Query* Parser::ParseQueryTerm() {
  const std::uint32_t first = at_;
  Query* query = ParseQueryOperand();
  while (IsWord("INTERSECT")) query = SetOperation(query, first, true);
  return query;
}

Query* Parser::ParseQueryOperand() {
  Query* query = arena_.New<Query>();
  const std::uint32_t first = at_;
  if (IsOp(Operator::kOpen)) {
    query->kind = QueryKind::kNested;
    query->left = ParseParenthesisedQuery();
    query->height = static_cast<std::uint16_t>(query->left->height + 1);
  } else if (AcceptWord("VALUES")) {
    query->kind = QueryKind::kValues;
    query->rows = arena_.Copy(ParseRows(IsWord("ROW")));
  } else if (AcceptWord("TABLE")) {
    query->kind = QueryKind::kTable;
    query->table = ParseTableName();
  } else {
    query->kind = QueryKind::kSelect;
    query->select = ParseSelect();
  }
  query->span = SpanFrom(first);
  return query;
}

// (…), (…) or ROW(…), ROW(…). Rows may be empty only in INSERT, which is the
// server's to check.
std::vector<std::span<Expr*>> Parser::ParseRows(bool row_word) {
  std::vector<std::span<Expr*>> rows;
  do {
    if (row_word) ExpectWord("ROW");
    Expect(Operator::kOpen);
    std::vector<Expr*> row;
    if (!IsOp(Operator::kClose)) row = ParseExprList();
    Expect(Operator::kClose);
    rows.push_back(arena_.Copy(row));
  } while (Accept(Operator::kComma));
  return rows;
}

std::span<CommonTable> Parser::ParseWith() {
  ExpectWord("WITH");
  const bool recursive = AcceptWord("RECURSIVE");
  std::vector<CommonTable> tables;
  do {
    CommonTable table;
    table.recursive = recursive;
    table.name = ParseNamePart();
    if (IsOp(Operator::kOpen)) table.columns = ParseNameList();
    ExpectWord("AS");
    table.query = ParseParenthesisedQuery();
    if (IsWord("CYCLE")) {
      table.cycle = Take();
      do {
        ParseNamePart();
      } while (Accept(Operator::kComma));
      ExpectWord("RESTRICT");
    }
    tables.push_back(table);
  } while (Accept(Operator::kComma));
  return arena_.Copy(tables);
}

SelectBlock* Parser::ParseSelect() {
  SelectBlock* block = arena_.New<SelectBlock>();
  const std::uint32_t first = ExpectWord("SELECT");
  bool all = false;
  for (;;) {
    all = all || IsWord("ALL");
    if (IsAnyWord({"DISTINCT", "DISTINCTROW"})) {
      block->distinct = true;
      block->distinct_token = Take();
    } else if (!AcceptAnyWord({"ALL", "HIGH_PRIORITY", "STRAIGHT_JOIN", "SQL_SMALL_RESULT",
                               "SQL_BIG_RESULT", "SQL_BUFFER_RESULT", "SQL_NO_CACHE",
                               "SQL_CALC_FOUND_ROWS"}) &&
               !(IsWord("SQL_CACHE") && !IsOp(Operator::kComma, 1) && AcceptWord("SQL_CACHE"))) {
      break;
    }
  }
  if (all && block->distinct) Fail();
  block->items = ParseSelectItems();
  if (IsWord("INTO")) block->into = ParseInto();
  if (AcceptWord("FROM")) block->from = ParseTableRefs();
  ParseSelectTail(block);
  block->span = SpanFrom(first);
  return block;
}

void Parser::ParseSelectTail(SelectBlock* block) {
  if (AcceptWord("WHERE")) block->where = ParseExpr();
  if (AcceptWord("GROUP")) {
    ExpectWord("BY");
    block->group_by = ParseOrderItems();
    if (AcceptWord("WITH")) block->rollup = ExpectWord("ROLLUP");
  }
  if (AcceptWord("HAVING")) block->having = ParseExpr();
  if (!AcceptWord("WINDOW")) return;
  std::vector<Expr*> partitions;
  std::vector<Expr*> exprs;
  do {
    ParseNamePart();
    ExpectWord("AS");
    ParseWindow(partitions, exprs);
  } while (Accept(Operator::kComma));
  block->window_partitions = arena_.Copy(partitions);
  block->window_exprs = arena_.Copy(exprs);
}

// Both servers take a bare * only as the first item.
std::span<SelectItem> Parser::ParseSelectItems() {
  std::vector<SelectItem> items;
  do {
    SelectItem item;
    const std::uint32_t first = at_;
    std::uint32_t dots = 0;  // tokens of "s.t." before a star
    while (dots < 4 && IsName(dots) && IsOp(Operator::kDot, dots + 1)) dots += 2;
    if (IsOp(Operator::kStar, dots) && (dots > 0 || items.empty())) {
      Expr* star = NewExpr(ExprKind::kStar);
      if (dots == 4) star->name.schema = at_;
      if (dots > 0) star->name.table = at_ + dots - 2;
      at_ += dots + 1;
      item.expr = Finish(star, first, {});
    } else {
      item.expr = ParseExpr();
      item.alias = ParseOptionalAlias(true);
    }
    item.span = SpanFrom(first);
    items.push_back(item);
  } while (Accept(Operator::kComma));
  return arena_.Copy(items);
}

// ORDER BY, LIMIT, INTO, locks: each at most once but locks, INTO before or
// after them.
void Parser::ParseQueryTail(Query* query) {
  if (AcceptWord("ORDER")) {
    ExpectWord("BY");
    query->order_by = ParseOrderItems();
  }
  if (IsWord("LIMIT")) {
    query->limit = ParseLimit();
  } else if (IsWord("FETCH") || (IsWord("OFFSET") && IsAnyWord({"ROW", "ROWS"}, 2))) {
    query->limit = ParseFetch();
  }
  if (IsWord("PROCEDURE")) ParseProcedure(query);
  for (;;) {
    if (IsWord("INTO") && query->into == kNoToken) {
      query->into = ParseInto();
    } else if ((IsWord("FOR") && IsAnyWord({"UPDATE", "SHARE"}, 1)) ||
               (IsWord("LOCK") && IsWord("IN", 1))) {
      query->locking = at_;
      ParseLocking();
    } else {
      return;
    }
  }
}

void Parser::ParseLocking() {
  if (AcceptWord("LOCK")) {
    ExpectWord("IN");
    ExpectWord("SHARE");
    ExpectWord("MODE");
  } else {
    ExpectWord("FOR");
    ExpectAnyWord({"UPDATE", "SHARE"});
    if (AcceptWord("OF")) {
      do {
        ParseTableName();
      } while (Accept(Operator::kComma));
    }
  }
  if (AcceptWord("WAIT")) {
    ExpectKind(TokenKind::kInteger);
  } else if (AcceptWord("SKIP")) {
    ExpectWord("LOCKED");
  } else {
    AcceptWord("NOWAIT");
  }
}

std::span<Expr*> Parser::ParseLimit() {
  std::vector<Expr*> values;
  ExpectWord("LIMIT");
  if (!IsWord("ROWS")) {
    values.push_back(ParseLimitValue());
    if (Accept(Operator::kComma) || AcceptWord("OFFSET")) values.push_back(ParseLimitValue());
  }
  if (values.empty() || IsWord("ROWS")) {  // MariaDB: LIMIT … ROWS EXAMINED n
    ExpectWord("ROWS");
    ExpectWord("EXAMINED");
    values.push_back(ParseLimitValue());
  }
  return arena_.Copy(values);
}

// MariaDB: [OFFSET n ROWS] [FETCH FIRST [n] ROWS ONLY | WITH TIES].
std::span<Expr*> Parser::ParseFetch() {
  std::vector<Expr*> values;
  if (AcceptWord("OFFSET")) {
    values.push_back(ParseLimitValue());
    ExpectAnyWord({"ROW", "ROWS"});
  }
  if (AcceptWord("FETCH")) {
    ExpectAnyWord({"FIRST", "NEXT"});
    if (!IsAnyWord({"ROW", "ROWS"})) values.push_back(ParseLimitValue());
    ExpectAnyWord({"ROW", "ROWS"});
    if (AcceptWord("WITH")) {
      ExpectWord("TIES");
    } else {
      ExpectWord("ONLY");
    }
  }
  return arena_.Copy(values);
}

Expr* Parser::ParseLimitValue() {
  if (Is(TokenKind::kParameter)) return ParseLiteral(ExprKind::kParameter, Literal::kNone);
  if (!Is(TokenKind::kInteger)) Fail();
  return ParseLiteral(ExprKind::kLiteral, Literal::kInteger);
}

// PROCEDURE ANALYSE (n, m) behind a SELECT.
void Parser::ParseProcedure(Query* query) {
  if (query->select != nullptr) query->select->procedure = at_;
  ExpectWord("PROCEDURE");
  ParseNamePart();
  Expect(Operator::kOpen);
  if (query->select == nullptr || !IsOp(Operator::kClose)) Beyond();
  if (!IsOp(Operator::kClose)) ParseExprList();
  Expect(Operator::kClose);
}

// SELECT … INTO's targets and export options; they hold no column.
std::uint32_t Parser::ParseInto() {
  const std::uint32_t into = ExpectWord("INTO");
  if (AcceptWord("DUMPFILE")) {
    ExpectKind(TokenKind::kString);
    return into;
  }
  if (!AcceptWord("OUTFILE")) {
    do {
      if (!Is(TokenKind::kUserVariable) && !IsName()) Fail();
      Take();
    } while (Accept(Operator::kComma));
    return into;
  }
  ExpectKind(TokenKind::kString);
  if (AcceptCharacterSet()) ParseCharacterSetName();
  const auto string = [&] {
    if (!Is(TokenKind::kString) && !Is(TokenKind::kHex) && !Is(TokenKind::kBit)) Fail();
    Take();
  };
  if (AcceptAnyWord({"FIELDS", "COLUMNS"})) {
    while (IsAnyWord({"TERMINATED", "OPTIONALLY", "ENCLOSED", "ESCAPED"})) {
      if (AcceptWord("OPTIONALLY") && !IsWord("ENCLOSED")) Fail();
      Take();
      ExpectWord("BY");
      string();
    }
  }
  if (AcceptWord("LINES")) {
    while (AcceptAnyWord({"STARTING", "TERMINATED"})) {
      ExpectWord("BY");
      string();
    }
  }
  return into;
}

}  // namespace sealgate::sql
