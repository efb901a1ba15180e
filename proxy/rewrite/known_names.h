// Whether every table and routine that a statement uses was there when the
// catalog was read. A view or routine that was made at the server since then may
// lead to a protected table and is in no list of hot names yet: so a statement
// with an unknown name waits until the catalog was read again.
//
// Works on tokens alone and knows where names of tables can stand. A name that
// is taken for a table's and is none costs one reading of the catalog, never
// more; a function of the server's that is not listed likewise. Internal to
// rewrite.
#ifndef SEALGATE_PROXY_REWRITE_KNOWN_NAMES_H_
#define SEALGATE_PROXY_REWRITE_KNOWN_NAMES_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.h"
#include "proxy/rewrite/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Thread rule: one per thread (it keeps buffers).
class KnownNames {
 public:
  bool HasAll(const policy::Catalog& catalog, const SessionFacts& facts,
              const sql::TokenList& tokens);

 private:
  // Of one pair of parentheses.
  struct Level {
    bool list = false;     // a comma stands between tables
    bool no_from = false;  // EXTRACT(YEAR FROM x)
  };

  bool Walk();
  bool OnName();
  bool OnWord();
  bool OnKeyword();
  bool ReadTable();
  bool ReadRoutine();
  bool HasAllPrepared();
  bool IsName(std::size_t index) const;
  bool IsKeyword(std::string_view upper, std::size_t index) const;
  bool IsOperator(sql::Operator op, std::size_t index) const;
  bool Push();
  void FindCommonTables();
  void Fold(std::size_t index, std::string& out);

  const policy::Catalog* catalog_ = nullptr;
  const SessionFacts* facts_ = nullptr;
  const sql::TokenList* tokens_ = nullptr;
  std::size_t at_ = 0;
  bool expects_table_ = false;
  std::array<Level, 64> levels_{};
  std::size_t depth_ = 0;
  std::vector<std::string> common_tables_;
  std::string schema_;
  std::string name_;
  std::string key_;
};

/// A function of either server, or a type that takes an argument.
bool IsNativeFunction(std::string_view folded);

/// CREATE TEMPORARY TABLE: the key (policy::ObjectNames) of the table to be; ""
/// for any other statement.
std::string TemporaryTableOf(const SessionFacts& facts, const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_KNOWN_NAMES_H_
