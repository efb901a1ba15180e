// Tokens to a tree: recursive descent with precedence climbing, bounded depth.
// Knows SELECT (with set operations, CTEs, derived tables, subqueries), INSERT,
// REPLACE, UPDATE, DELETE, CREATE, ALTER and RENAME TABLE, CREATE and ALTER VIEW, and CREATE INDEX
// of MySQL 9 and MariaDB 10.11. Any other statement is kOther when it begins with a known verb. A
// construct it does not know is an error at a token, never skipped.
#ifndef SEALGATE_PROXY_SQL_PARSER_H_
#define SEALGATE_PROXY_SQL_PARSER_H_

#include <cstdint>
#include <tl/expected.hpp>

#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::sql {

enum class ParseErrorCode : std::uint8_t {
  kUnexpectedToken,
  kTooDeep,  // nesting beyond kMaxDepth
  kIllegalToken,
  kExecutableComment,
  kSecondStatement,
  kBeyond,  // understood, but the tree has no place for it: see Understands()
};

struct ParseError {
  ParseErrorCode code{};
  std::uint32_t token = 0;  // where
};

/// Nesting of expressions and queries that the parser follows; keeps the stack
/// bounded for hostile input.
inline constexpr int kMaxDepth = 640;

/// The tree is in `arena` and holds indices into `tokens`. Whatever has no place
/// in the tree is an error here: no token of a parsed statement is hidden.
tl::expected<Statement*, ParseError> Parse(const TokenList& tokens, LexMode mode, Arena& arena);

/// Whether the grammar knows the statement, also with constructs that Parse()
/// refuses as kBeyond; nothing may be concluded from its tree. For measuring.
tl::expected<StatementKind, ParseError> Understands(const TokenList& tokens, LexMode mode,
                                                    Arena& arena);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_PARSER_H_
