// Names with letters above ASCII, in texts whose tokens prove nothing. Which letters are
// one to the server depends on character sets and collations, so such a name may be any
// hot name that has one, or any routine's. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_HIGH_NAMES_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_HIGH_NAMES_H_

#include <string_view>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether a name beyond ASCII may be a hot routine's: the servers find routines by a
/// collation that knows no accents.
bool MayNameHotRoutine(const policy::Catalog& catalog, std::string_view text);

/// Whether such a name in an executable comment may be a hot one. Strings and other
/// comments are none.
bool CommentsHideHotName(const policy::Catalog& catalog, sql::LexMode mode,
                         const sql::TokenList& tokens);
/// The same of names in a character set that is not UTF-8, whose bytes may be letters with
/// accents, and of a text with bytes that belong to no token; also of names of variables and
/// of routines of the server's own that no statement may name.
bool BytesHideHotName(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens);
/// Whether what strings make up when they are put together may hold a hot routine's name.
bool MayHoldHotRoutine(const policy::Catalog& catalog, const SessionFacts& facts,
                       std::string_view text);

/// Whether signs in the text may be letters of a name: in swe7, as which the session's
/// statements may be read, ASCII's brackets and the like are. A name is found without its
/// accents, also a routine's or a variable's of which Sealgate knows the plain letters.
bool SignsMayBeLetters(const SessionFacts& facts, std::string_view text);
/// Whether a hot name may be among what a part of the text is in swe7, when the text itself
/// may have set that.
bool SignsHideHotName(const policy::Catalog& catalog, std::string_view text);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_HIGH_NAMES_H_
