#include <iterator>

#include "proxy/sql/parser_state.h"

namespace sealgate::sql {
namespace {

// SHOW CHARACTER SET of both servers. A word like _x that is none of these is a
// column for one server and may be an introducer for a newer one.
constexpr std::string_view kCharacterSets[] = {
    "ARMSCII8", "ASCII",   "BIG5",     "BINARY", "CP1250",  "CP1251",  "CP1256",
    "CP1257",   "CP850",   "CP852",    "CP866",  "CP932",   "DEC8",    "EUCJPMS",
    "EUCKR",    "GB18030", "GB2312",   "GBK",    "GEOSTD8", "GREEK",   "HEBREW",
    "HP8",      "KEYBCS2", "KOI8R",    "KOI8U",  "LATIN1",  "LATIN2",  "LATIN5",
    "LATIN7",   "MACCE",   "MACROMAN", "SJIS",   "SWE7",    "TIS620",  "UCS2",
    "UJIS",     "UTF16",   "UTF16LE",  "UTF32",  "UTF8",    "UTF8MB3", "UTF8MB4",
};

bool IsCharacterSet(std::string_view word) {
  return std::any_of(std::begin(kCharacterSets), std::end(kCharacterSets),
                     [&](std::string_view name) { return EqualsKeyword(word, name); });
}

}  // namespace

Expr* Parser::ParsePostfix() {
  Expr* expr = ParseOperand();
  while (IsWord("COLLATE")) {
    Expr* collate = NewExpr(ExprKind::kCollate);
    collate->op_token = Take();
    ParseCharacterSetName();
    expr = Finish(collate, expr->span.first, {expr});
  }
  return expr;
}

Expr* Parser::ParseLiteral(ExprKind kind, Literal literal) {
  Expr* expr = NewExpr(kind);
  expr->literal = literal;
  const std::uint32_t first = Take();
  return Finish(expr, first, {});
}

Expr* Parser::ParseOperand() {
  switch (Peek().kind) {
    case TokenKind::kString:
    case TokenKind::kNationalString:
      return ParseStrings();
    case TokenKind::kHex:
      return ParseLiteral(ExprKind::kLiteral, Literal::kHex);
    case TokenKind::kBit:
      return ParseLiteral(ExprKind::kLiteral, Literal::kBit);
    case TokenKind::kInteger:
      return ParseLiteral(ExprKind::kLiteral, Literal::kInteger);
    case TokenKind::kDecimal:
      return ParseLiteral(ExprKind::kLiteral, Literal::kDecimal);
    case TokenKind::kFloat:
      return ParseLiteral(ExprKind::kLiteral, Literal::kFloat);
    case TokenKind::kParameter:
      return ParseLiteral(ExprKind::kParameter, Literal::kNone);
    case TokenKind::kUserVariable:
      return ParseUserVariable();
    case TokenKind::kSystemVariable:
      return ParseSystemVariable();
    case TokenKind::kQuotedIdentifier:
      return ParseColumn();
    case TokenKind::kWord:
      return ParseWordOperand();
    case TokenKind::kOperator:
      if (IsOp(Operator::kOpen)) return ParseParenthesis();
      if (IsOp(Operator::kOpenBrace)) return ParseOdbcEscape();
      break;
    default:
      break;
  }
  Fail();
  return NewExpr(ExprKind::kLiteral);
}

Expr* Parser::ParseWordOperand() {
  const bool call = IsOp(Operator::kOpen, 1);
  if (IsWord("NULL")) return ParseLiteral(ExprKind::kLiteral, Literal::kNull);
  if (IsWord("TRUE")) return ParseLiteral(ExprKind::kLiteral, Literal::kTrue);
  if (IsWord("FALSE")) return ParseLiteral(ExprKind::kLiteral, Literal::kFalse);
  if (IsWord("CASE")) return ParseCase();
  if (IsWord("INTERVAL")) return ParseInterval();
  if (IsWord("DEFAULT")) return ParseDefaultOperand();
  if (IsWord("IGNORE")) {  // MariaDB: a value that leaves the column as it is
    const std::uint32_t first = Take();
    return Finish(NewExpr(ExprKind::kDefault), first, {});
  }
  if (IsWord("MATCH")) return ParseMatch();
  if (IsAnyWord({"NEXT", "PREVIOUS"}) && IsWord("VALUE", 1) && IsWord("FOR", 2)) {
    return ParseSequenceValue();
  }
  if (IsWord("EXISTS")) {
    Take();
    return ParseSubquery(ExprKind::kExists);
  }
  if (call && IsWord("ROW")) return ParseRow();
  if (call && IsAnyWord({"VALUES", "VALUE"})) return ParseValuesOperand();
  if (call && IsWord("CAST")) return ParseCast();
  if (call && IsWord("CONVERT")) return ParseConvert();
  if (Is(TokenKind::kString, 1) && IsAnyWord({"DATE", "TIME", "TIMESTAMP"})) {
    Take();
    Expr* literal = ParseLiteral(ExprKind::kLiteral, Literal::kTemporal);
    --literal->span.first;
    return literal;
  }
  const std::string_view word = tokens_.Text(at_);
  if (word[0] == '_' && (Is(TokenKind::kString, 1) || Is(TokenKind::kHex, 1) ||
                         Is(TokenKind::kBit, 1) || IsCharacterSet(word.substr(1)))) {
    return ParseStrings();
  }
  if (IsAnyWord({"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "LOCALTIME",
                 "LOCALTIMESTAMP", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP"})) {
    return ParseNiladic();
  }
  return ParseColumn();
}

// 'a', N'a', _utf8mb4'a', each with further strings behind it.
Expr* Parser::ParseStrings() {
  const std::uint32_t first = at_;
  Expr* head = nullptr;
  if (Is(TokenKind::kWord)) {
    if (!IsCharacterSet(tokens_.Text(at_).substr(1))) Fail();
    head = NewExpr(ExprKind::kIntroducer);
    head->op_token = Take();
    if (!Is(TokenKind::kString) && !Is(TokenKind::kHex) && !Is(TokenKind::kBit)) Fail();
    Literal literal = Is(TokenKind::kString) ? Literal::kString : Literal::kHex;
    if (Is(TokenKind::kBit)) literal = Literal::kBit;
    const bool string = Is(TokenKind::kString);
    Expr* value = ParseLiteral(ExprKind::kLiteral, literal);
    head = Finish(head, first, {value});
    if (!string) return head;
    if (EqualsKeyword(tokens_.Text(head->op_token), "_BINARY")) head->literal = Literal::kBinary;
  } else {
    const bool national = Is(TokenKind::kNationalString);
    head = ParseLiteral(ExprKind::kLiteral, national ? Literal::kNational : Literal::kString);
  }
  if (!Is(TokenKind::kString)) return head;
  Expr* all = NewExpr(ExprKind::kAdjacentStrings);
  std::vector<Expr*> args = {head};
  while (Is(TokenKind::kString)) {
    args.push_back(ParseLiteral(ExprKind::kLiteral, Literal::kString));
  }
  return Finish(all, first, args);
}

Expr* Parser::ParseUserVariable() {
  // A lone "@" is a variable for MySQL and an error for MariaDB.
  if (tokens_.Text(at_).size() == 1) Fail();
  const std::uint32_t first = Take();
  if (!IsOp(Operator::kAssign)) return Finish(NewExpr(ExprKind::kUserVariable), first, {});
  Expr* assign = NewExpr(ExprKind::kAssign);
  assign->op_token = Take();
  Expr* value = ParseExpr();
  return Finish(assign, first, {value});
}

Expr* Parser::ParseSystemVariable() {
  Expr* expr = NewExpr(ExprKind::kSystemVariable);
  const std::uint32_t first = Take();
  if (!Peek().adjacent) Fail();
  if (!Is(TokenKind::kWord) && !Is(TokenKind::kQuotedIdentifier)) Fail();
  Take();
  while (Accept(Operator::kDot)) ParseNamePart();
  return Finish(expr, first, {});
}

Expr* Parser::ParseParenthesis() {
  if (BeginsQuery(at_, QueryPlace::kExpression)) return ParseSubquery(ExprKind::kSubquery);
  const std::uint32_t first = Expect(Operator::kOpen);
  Expr* expr = NewExpr(ExprKind::kParenthesis);
  const std::vector<Expr*> list = ParseExprList();
  if (list.size() > 1) expr->kind = ExprKind::kRow;
  Expect(Operator::kClose);
  return Finish(expr, first, list);
}

Expr* Parser::ParseSubquery(ExprKind kind) {
  const std::uint32_t first = kind == ExprKind::kExists ? at_ - 1 : at_;
  Expr* expr = NewExpr(kind);
  if (!BeginsQuery(at_, QueryPlace::kTable)) Fail();
  expr->query = ParseParenthesisedQuery();
  return Finish(expr, first, {});
}

Expr* Parser::ParseRow() {
  Expr* expr = NewExpr(ExprKind::kRow);
  const std::uint32_t first = Take();
  Expect(Operator::kOpen);
  const std::vector<Expr*> list = ParseExprList();
  Expect(Operator::kClose);
  return Finish(expr, first, list);
}

Expr* Parser::ParseCase() {
  Expr* expr = NewExpr(ExprKind::kCase);
  const std::uint32_t first = ExpectWord("CASE");
  std::vector<Expr*> args;
  if (!IsWord("WHEN")) {
    expr->has_operand = true;
    args.push_back(ParseExpr());
  }
  do {
    ExpectWord("WHEN");
    args.push_back(ParseExpr());
    ExpectWord("THEN");
    args.push_back(ParseExpr());
  } while (IsWord("WHEN"));
  if (AcceptWord("ELSE")) {
    expr->has_else = true;
    args.push_back(ParseExpr());
  }
  ExpectWord("END");
  return Finish(expr, first, args);
}

// INTERVAL x unit, and the function INTERVAL(a, b, …).
Expr* Parser::ParseInterval() {
  const std::uint32_t first = ExpectWord("INTERVAL");
  if (IsOp(Operator::kOpen)) {
    bool list = false;
    const std::uint32_t close = CloseOf(at_);
    for (std::uint32_t i = at_ + 1; i < close && !list; ++i) {
      const Operator op = tokens_.tokens[i].op;
      if (op == Operator::kOpen) i = CloseOf(i);
      list = op == Operator::kComma;
    }
    if (list) {
      Name name;
      name.table = first;
      return ParseFunction(name, first);
    }
  }
  Expr* expr = NewExpr(ExprKind::kInterval);
  Expr* value = ParseExpr();
  ParseUnit();
  return Finish(expr, first, {value});
}

// A column, t.*'s head excluded, or a call of a function that has no grammar
// of its own.
Expr* Parser::ParseColumn() {
  const std::uint32_t first = at_;
  const bool plain_call = Is(TokenKind::kWord) && IsOp(Operator::kOpen, 1);
  Name name;
  if (plain_call && IsAnyWord({"IF", "LEFT", "RIGHT", "REPLACE", "INSERT", "REPEAT", "MOD", "CHAR",
                               "ROW_NUMBER"})) {
    name.table = Take();
    return ParseFunction(name, first);
  }
  name = ParseColumnName();
  if (IsOp(Operator::kOpen)) {
    if (name.schema != kNoToken) Fail();
    name.schema = name.table;
    name.table = name.column;
    name.column = kNoToken;
    return ParseFunction(name, first);
  }
  Expr* column = NewExpr(ExprKind::kColumn);
  column->name = name;
  column = Finish(column, first, {});
  if (!IsOp(Operator::kArrow) && !IsOp(Operator::kArrowText)) return column;
  const std::uint32_t op = Take();
  if (!Is(TokenKind::kString)) Fail();
  Expr* path = ParseLiteral(ExprKind::kLiteral, Literal::kString);
  return Binary(ExprKind::kBinary, Op::kOther, op, column, path);
}

Expr* Parser::ParseDefaultOperand() {
  Expr* expr = NewExpr(ExprKind::kDefault);
  const std::uint32_t first = Take();
  if (Accept(Operator::kOpen)) {
    expr->name = ParseColumnName();
    Expect(Operator::kClose);
  }
  return Finish(expr, first, {});
}

Expr* Parser::ParseValuesOperand() {
  Expr* expr = NewExpr(ExprKind::kValues);
  const std::uint32_t first = Take();
  Expect(Operator::kOpen);
  expr->name = ParseColumnName();
  Expect(Operator::kClose);
  return Finish(expr, first, {});
}

Expr* Parser::ParseOdbcEscape() {
  Expr* expr = NewExpr(ExprKind::kOdbcEscape);
  const std::uint32_t first = Expect(Operator::kOpenBrace);
  if (!IsName()) Fail();  // D, T, TS, FN; the servers take any word
  expr->op_token = Take();
  Expr* inner = ParseExpr();
  Expect(Operator::kCloseBrace);
  return Finish(expr, first, {inner});
}

}  // namespace sealgate::sql
