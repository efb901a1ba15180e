// Calls without CALL: in MariaDB's sql_mode ORACLE, the name of a procedure alone is a
// statement. By which mode a program was made is not known, nor what mode a text has set by
// the time that its next statement is read; so a name counts wherever it may be one.
// Source: MariaDB manual, "sql_mode=ORACLE". Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_BARE_CALL_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_BARE_CALL_H_

#include <cstddef>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the name from `first` to `last`, with dots between its parts, may be a whole
/// statement.
bool IsBareCall(const sql::TokenList& tokens, std::size_t first, std::size_t last);
/// The same with arguments in parentheses.
bool IsCallWithArguments(const sql::TokenList& tokens, std::size_t first, std::size_t last);
/// Whether it is the word of a statement that may have a parenthesis behind it: DO (1).
bool IsStatementWord(const sql::TokenList& tokens, std::size_t index);
/// Whether there is either of the calls in the text.
bool HasBareCall(const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_BARE_CALL_H_
