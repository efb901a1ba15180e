// The plan cache's key: a statement's tokens without the values of literals.
#ifndef SEALGATE_PROXY_SQL_SHAPE_H_
#define SEALGATE_PROXY_SQL_SHAPE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::sql {

/// Appends the shape: per significant token its kind, its bytes unless it is a
/// literal or a parameter, and for words, dots and "(" whether trivia stands
/// before it. Different token streams, apart from the values of literals, have
/// different shapes. Literals include what the server treats as part of the
/// statement: ORDER BY 1, LIMIT 1, 'x' as an alias, VARCHAR(20).
void AppendShape(const TokenList& tokens, std::string& out);

/// A hash for tables in memory; not keyed, so a table must compare the shapes.
std::uint64_t HashShape(std::string_view shape);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_SHAPE_H_
