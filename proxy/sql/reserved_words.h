// The reserved words of MySQL 9.7 and MariaDB 10.11.
// Sources: MySQL manual, "Keywords and Reserved Words"; MariaDB manual,
// "Reserved Words".
#ifndef SEALGATE_PROXY_SQL_RESERVED_WORDS_H_
#define SEALGATE_PROXY_SQL_RESERVED_WORDS_H_

#include <cstdint>
#include <string_view>

namespace sealgate::sql {

enum class Reserved : std::uint8_t {
  kNot,
  kByOne,   // by one of the servers, or not usable as an alias without AS
  kByBoth,  // never a name unless quoted
};

/// Of an unquoted word, in any case.
Reserved ReservedBy(std::string_view word);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_RESERVED_WORDS_H_
