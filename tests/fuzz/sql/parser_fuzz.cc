// A parsed statement covers all of its tokens, its nodes stay within their
// parents, its tree is no higher than the bound, and every parameter is in it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"
#include "tests/proxy/sql/tree_dump.h"

using namespace sealgate::sql;

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  LexMode mode;
  mode.ansi_quotes = (data[0] & 1) != 0;
  mode.pipes_as_concat = (data[0] & 2) != 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  TokenList tokens;
  Lex(text, mode, tokens);
  Arena arena;
  const auto parsed = Parse(tokens, mode, arena);
  if (!parsed) {
    Require(parsed.error().token < tokens.tokens.size());
    return 0;
  }
  const Statement& statement = **parsed;
  std::size_t last = tokens.tokens.size() - 1;
  while (last > 0 && tokens.tokens[last - 1].kind == TokenKind::kSemicolon) --last;
  Require(statement.span.first == 0 && statement.span.last + 1 == last);
  std::set<std::uint32_t> parameters;
  Walk(&statement, [&](const Expr& expr) {
    Require(expr.span.first <= expr.span.last && expr.span.last <= statement.span.last);
    Require(expr.height <= kMaxDepth);
    for (const Expr* arg : expr.args) {
      Require(arg->height < expr.height);
      Require(arg->span.first >= expr.span.first && arg->span.last <= expr.span.last);
    }
    if (expr.kind == ExprKind::kParameter) parameters.insert(expr.span.first);
  });
  if (statement.kind != StatementKind::kOther && statement.kind != StatementKind::kCreateTable) {
    Require(parameters.size() == tokens.parameters);
  }
  Require(!Dump(tokens, &statement).empty());
  return 0;
}
