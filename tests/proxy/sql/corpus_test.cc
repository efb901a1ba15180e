// Statements that the servers were asked about: tests/testdata/sql.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"
#include "tests/proxy/sql/tree_dump.h"

namespace sealgate::sql {
namespace {

std::vector<std::string> Lines(const std::string& name) {
  std::ifstream file("tests/testdata/sql/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.rfind("-- ", 0) != 0) lines.push_back(line);
  }
  return lines;
}

bool IsLiteral(TokenKind kind) {
  return kind == TokenKind::kString || kind == TokenKind::kNationalString ||
         kind == TokenKind::kHex || kind == TokenKind::kBit || kind == TokenKind::kDecimal ||
         kind == TokenKind::kFloat || kind == TokenKind::kInteger || kind == TokenKind::kParameter;
}

// Tokens that are literals but no expressions: aliases, names of character
// sets, lengths of types, options of INTO OUTFILE.
bool MayBeUnreached(const TokenList& tokens, std::uint32_t i, const std::string& line) {
  if (tokens.tokens[i].kind == TokenKind::kParameter) return false;
  if (line.find("outfile") != std::string::npos || line.find("dumpfile") != std::string::npos) {
    return true;
  }
  if (line.find("cast(") != std::string::npos || line.find("returning char") != std::string::npos) {
    return tokens.tokens[i].kind == TokenKind::kInteger;
  }
  if (i == 0) return false;
  const std::string_view before = tokens.Text(i - 1);
  return EqualsKeyword(before, "COLLATE") || EqualsKeyword(before, "WAIT");
}

TEST(CorpusTest, AcceptedParsesAndHidesNothing) {
  const std::vector<std::string> lines = Lines("accepted.sql");
  ASSERT_GE(lines.size(), 300u);
  for (const std::string& line : lines) {
    TokenList tokens;
    Lex(line, {}, tokens);
    Arena arena;
    const auto parsed = Parse(tokens, {}, arena);
    ASSERT_TRUE(parsed) << line << " at " << parsed.error().token;
    const Statement& statement = **parsed;
    EXPECT_EQ(statement.span.first, 0u);
    EXPECT_FALSE(Dump(tokens, &statement).empty());
    const bool definition =
        statement.kind >= StatementKind::kCreateTable;  // the rest are no queries
    if (definition) continue;
    std::set<std::uint32_t> seen;
    std::set<std::uint32_t> aliases;
    Walk(&statement, [&](const Expr& expr) {
      EXPECT_LE(expr.span.first, expr.span.last) << line;
      EXPECT_LE(expr.span.last, statement.span.last) << line;
      EXPECT_LE(expr.height, kMaxDepth) << line;
      for (const Expr* arg : expr.args) {
        EXPECT_LE(expr.span.first, arg->span.first) << line;
        EXPECT_GE(expr.span.last, arg->span.last) << line;
      }
      const bool leaf = expr.kind == ExprKind::kLiteral || expr.kind == ExprKind::kParameter;
      if (leaf) seen.insert(expr.span.last);
    });
    for (std::uint32_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
      if (!IsLiteral(tokens.tokens[i].kind) || MayBeUnreached(tokens, i, line)) continue;
      // 'x' behind an expression or AS: an alias.
      const bool alias = tokens.tokens[i].kind == TokenKind::kString && i > 0 &&
                         (EqualsKeyword(tokens.Text(i - 1), "AS") ||
                          tokens.tokens[i - 1].kind == TokenKind::kWord);
      EXPECT_TRUE(alias || seen.count(i) == 1) << line << " hides token " << i;
    }
  }
}

// MariaDB's constructs that the tree has no place for: known, and an error all
// the same, so that nothing is concluded from what is around them.
TEST(CorpusTest, BeyondIsKnownAndRefused) {
  for (const char* text :
       {"select a from t for system_time between '2020-01-01' and now() as x where a = 1",
        "select * from t for system_time from timestamp '2020-01-01' to transaction 5, u",
        "select * from t join u for system_time all on t.a = u.a",
        "select x.a from json_table('[]', '$[*]' columns (a int path '$')) as x",
        "(select a from t) procedure analyse()",
        "select a from t procedure analyse(10, 20)",
        "select next value for s, previous value for d.s",
        "select a from t where a = next value for s",
        "update t for portion of p from '2020-01-01' to now() set a = 1",
        "delete from t for portion of p from 1 to 2 where a = 1",
        "delete history from t",
        "delete history from t before system_time '2020-01-01'",
        "create table t (a int primary key unique)",
        "create table t (a int check (a) check (a > 1))",
        "create table t (a int default 1 not null default 2)",
        "create table t (a int default (concat(b, 'x')) default 'k')",
        "alter table t modify a int default 1 default null",
        "alter table t change a a int default 1 null default 2, add b int",
        "alter table t add (a timestamp on update now() on update now(6))",
        "create table t (a int as (b) as (1))",
        "create table t (a int as (b) stored generated always as (1))",
        "create table t (a int references b (c) references d (e))",
        "create table t (a int comment 'x' comment 'y')",
        "create table t (a text compressed not null compressed)",
        "create table t (a text charset latin1 character set utf8mb4)",
        "create table t (a text ascii character set utf8mb4)",
        "create table t (a text collate latin1_bin character set latin1)",
        "create table t (a text collate latin1_bin collate latin1_swedish_ci)",
        "create table t (a text collate latin1_bin not null collate latin1_bin)",
        "create table t (a text) charset=latin1 engine=x default charset=utf8mb4",
        "create table t (a text) collate latin1_bin collate=latin1_bin",
        "create table t (a text) union=(a) union=(b)",
        "create table t (a text compressed, b int without system versioning)",
        "create table t (a int fast=1, key (a) big='x') engine=x slow=no",
        "create table t (a int, s timestamp(6) generated always as row start, e timestamp(6) as "
        "row "
        "end, period for system_time (s, e)) with system versioning",
        "create table t (a int, unique (a, p without overlaps))",
        "create table t (a int default next value for s)"}) {
    TokenList tokens;
    Lex(text, {}, tokens);
    Arena arena;
    const auto parsed = Parse(tokens, {}, arena);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ParseErrorCode::kBeyond) << text;
    EXPECT_TRUE(Understands(tokens, {}, arena)) << text;
  }
}

// A statement cut after any of its tokens parses or is refused, in bounds.
TEST(CorpusTest, EveryPrefix) {
  for (const std::string& line : Lines("accepted.sql")) {
    TokenList tokens;
    Lex(line, {}, tokens);
    const std::vector<Token> all = tokens.tokens;
    for (std::size_t keep = 0; keep + 1 < all.size(); ++keep) {
      tokens.tokens.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(keep));
      tokens.tokens.push_back(all.back());
      Arena arena;
      const auto parsed = Parse(tokens, {}, arena);
      if (!parsed) {
        EXPECT_LE(parsed.error().token, keep) << line;
      }
    }
  }
}

TEST(CorpusTest, RefusedNamesTheToken) {
  const std::vector<std::string> lines = Lines("refused.sql");
  ASSERT_GE(lines.size(), 70u);
  constexpr const char* kCodes[] = {"unexpected", "deep", "illegal", "comment", "second", "beyond"};
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    ASSERT_NE(colon, std::string::npos);
    const std::string text = line.substr(std::min(colon + 2, line.size()));
    TokenList tokens;
    Lex(text, {}, tokens);
    Arena arena;
    const auto parsed = Parse(tokens, {}, arena);
    ASSERT_FALSE(parsed) << line;
    EXPECT_EQ(line.substr(0, colon), std::string(kCodes[static_cast<int>(parsed.error().code)]) +
                                         " " + std::to_string(parsed.error().token))
        << line;
  }
}

}  // namespace
}  // namespace sealgate::sql
