// Whether every table and routine that a statement uses is known to be there. A
// view or routine that was made at the server just now may lead to a protected
// table and is in no list of hot names yet: so a statement with an unknown name
// waits until the name was looked up.
//
// Works on tokens alone and knows where names of tables can stand: behind the words
// that begin a list of tables, and behind each comma until a word ends that list which
// neither server takes for a name. A name that is taken for a table's and is none costs
// one look at the server, never more; a function of the server's that is not listed
// likewise.
//
// What runs inside the server counts: the text of a view, of a routine, of a trigger of a
// table that is used is walked for names, too, and those that these texts use in turn. A
// name in them that is not there yet may become a view over a protected table at any time.
// Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_KNOWN_NAMES_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_KNOWN_NAMES_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.h"
#include "policy/object_names.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/screen/common_tables.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Thread rule: one per thread (it keeps buffers).
class KnownNames {
 public:
  /// Adds to `unknown` what is not. False when that is anything.
  bool HasAll(const policy::Snapshot& snapshot, const SessionFacts& facts,
              const sql::TokenList& tokens, policy::UnknownNames& unknown);
  /// Finds the programs that the statement uses, itself or in turn: programs().
  const std::vector<const policy::ProgramText*>& ProgramsOf(const policy::Snapshot& snapshot,
                                                            const SessionFacts& facts,
                                                            const sql::TokenList& tokens);
  /// Those of the last HasAll() or ProgramsOf(), valid as long as the snapshot's list of
  /// names, and until the next call.
  const std::vector<const policy::ProgramText*>& programs() const { return programs_; }
  /// Whether they are all that the statement may use.
  bool KnowsPrograms() const { return !incomplete_ && !accented_; }
  /// Whether one of them sets the session's modes.
  bool UsesModeSetter() const;

 private:
  // Of one pair of parentheses.
  struct Level {
    bool list = false;      // a comma stands between tables
    bool joined = false;    // USING has columns
    bool function = false;  // EXTRACT(YEAR FROM x), CONVERT(x USING utf8mb4)
  };

  void Walk();
  void WalkPrograms();
  void WalkProgram(const policy::ProgramText& program, const sql::TokenList& body);
  void UsePrograms(std::size_t index);
  void OnName();
  void OnWord();
  bool OnKeyword();
  void OnOther(const sql::Token& token);
  bool BeginsTables();
  bool BeginsTarget(std::size_t before);
  bool IsOfInsert(std::size_t last) const;
  bool Deletes(std::size_t last) const;
  bool IsMade(std::size_t index) const;
  bool EndsTables() const;
  bool IsModifier() const;
  bool IsLockingClause() const;
  bool UsesTables();
  bool CopiesTable();
  bool IsDerived(std::size_t index) const;
  bool IsServersOwn(std::size_t first, std::size_t last);
  bool ChangesSchema() const;
  void TakeTable(bool list, bool target);
  void ReadTable();
  void ReadRoutine();
  void UseRoutine(std::size_t first, std::size_t last);
  void ReadCall(std::size_t first, std::size_t last);
  void ReadPrepared();
  bool IsKeyword(std::string_view upper, std::size_t index) const;
  bool Push();
  void Write(std::size_t index, std::string& out) const;
  void Fold(std::size_t index, std::string& out);
  void AsListed(std::string& name);
  void AddUnknownTable(std::size_t schema, std::size_t table);
  void AddUnknownRoutine(std::size_t first, std::size_t last);

  const policy::Snapshot* snapshot_ = nullptr;
  const policy::ObjectNames* objects_ = nullptr;
  policy::UnknownNames* unknown_ = nullptr;
  const SessionFacts* facts_ = nullptr;
  const sql::TokenList* tokens_ = nullptr;
  std::size_t at_ = 0;
  bool expects_table_ = false;
  bool target_ = false;         // of a write, which no common table can be
  bool set_statement_ = false;  // SET STATEMENT … FOR UPDATE t
  std::array<Level, 64> levels_{};
  std::size_t depth_ = 0;
  CommonTables common_tables_;
  std::vector<const policy::ProgramText*> programs_;  // of what is used, each once
  bool incomplete_ = true;                            // the programs are not all that may be used
  bool accented_ = false;  // a routine is called that may be any one of a similar name
  bool in_program_ = false;
  bool in_view_ = false;
  sql::TokenList body_;
  std::string opened_;
  std::string default_schema_;  // of names without one
  std::string schema_;
  std::string name_;
  std::string key_;
};

/// A function of this server, or a type that takes an argument.
bool IsNativeFunction(std::string_view folded, const policy::Catalog& catalog);
/// One that is none where a blank stands before its parenthesis, unless sql_mode has
/// IGNORE_SPACE.
bool IsNativeOnlyAdjacent(std::string_view folded);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_KNOWN_NAMES_H_
