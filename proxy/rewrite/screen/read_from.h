// Where in a statement the names begin by which it could reach a table, a view or a
// routine with a value, or run one. Works on tokens alone. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_READ_FROM_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_READ_FROM_H_

#include <cstddef>
#include <optional>
#include <string>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// The token from which on names matter; nullopt when none does. Only kinds of
/// statements that have no expressions and no bodies are left out; an unknown one is
/// read from its beginning. `first`: its first token that is no parenthesis.
std::optional<std::size_t> ReadFrom(const sql::TokenList& tokens, std::size_t first);

/// Whether it is the LIKE of CREATE TABLE [IF NOT EXISTS] a LIKE b, or of (LIKE b).
bool IsCopiedFrom(const sql::TokenList& tokens, std::size_t like);

/// CREATE PROCEDURE s.p and the like, EXPLAIN … FOR SCHEMA s: the token of s, in which names
/// without a schema are looked for. nullopt when none is named.
std::optional<std::size_t> SchemaOfNames(const sql::TokenList& tokens, std::size_t first);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_READ_FROM_H_
