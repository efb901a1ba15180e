// PREPARE, EXECUTE and DEALLOCATE PREPARE as texts. What was prepared is run much later,
// when its names may mean something else: a table may have become a view over a
// protected one, or have got a trigger. So the relay remembers the texts, and has
// them looked at again before they run (relay/text_prepared.cc).
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_TEXT_PREPARED_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_TEXT_PREPARED_H_

#include <optional>
#include <string>
#include <string_view>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What a text does with statements that are prepared by name. Names are in lower-case
/// ASCII; the server may take others for the same (s and ś).
struct TextPrepared {
  /// PREPARE of a text that stands in it, or that QueryDynamic() was given.
  std::optional<std::string> prepares = {};
  std::string text = {};
  std::optional<std::string> deallocates = {};
  /// EXECUTE alone.
  std::optional<std::string> executes = {};
  /// It may execute one of any name, that was prepared before it.
  bool executes_any = false;
  /// It may prepare one of any name, of a text that only the server sees.
  bool prepares_unseen = false;

  bool executes_some() const { return executes || executes_any; }
};

/// The name in PREPARE name FROM …, as in TextPrepared.
std::string PreparedName(const SessionFacts& facts, const sql::TokenList& tokens);

/// Whether a text that is itself prepared or executed, as a compound statement may be,
/// may execute others. However it is read.
bool MayExecute(std::string_view text);
/// Whether the text may call a program: by the word, or, as MariaDB's compound statements do
/// in sql_mode ORACLE, by a name alone.
bool MayCall(std::string_view text);

/// Of a text whose executable comments are opened.
TextPrepared TextPreparedOf(const policy::Catalog& catalog, const SessionFacts& facts,
                            const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_TEXT_PREPARED_H_
