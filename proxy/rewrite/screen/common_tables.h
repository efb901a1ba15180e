// The common tables of a statement (WITH x AS (…)), by their tokens, and where their
// names stand for them. Outside of that the same name is a table's or a view's: it is
// what an INSERT before the WITH writes to, what a WITH without RECURSIVE reads
// itself, and what stands behind the parentheses that the WITH stands in. Within another
// WITH further in, it may be either: MariaDB misses it in subqueries and derived tables,
// MySQL in parentheses.
// Sources: MySQL manual, "WITH (Common Table Expressions)"; MariaDB manual, "WITH".
// Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_COMMON_TABLES_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_COMMON_TABLES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Thread rule: one per thread (it keeps buffers).
class CommonTables {
 public:
  /// Of these tokens, which must live as long as this is asked. On the safe side:
  /// what cannot be read, and what is more than anybody writes, is none.
  void Find(const sql::TokenList& tokens, bool exact_case);
  /// The token is the name of one where it is made.
  bool IsMadeAt(std::size_t index) const;
  /// The token, where a table's name can stand, can mean nothing but one.
  bool IsMeantAt(std::size_t index);

 private:
  struct Table {
    std::size_t with = 0;
    std::size_t at = 0;  // its name's token
    std::size_t from = 0;
    std::size_t until = 0;
    std::string name;
  };

  void ReadWith(std::size_t with);
  bool IsHiddenAt(std::size_t index, const Table& table) const;
  std::size_t Closing(std::size_t open) const;
  std::size_t EndOfLevel(std::size_t index) const;
  void Write(std::size_t index, std::string& out) const;

  const sql::TokenList* tokens_ = nullptr;
  bool exact_case_ = false;
  std::vector<Table> tables_;
  std::string name_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_COMMON_TABLES_H_
