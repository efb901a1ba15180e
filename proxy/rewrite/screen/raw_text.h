// What may name something protected in bytes whose tokens prove nothing. Internal to
// rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_RAW_TEXT_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_RAW_TEXT_H_

#include <string_view>

#include "policy/catalog.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether any hot name, dynamic SQL or session-tracking variable could stand
/// somewhere in the raw bytes, however they are read. For texts whose tokens
/// prove nothing: executable comments, illegal tokens, several statements.
bool RawTextNamesHot(const policy::Catalog& catalog, std::string_view text);
/// The same without dynamic SQL.
bool RawTextNamesProtected(const policy::Catalog& catalog, std::string_view text);
/// Whether it is not the names alone that count, as its tokens have them.
bool RawTextHidesSql(const policy::Catalog& catalog, std::string_view text);
/// The same for names alone, in a character set that is not read: the servers' lower-casing
/// makes some letters of ASCII of some above it.
bool NamesHotLoosely(const policy::Catalog& catalog, std::string_view text);
/// Whether a string of the text holds a hot name: SQL being put together.
bool StringsNameHot(const policy::Catalog& catalog, const sql::TokenList& tokens);
/// Whether nothing in the text may name anything hot, in a superset of ASCII that is not
/// read, where a name is still its bytes. What UTF-8 has for letters that fold to ASCII is
/// something else there; `latin_is_ascii` if the set has no other Latin letters.
bool IsColdInSuperset(const policy::Catalog& catalog, std::string_view text, bool latin_is_ascii);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_RAW_TEXT_H_
