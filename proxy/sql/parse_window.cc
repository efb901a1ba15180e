// Source: MySQL manual, "Window Function Concepts and Syntax".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

Expr* Parser::ParseOver(Expr* function, std::vector<Expr*>& args) {
  function->kind = ExprKind::kWindowFunction;
  if (AcceptWord("FROM")) ExpectAnyWord({"FIRST", "LAST"});
  if (AcceptAnyWord({"RESPECT", "IGNORE"})) ExpectWord("NULLS");
  function->op_token = ExpectWord("OVER");
  function->arguments = static_cast<std::uint32_t>(args.size());
  if (IsOp(Operator::kOpen)) {
    std::vector<Expr*> rest;
    ParseWindow(args, rest);
    function->partitions = static_cast<std::uint32_t>(args.size()) - function->arguments;
    args.insert(args.end(), rest.begin(), rest.end());
  } else {
    ParseNamePart();
  }
  return function;
}

void Parser::ParseWindow(std::vector<Expr*>& partitions, std::vector<Expr*>& args) {
  Expect(Operator::kOpen);
  const bool clause =
      IsOp(Operator::kClose) || IsAnyWord({"PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"});
  if (!clause) ParseNamePart();  // of another window
  if (AcceptWord("PARTITION")) {
    ExpectWord("BY");
    for (Expr* expr : ParseExprList()) partitions.push_back(expr);
  }
  if (AcceptWord("ORDER")) {
    ExpectWord("BY");
    for (const OrderItem& item : ParseOrderItems()) args.push_back(item.expr);
  }
  if (AcceptAnyWord({"ROWS", "RANGE"})) ParseFrame(args);
  Expect(Operator::kClose);
}

void Parser::ParseFrame(std::vector<Expr*>& args) {
  const bool between = AcceptWord("BETWEEN");
  for (int bound = 0; bound < (between ? 2 : 1); ++bound) {
    if (bound == 1) ExpectWord("AND");
    if (AcceptWord("CURRENT")) {
      ExpectWord("ROW");
      continue;
    }
    if (!AcceptWord("UNBOUNDED")) args.push_back(ParseBits());
    ExpectAnyWord({"PRECEDING", "FOLLOWING"});
  }
  if (AcceptWord("EXCLUDE")) Fail();
}

}  // namespace sealgate::sql
