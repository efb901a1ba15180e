// The plan cache's key: a statement's tokens without the values of literals.
#ifndef SEALGATE_PROXY_SQL_SHAPE_H_
#define SEALGATE_PROXY_SQL_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/sql/key_buffer.h"
#include "proxy/sql/run.h"
#include "proxy/sql/token.h"

namespace sealgate::sql {

/// Appends the shape: per significant token its kind, its bytes unless it is a
/// literal or a parameter, and for words, dots and "(" whether trivia stands
/// before it; of a run, one item. Different token streams, apart from the values
/// of literals and the lengths of `runs`, have different shapes. Literals include
/// what the server treats as part of the statement: ORDER BY 1, LIMIT 1, 'x' as
/// an alias, VARCHAR(20).
/// False, and a part of it appended, when it would be longer than `limit`.
bool AppendShape(const TokenList& tokens, std::span<const Run> runs, std::size_t limit,
                 KeyBuffer& out);

/// Whether two tokens look the same in a shape. `adjacency`: as far as trivia
/// before them matters, too.
bool SameInShape(const TokenList& tokens, std::uint32_t a, std::uint32_t b, bool adjacency);

/// A hash for tables in memory; not keyed, so a table must compare the shapes.
std::uint64_t HashShape(std::string_view shape);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_SHAPE_H_
