// The reserved words of MySQL 9.7 and MariaDB 10.11.
// Sources: MySQL manual, "Keywords and Reserved Words"; MariaDB manual,
// "Reserved Words".
#ifndef SEALGATE_PROXY_SQL_RESERVED_WORDS_H_
#define SEALGATE_PROXY_SQL_RESERVED_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::sql {

enum class Reserved : std::uint8_t {
  kNot,
  kByOne,   // by one of the servers, or not usable as an alias without AS
  kByBoth,  // never a name unless quoted
};

/// Of an unquoted word, in any case.
Reserved ReservedBy(std::string_view word);

/// Whether there is a token at `index`, and it is in quotes or a word that one of the
/// servers at least does not reserve.
inline bool MayBeName(const TokenList& tokens, std::size_t index) {
  if (index >= tokens.tokens.size()) return false;
  const TokenKind kind = tokens.tokens[index].kind;
  return kind == TokenKind::kQuotedIdentifier ||
         (kind == TokenKind::kWord && ReservedBy(tokens.Text(index)) != Reserved::kByBoth);
}

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_RESERVED_WORDS_H_
