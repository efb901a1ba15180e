// Statements that may go to the server before the session's modes were asked for.
//
// After a login or a reset Sealgate knows neither the session's sql_mode nor its
// character sets: a global default, init_connect or an option of the server may have
// set any. It asks when it must (relay/session_tracking.cc). A statement goes out
// without that only if it reads the same whatever they are, names nothing protected
// by any reading, and what asking disturbs later can be told.
//
// Why the bytes of ReadsAlike() read alike:
// - Character sets. A client's is never one of two or four bytes (servers refuse
//   utf16 and the like), and in all others ASCII's letters, digits, blanks and
//   punctuation are ASCII's bytes. Both servers' lexers go by the byte value for
//   punctuation. Left out are bytes above 0x7F, whose second halves may look like
//   ASCII (gbk, sjis), and what swe7 has letters for: [ \ ] ^ ` { | } ~ and, so
//   that it makes a name longer, @ behind a name that an @ begins.
// - sql_mode. ANSI_QUOTES makes "…" a name, but with neither a backslash nor another
//   end; so such a text is looked at in both readings. NO_BACKSLASH_ESCAPES and
//   PIPES_AS_CONCAT need bytes that are left out, as are MSSQL's brackets. ORACLE and
//   IGNORE_SPACE give words other meanings, but no quote, comment or number another
//   end, and each word is looked at as a name. HIGH_NOT_PRECEDENCE and the rest are
//   about values.
// - NUL and control characters but blanks are left out, too.
// Tried byte by byte in every character set of MariaDB 10.11 and MySQL 9.7
// (tests/integration/test_unasked.py).
//
// Pure; one thread at a time is not needed.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_UNASKED_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_UNASKED_H_

#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

enum class Alike {
  kNo,
  kYes,
  kButQuotes,  // look at it with and without ANSI_QUOTES
};

/// Whether the text becomes the same tokens in every sql_mode and in every
/// character set that a client can have. One pass.
Alike ReadsAlike(std::string_view text);

/// Of tokens of such a text: whether it is one statement of a kind that changes
/// nothing which Sealgate follows from the time of asking on, and changes no rows.
/// `schema_known`: the default schema is. Without that it may name no table.
bool MayGoUnasked(const sql::TokenList& tokens, bool schema_known);

/// Likewise of a session whose password has expired, which has prepared nothing but what
/// sets a new one: whether it is a part of preparing and executing that.
bool PreparesPassword(const sql::TokenList& tokens);

/// Letters, digits and underscores of ASCII: the name of a schema as it stands.
bool IsPlainName(std::string_view name);

/// What a SET and a SELECT of Sealgate's own take away from the statement after them.
struct Disturbed {
  bool found_rows = false;   // FOUND_ROWS()
  bool row_count = false;    // ROW_COUNT()
  bool diagnostics = false;  // warnings and errors, and how many
  bool any() const { return found_rows || row_count || diagnostics; }
  bool operator==(const Disturbed&) const = default;
};

/// Whether the text, however it is read, asks for one of these.
bool AsksFor(std::string_view text, const Disturbed& disturbed);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_UNASKED_H_
