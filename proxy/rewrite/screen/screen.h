// The first look at a statement: its class, and whether it can touch anything
// protected at all. Works on tokens alone. What passes here goes to the server
// byte for byte, so every doubt ends in "look closer" or "refuse".
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_SCREEN_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_SCREEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/screen/dynamic_sql.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What the leading keywords say. `writes` is true for everything unknown.
struct StatementTraits {
  StatementClass statement_class = StatementClass::kOther;
  bool writes = true;
  bool changes_schema = false;
  bool loads_file = false;  // LOAD … LOCAL
};

StatementTraits TraitsOf(const sql::TokenList& tokens);
/// Of a text with executable comments, as it is and with them opened.
StatementTraits TraitsOfBoth(const sql::TokenList& tokens, const sql::TokenList& opened);

enum class Verdict : std::uint8_t {
  kCold,    // proven not to touch anything protected: pass as it is
  kHot,     // parse and plan
  kRefuse,  // cannot be proven, cannot be planned
};

struct Screening {
  Verdict verdict = Verdict::kCold;
  std::optional<Refusal> refusal = {};  // kRefuse
  /// kRefuse of dynamic SQL, or of SQL that the server is to keep: where its text comes
  /// from, if the server can tell it.
  std::optional<DynamicSource> source = {};
};

/// Thread rule: one per thread (it keeps a buffer).
class Screen {
 public:
  Screening Look(const policy::Catalog& catalog, const SessionFacts& facts,
                 const sql::TokenList& tokens);
  /// Of dynamic SQL with this text: cold or refused.
  Screening LookInside(const policy::Catalog& catalog, const SessionFacts& facts,
                       std::string_view text);
  /// The same of the text that the server has for the `source` of this statement.
  Screening LookInsideSource(const policy::Catalog& catalog, const SessionFacts& facts,
                             const sql::TokenList& tokens, std::string_view text);

 private:
  bool NamesHot(const policy::Catalog& catalog, const SessionFacts& facts,
                const sql::TokenList& tokens);
  bool NamesSchema(const sql::TokenList& tokens, std::string_view schema);
  std::string_view Fold(std::string_view token_text, sql::TokenKind kind);
  /// server_sql.cc: whether a variable whose text the server runs gets one that may
  /// name something protected.
  bool SetsServerSql(const policy::Catalog& catalog, const SessionFacts& facts,
                     const sql::TokenList& tokens);
  static Screening RefuseServerSql();
  bool IsColdByAll(const policy::Catalog& catalog, const SessionFacts& facts,
                   std::string_view text);
  bool IsColdAnywhere(const policy::Catalog& catalog, const SessionFacts& facts,
                      std::string_view text);
  Screening LookAtDynamicSql(const policy::Catalog& catalog, const SessionFacts& facts,
                             const sql::TokenList& tokens);

  std::string folded_;
  std::string unquoted_;
  std::string schema_;
  int depth_ = 0;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_SCREEN_H_
