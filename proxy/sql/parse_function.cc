// Calls, and the functions that have a grammar of their own. Sources: MySQL
// manual, "Functions and Operators"; MariaDB manual, "Built-in Functions".
#include <iterator>

#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

Expr* Parser::ParseFunction(const Name& name, std::uint32_t first) {
  Expr* function = NewExpr(ExprKind::kFunction);
  function->name = name;
  std::vector<Expr*> args;
  Expect(Operator::kOpen);
  const bool built_in =
      name.schema == kNoToken && tokens_.tokens[name.table].kind == TokenKind::kWord;
  if (built_in) {
    ParseArguments(name.table, function, args);
  } else if (!IsOp(Operator::kClose)) {
    args = ParseExprList();
  }
  Expect(Operator::kClose);
  if (AcceptWords("WITHIN", "GROUP")) {  // of PERCENTILE_CONT and PERCENTILE_DISC
    Expect(Operator::kOpen);
    ExpectWord("ORDER");
    ExpectWord("BY");
    for (const OrderItem& item : ParseOrderItems()) args.push_back(item.expr);
    Expect(Operator::kClose);
  }
  if (IsWord("OVER") || IsWord("RESPECT") || (IsWord("IGNORE") && IsWord("NULLS", 1)) ||
      (IsWord("FROM") && IsAnyWord({"FIRST", "LAST"}, 1) && IsWord("OVER", 2))) {
    function = ParseOver(function, args);
  }
  return Finish(function, first, args);
}

// MariaDB: NEXT VALUE FOR s, PREVIOUS VALUE FOR s.
Expr* Parser::ParseSequenceValue() {
  Beyond();
  Expr* function = NewExpr(ExprKind::kFunction);
  const std::uint32_t first = Take();
  function->name.table = first;
  at_ += 2;
  ParseTableName();
  return Finish(function, first, {});
}

Expr* Parser::ParseNiladic() {
  Expr* function = NewExpr(ExprKind::kFunction);
  const std::uint32_t first = Take();
  function->name.table = first;
  std::vector<Expr*> args;
  if (Accept(Operator::kOpen)) {
    if (!IsOp(Operator::kClose)) args.push_back(ParseExpr());
    Expect(Operator::kClose);
  }
  return Finish(function, first, args);
}

namespace {

constexpr std::string_view kAggregates[] = {
    "COUNT",    "SUM",     "AVG",      "MIN",          "MAX",           "BIT_AND",
    "BIT_OR",   "BIT_XOR", "STD",      "STDDEV",       "STDDEV_POP",    "STDDEV_SAMP",
    "VARIANCE", "VAR_POP", "VAR_SAMP", "GROUP_CONCAT", "JSON_ARRAYAGG", "JSON_OBJECTAGG",
};

constexpr std::string_view kUnits[] = {
    "MICROSECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
    "SECOND_MICROSECOND",
    "MINUTE_MICROSECOND",
    "MINUTE_SECOND",
    "HOUR_MICROSECOND",
    "HOUR_SECOND",
    "HOUR_MINUTE",
    "DAY_MICROSECOND",
    "DAY_SECOND",
    "DAY_MINUTE",
    "DAY_HOUR",
    "YEAR_MONTH",
    "SQL_TSI_SECOND",
    "SQL_TSI_MINUTE",
    "SQL_TSI_HOUR",
    "SQL_TSI_DAY",
    "SQL_TSI_WEEK",
    "SQL_TSI_MONTH",
    "SQL_TSI_QUARTER",
    "SQL_TSI_YEAR",
};

}  // namespace

void Parser::ParseUnit() {
  if (!IsAnyWord(kUnits)) Fail();
  Take();
}

// Between the parentheses. `word` is the function's name.
void Parser::ParseArguments(std::uint32_t word, Expr* function, std::vector<Expr*>& args) {
  const std::string_view name = tokens_.Text(word);
  const auto is = [&](std::string_view upper) { return EqualsKeyword(name, upper); };
  if (is("JSON_TABLE")) Fail();
  if (std::any_of(std::begin(kAggregates), std::end(kAggregates), is)) {
    ParseAggregateArguments(word, function, args);
  } else if (!ParseSpecialArguments(word, args) && !IsOp(Operator::kClose)) {
    args = ParseExprList();
  }
}

void Parser::ParseAggregateArguments(std::uint32_t word, Expr* function, std::vector<Expr*>& args) {
  const std::string_view name = tokens_.Text(word);
  if (EqualsKeyword(name, "COUNT") && IsOp(Operator::kStar)) {
    args.push_back(ParseLiteral(ExprKind::kStar, Literal::kNone));
    return;
  }
  function->distinct = AcceptWord("DISTINCT");
  if (!function->distinct) AcceptWord("ALL");
  args = ParseExprList();
  if (!EqualsKeyword(name, "GROUP_CONCAT") && !EqualsKeyword(name, "JSON_ARRAYAGG")) return;
  if (AcceptWords("ORDER", "BY")) {
    for (const OrderItem& item : ParseOrderItems()) args.push_back(item.expr);
  }
  if (AcceptWord("SEPARATOR")) {
    if (!Is(TokenKind::kString) && !Is(TokenKind::kHex)) Fail();
    const Literal literal = Is(TokenKind::kString) ? Literal::kString : Literal::kHex;
    args.push_back(ParseLiteral(ExprKind::kLiteral, literal));
  }
  if (IsWord("LIMIT")) {
    for (Expr* limit : ParseLimit()) args.push_back(limit);
  }
}

// False, and nothing consumed, when the function takes a plain list.
bool Parser::ParseSpecialArguments(std::uint32_t word, std::vector<Expr*>& args) {
  const std::string_view name = tokens_.Text(word);
  const auto is = [&](std::string_view upper) { return EqualsKeyword(name, upper); };
  if (is("EXTRACT")) {
    ParseUnit();
    ExpectWord("FROM");
    args.push_back(ParseExpr());
  } else if (is("TIMESTAMPADD") || is("TIMESTAMPDIFF")) {
    ParseUnit();
    Expect(Operator::kComma);
    args = ParseExprList();
  } else if (is("GET_FORMAT")) {
    ExpectAnyWord({"DATE", "TIME", "DATETIME", "TIMESTAMP"});
    Expect(Operator::kComma);
    args.push_back(ParseExpr());
  } else if (is("POSITION")) {
    args.push_back(ParseBits());
    ExpectWord("IN");
    args.push_back(ParseExpr());
  } else if (is("TRIM")) {
    AcceptAnyWord({"BOTH", "LEADING", "TRAILING"});
    if (!IsWord("FROM")) args.push_back(ParseExpr());
    if (AcceptWord("FROM")) args.push_back(ParseExpr());
    if (args.empty()) Fail();
  } else if (is("SUBSTRING") || is("SUBSTR") || is("MID")) {
    args.push_back(ParseExpr());
    const bool words = AcceptWord("FROM");
    if (!words) Expect(Operator::kComma);
    args.push_back(ParseExpr());
    if (words ? AcceptWord("FOR") : Accept(Operator::kComma)) args.push_back(ParseExpr());
  } else if (is("CHAR")) {
    args = ParseExprList();
    if (AcceptWord("USING")) ParseCharacterSetName();
  } else if (is("WEIGHT_STRING")) {
    args.push_back(ParseExpr());
    if (AcceptWord("AS")) {
      ExpectAnyWord({"CHAR", "BINARY"});
      Expect(Operator::kOpen);
      args.push_back(ParseLimitValue());
      Expect(Operator::kClose);
    }
    if (AcceptWord("LEVEL")) ParseWeightLevels(args);
    if (Accept(Operator::kComma)) {  // MariaDB's form with three numbers
      for (Expr* number : ParseExprList()) args.push_back(number);
    }
  } else if (is("COLUMN_CREATE") || is("COLUMN_ADD") || is("COLUMN_GET")) {
    do {
      args.push_back(ParseExpr());
      if (AcceptWord("AS")) ParseCastType();
    } while (Accept(Operator::kComma));
  } else if (is("JSON_VALUE")) {
    args = ParseExprList();
    ParseJsonValueTail(args);
  } else {
    return false;
  }
  return true;
}

// MariaDB: LEVEL 1 [ASC | DESC] [REVERSE], … or LEVEL 1-3.
void Parser::ParseWeightLevels(std::vector<Expr*>& args) {
  do {
    args.push_back(ParseLimitValue());
    if (Accept(Operator::kMinus)) args.push_back(ParseLimitValue());
    AcceptAnyWord({"ASC", "DESC"});
    AcceptWord("REVERSE");
  } while (Accept(Operator::kComma));
}

void Parser::ParseJsonValueTail(std::vector<Expr*>& args) {
  if (AcceptWord("RETURNING")) ParseCastType();
  for (int clause = 0; clause < 2 && IsAnyWord({"NULL", "ERROR", "DEFAULT"}); ++clause) {
    const bool has_value = IsWord("DEFAULT");
    Take();
    if (has_value) args.push_back(ParseUnary());
    ExpectWord("ON");
    ExpectAnyWord({"EMPTY", "ERROR"});
  }
}

void Parser::ParseCastType() {
  if (AcceptAnyWord({"SIGNED", "UNSIGNED"})) {
    AcceptAnyWord({"INTEGER", "INT"});
    return;
  }
  if (AcceptWord("INTERVAL")) {  // MariaDB
    ParseUnit();
    if (Accept(Operator::kOpen)) {
      ExpectKind(TokenKind::kInteger);
      Expect(Operator::kClose);
    }
    return;
  }
  if (AcceptWord("DOUBLE")) {
    AcceptWord("PRECISION");
  } else if (AcceptWord("NATIONAL")) {
    ExpectAnyWord({"CHAR", "CHARACTER", "VARCHAR"});
  } else {
    ExpectAnyWord({"BINARY",          "CHAR",         "CHARACTER",
                   "NCHAR",           "VARCHAR",      "DATE",
                   "DATETIME",        "TIME",         "YEAR",
                   "DECIMAL",         "DEC",          "NUMERIC",
                   "FLOAT",           "REAL",         "INT",
                   "INTEGER",         "JSON",         "UUID",
                   "INET4",           "INET6",        "POINT",
                   "LINESTRING",      "POLYGON",      "MULTIPOINT",
                   "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
                   "VECTOR"});
  }
  if (Accept(Operator::kOpen)) {
    do {
      ExpectKind(TokenKind::kInteger);
    } while (Accept(Operator::kComma));
    Expect(Operator::kClose);
  }
  AcceptWord("BINARY");
  if (AcceptCharacterSet()) {
    ParseCharacterSetName();
  } else {
    AcceptAnyWord({"ASCII", "UNICODE", "BYTE"});
  }
  AcceptWord("BINARY");
  if (AcceptWord("COLLATE")) ParseCharacterSetName();
}

Expr* Parser::ParseCast() {
  Expr* cast = NewExpr(ExprKind::kCast);
  const std::uint32_t first = Take();
  cast->name.table = first;
  Expect(Operator::kOpen);
  Expr* value = ParseExpr();
  cast->op_token = ExpectWord("AS");
  ParseCastType();
  AcceptWord("ARRAY");
  Expect(Operator::kClose);
  return Finish(cast, first, {value});
}

Expr* Parser::ParseConvert() {
  Expr* cast = NewExpr(ExprKind::kCast);
  const std::uint32_t first = Take();
  cast->name.table = first;
  Expect(Operator::kOpen);
  Expr* value = ParseExpr();
  cast->op_token = at_;
  if (AcceptWord("USING")) {
    ParseCharacterSetName();
  } else {
    Expect(Operator::kComma);
    ParseCastType();
  }
  Expect(Operator::kClose);
  return Finish(cast, first, {value});
}

Expr* Parser::ParseMatch() {
  Expr* match = NewExpr(ExprKind::kMatch);
  const std::uint32_t first = Take();
  const bool open = Accept(Operator::kOpen);
  std::vector<Expr*> args = ParseExprList();
  if (open) Expect(Operator::kClose);
  match->op_token = ExpectWord("AGAINST");
  Expect(Operator::kOpen);
  args.push_back(ParseBits());
  if (AcceptWord("IN")) {
    if (!AcceptWords("BOOLEAN", "MODE")) {
      ExpectWord("NATURAL");
      ExpectWord("LANGUAGE");
      ExpectWord("MODE");
    }
  }
  if (AcceptWord("WITH")) {
    ExpectWord("QUERY");
    ExpectWord("EXPANSION");
  }
  Expect(Operator::kClose);
  return Finish(match, first, args);
}

}  // namespace sealgate::sql
