// The first look at a statement: its class, and whether it can touch anything
// protected at all. Works on tokens alone. What passes here goes to the server
// byte for byte, so every doubt ends in "look closer" or "refuse".
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/catalog.h"
#include "proxy/rewrite/plan.h"
#include "proxy/rewrite/session_facts.h"
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

enum class Verdict : std::uint8_t {
  kCold,    // proven not to touch anything protected: pass as it is
  kHot,     // parse and plan
  kRefuse,  // cannot be proven, cannot be planned
};

struct Screening {
  Verdict verdict = Verdict::kCold;
  std::optional<Refusal> refusal;  // kRefuse
};

/// Thread rule: one per thread (it keeps a buffer).
class Screen {
 public:
  Screening Look(const policy::Catalog& catalog, const SessionFacts& facts,
                 const sql::TokenList& tokens);

 private:
  bool NamesHot(const policy::Catalog& catalog, const SessionFacts& facts,
                const sql::TokenList& tokens);
  bool NamesSchema(const sql::TokenList& tokens, std::string_view schema);
  std::string_view Fold(std::string_view token_text, sql::TokenKind kind);
  Screening LookAtDynamicSql(const policy::Catalog& catalog, const SessionFacts& facts,
                             const sql::TokenList& tokens);

  std::string folded_;
  std::string unquoted_;
  int depth_ = 0;
};

/// Whether any hot name, dynamic SQL or session-tracking variable could stand
/// somewhere in the raw bytes, however they are read. For texts whose tokens
/// prove nothing: executable comments, illegal tokens, several statements.
bool RawTextNamesHot(const policy::Catalog& catalog, std::string_view text);
/// Whether a string of the text holds a hot name: SQL being put together.
bool StringsNameHot(const policy::Catalog& catalog, const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_H_
