// Operators, loosest first. Source: MySQL manual, "Operator Precedence".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

std::vector<Expr*> Parser::ParseExprList() {
  std::vector<Expr*> list;
  do {
    list.push_back(ParseExpr());
  } while (Accept(Operator::kComma));
  return list;
}

std::span<OrderItem> Parser::ParseOrderItems() {
  std::vector<OrderItem> items;
  do {
    OrderItem item;
    const std::uint32_t first = at_;
    item.expr = ParseExpr();
    if (IsAnyWord({"ASC", "DESC"})) item.direction = Take();
    item.span = SpanFrom(first);
    items.push_back(item);
  } while (Accept(Operator::kComma));
  return arena_.Copy(items);
}

// OR, ||. One node for a chain, however long.
Expr* Parser::ParseExpr() {
  const Nested nested(*this);
  const std::uint32_t first = at_;
  Expr* left = ParseXor();
  const auto at_or = [&] {
    return IsWord("OR") || (IsOp(Operator::kOrOr) && !mode_.pipes_as_concat);
  };
  if (!at_or()) return left;
  Expr* either = NewExpr(ExprKind::kOr);
  either->op_token = at_;
  std::vector<Expr*> args = {left};
  while (at_or()) {
    Take();
    args.push_back(ParseXor());
  }
  return Finish(either, first, args);
}

Expr* Parser::ParseXor() {
  Expr* left = ParseAnd();
  while (IsWord("XOR")) {
    const std::uint32_t op = Take();
    Expr* right = ParseAnd();
    left = Binary(ExprKind::kBinary, Op::kOther, op, left, right);
  }
  return left;
}

Expr* Parser::ParseAnd() {
  const std::uint32_t first = at_;
  Expr* left = ParseNot();
  const auto at_and = [&] { return IsWord("AND") || IsOp(Operator::kAndAnd); };
  if (!at_and()) return left;
  Expr* both = NewExpr(ExprKind::kAnd);
  both->op_token = at_;
  std::vector<Expr*> args = {left};
  while (at_and()) {
    Take();
    args.push_back(ParseNot());
  }
  return Finish(both, first, args);
}

Expr* Parser::ParseNot() {
  if (!IsWord("NOT")) return ParseComparison();
  const Nested nested(*this);
  const std::uint32_t op = Take();
  Expr* operand = ParseNot();
  Expr* expr = NewExpr(ExprKind::kUnary);
  expr->op = Op::kNot;
  expr->op_token = op;
  return Finish(expr, op, {operand});
}

namespace {

Op ComparisonOf(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return Op::kEqual;
    case Operator::kNotEqual:
      return Op::kNotEqual;
    case Operator::kNullSafeEqual:
      return Op::kNullSafeEqual;
    case Operator::kLess:
      return Op::kLess;
    case Operator::kLessEqual:
      return Op::kLessEqual;
    case Operator::kGreater:
      return Op::kGreater;
    case Operator::kGreaterEqual:
      return Op::kGreaterEqual;
    default:
      return Op::kNone;
  }
}

}  // namespace

Expr* Parser::ParseComparison() {
  Expr* left = ParsePredicate();
  for (;;) {
    if (IsWord("IS")) {
      left = ParseIs(left);
      continue;
    }
    const Op op = ComparisonOf(Peek().op);
    if (op == Op::kNone) return left;
    const std::uint32_t op_token = Take();
    if (IsAnyWord({"ALL", "ANY", "SOME"}) && IsOp(Operator::kOpen, 1)) {
      left = ParseQuantified(left, op, op_token);
    } else {
      Expr* right = ParsePredicate();
      left = Binary(ExprKind::kComparison, op, op_token, left, right);
    }
  }
}

Expr* Parser::ParseIs(Expr* left) {
  Expr* expr = NewExpr(ExprKind::kIs);
  expr->op_token = ExpectWord("IS");
  expr->negated = AcceptWord("NOT");
  if (IsWord("NULL")) expr->literal = Literal::kNull;
  if (IsWord("TRUE")) expr->literal = Literal::kTrue;
  if (IsWord("FALSE")) expr->literal = Literal::kFalse;
  if (IsWord("UNKNOWN")) expr->literal = Literal::kUnknown;
  if (expr->literal == Literal::kNone) Fail();
  Take();
  return Finish(expr, left->span.first, {left});
}

Expr* Parser::ParseQuantified(Expr* left, Op op, std::uint32_t op_token) {
  Take();  // ALL, ANY, SOME
  if (!BeginsQuery(at_, QueryPlace::kTable)) Fail();
  Expr* expr = NewExpr(ExprKind::kQuantified);
  expr->op = op;
  expr->op_token = op_token;
  expr->query = ParseParenthesisedQuery();
  return Finish(expr, left->span.first, {left});
}

// MySQL refuses "a IN (b) IN (c)", MariaDB reads it from left to right.
Expr* Parser::ParsePredicate() {
  Expr* left = ParseBits();
  while (AtPredicate()) {
    const Nested nested(*this);
    left = ParsePredicateOf(left);
  }
  return left;
}

bool Parser::AtPredicate() const {
  const std::uint32_t after = IsWord("NOT") ? 1 : 0;
  if (IsAnyWord({"IN", "BETWEEN", "LIKE", "REGEXP", "RLIKE"}, after)) return true;
  return after == 0 && ((IsWord("SOUNDS") && IsWord("LIKE", 1)) ||
                        (IsWord("MEMBER") && (IsWord("OF", 1) || IsOp(Operator::kOpen, 1))));
}

Expr* Parser::ParsePredicateOf(Expr* left) {
  const bool negated = AcceptWord("NOT");
  const std::uint32_t op = at_;
  if (IsWord("IN")) return ParseIn(left, negated);
  if (IsWord("BETWEEN")) return ParseBetween(left, negated);
  if (IsWord("LIKE")) return ParseLike(left, negated);
  if (AcceptAnyWord({"REGEXP", "RLIKE"}) || AcceptWords("SOUNDS", "LIKE")) {
    Expr* right = ParseBits();
    Expr* expr = Binary(ExprKind::kBinary, Op::kOther, op, left, right);
    expr->negated = negated;
    return expr;
  }
  ExpectWord("MEMBER");
  AcceptWord("OF");
  Expect(Operator::kOpen);
  Expr* right = ParseBits();
  Expect(Operator::kClose);
  return Binary(ExprKind::kBinary, Op::kOther, op, left, right);
}

Expr* Parser::ParseIn(Expr* left, bool negated) {
  Expr* expr = NewExpr(ExprKind::kIn);
  expr->negated = negated;
  expr->op_token = ExpectWord("IN");
  std::vector<Expr*> args = {left};
  if (BeginsQuery(at_, QueryPlace::kTable)) {
    expr->query = ParseParenthesisedQuery();
  } else {
    Expect(Operator::kOpen);
    for (Expr* item : ParseExprList()) args.push_back(item);
    Expect(Operator::kClose);
  }
  return Finish(expr, left->span.first, args);
}

Expr* Parser::ParseBetween(Expr* left, bool negated) {
  const Nested nested(*this);
  Expr* expr = NewExpr(ExprKind::kBetween);
  expr->negated = negated;
  expr->op_token = ExpectWord("BETWEEN");
  Expr* low = ParseBits();
  ExpectWord("AND");
  Expr* high = ParsePredicate();
  return Finish(expr, left->span.first, {left, low, high});
}

Expr* Parser::ParseLike(Expr* left, bool negated) {
  Expr* expr = NewExpr(ExprKind::kLike);
  expr->negated = negated;
  expr->op_token = ExpectWord("LIKE");
  std::vector<Expr*> args = {left, ParseBits()};  // MySQL reads less, and refuses the rest
  if (AcceptWord("ESCAPE")) args.push_back(ParseBits());
  return Finish(expr, left->span.first, args);
}

namespace {

// Loosest first: | , & , shifts, additive, multiplicative, ^.
constexpr int kLevels = 6;

}  // namespace

Expr* Parser::ParseBits() { return ParseBits(0); }

Expr* Parser::ParseBits(int level) {
  if (level == kLevels) return ParseConcat();
  const auto at_operator = [&] {
    switch (level) {
      case 0:
        return IsOp(Operator::kPipe);
      case 1:
        return IsOp(Operator::kAmpersand);
      case 2:
        return IsOp(Operator::kShiftLeft) || IsOp(Operator::kShiftRight);
      case 3:
        return IsOp(Operator::kPlus) || IsOp(Operator::kMinus);
      case 4:
        return IsOp(Operator::kStar) || IsOp(Operator::kSlash) || IsOp(Operator::kPercent) ||
               IsAnyWord({"DIV", "MOD"});
      default:
        return IsOp(Operator::kCaret);
    }
  };
  Expr* left = ParseBits(level + 1);
  while (at_operator()) {
    const std::uint32_t op = Take();
    Expr* right = ParseBits(level + 1);
    left = Binary(ExprKind::kBinary, Op::kOther, op, left, right);
  }
  return left;
}

// || where PIPES_AS_CONCAT makes it bind tighter than ^.
Expr* Parser::ParseConcat() {
  Expr* left = ParseUnary();
  while (mode_.pipes_as_concat && IsOp(Operator::kOrOr)) {
    const std::uint32_t op = Take();
    Expr* right = ParseUnary();
    left = Binary(ExprKind::kBinary, Op::kOther, op, left, right);
  }
  return left;
}

Expr* Parser::ParseUnary() {
  Op op = Op::kNone;
  if (IsOp(Operator::kMinus)) op = Op::kNegate;
  if (IsOp(Operator::kPlus)) op = Op::kPlus;
  if (IsOp(Operator::kBang)) op = Op::kNot;
  if (IsOp(Operator::kTilde) || IsWord("BINARY")) op = Op::kOther;
  if (op == Op::kNone) return ParsePostfix();
  const Nested nested(*this);
  const std::uint32_t op_token = Take();
  Expr* operand = ParseUnary();
  Expr* expr = NewExpr(ExprKind::kUnary);
  expr->op = op;
  expr->op_token = op_token;
  return Finish(expr, op_token, {operand});
}

}  // namespace sealgate::sql
