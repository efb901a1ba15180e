// Whether every table and routine that a statement uses is known to be there. A
// view or routine that was made at the server just now may lead to a protected
// table and is in no list of hot names yet: so a statement with an unknown name
// waits until the name was looked up.
//
// Works on tokens alone and knows where names of tables can stand. A name that
// is taken for a table's and is none costs one look at the server, never more; a
// function of the server's that is not listed likewise. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_KNOWN_NAMES_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_KNOWN_NAMES_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/object_names.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Thread rule: one per thread (it keeps buffers).
class KnownNames {
 public:
  /// Adds to `unknown` what is not. False when that is anything.
  bool HasAll(const policy::Snapshot& snapshot, const SessionFacts& facts,
              const sql::TokenList& tokens, policy::UnknownNames& unknown);

 private:
  // Of one pair of parentheses.
  struct Level {
    bool list = false;     // a comma stands between tables
    bool no_from = false;  // EXTRACT(YEAR FROM x)
  };

  void Walk();
  void OnName();
  void OnWord();
  bool OnKeyword();
  void ReadTable();
  void ReadRoutine();
  void ReadPrepared();
  bool IsName(std::size_t index) const;
  bool IsKeyword(std::string_view upper, std::size_t index) const;
  bool IsOperator(sql::Operator op, std::size_t index) const;
  bool Push();
  void FindCommonTables();
  bool IsCommonTable(const std::string& name) const;
  void Write(std::size_t index, std::string& out) const;
  void Fold(std::size_t index, std::string& out);
  void AsListed(std::size_t index, std::string& out);
  void AddUnknownTable(std::size_t schema, std::size_t table);
  void AddUnknownRoutine(std::size_t first, std::size_t last);

  const policy::Snapshot* snapshot_ = nullptr;
  const policy::ObjectNames* objects_ = nullptr;
  policy::UnknownNames* unknown_ = nullptr;
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

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_KNOWN_NAMES_H_
