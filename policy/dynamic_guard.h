// The guard of dynamic SQL whose text exists only while it runs, at the server. The
// server looks at the text itself, in one expression with its use: a text that
// could name anything hot, or be dynamic SQL in turn, gives way to one that raises
// error 1235.
//
//   PREPARE s FROM IFNULL(NULLIF(REGEXP_SUBSTR(@sealgate_text, '<pattern>'), ''),
//                         'SIGNAL …')
//
// The pattern matches a text as a whole or not at all. Where a routine is hot, or the text
// may call a procedure of the servers' own, it is of ASCII, without the signs that swe7 has
// letters for: bytes are read as whatever character_set_client says. Where matching fails for
// another reason (a limit, a text that is not of its character set), there is no
// match either, and nothing runs. It has neither single quotes nor backslashes nor
// blanks, so it means the same in each sql_mode and with each of
// default_regex_flags. It knows no letters that fold to those of a name, so it is
// for servers with lower_case_table_names = 0. MariaDB only: MySQL's PREPARE takes
// no expression. Sources: MariaDB manual, "PREPARE Statement", "REGEXP_SUBSTR"; PCRE2
// manual, pcre2pattern.
#ifndef SEALGATE_POLICY_DYNAMIC_GUARD_H_
#define SEALGATE_POLICY_DYNAMIC_GUARD_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealgate::policy {

/// The variable that holds the text between its making and its use.
inline constexpr std::string_view kGuardedText = "@sealgate_text";

/// Matches the texts that mention none of the folded names, in any case; nullopt if
/// a name has a character that the pattern cannot hold, or there are too many. The
/// same for the same names in any order. `routines`: some are names of routines.
std::optional<std::string> GuardPattern(std::vector<std::string> names, bool routines);

/// The guard itself, around an expression or kGuardedText.
std::string GuardExpression(std::string_view text, std::string_view pattern);

/// For a session whose character set may have characters that Unicode lacks: a text
/// whose value follows from itself, looked at as Unicode and as bytes, and used as it
/// is. The server reads these bytes, or what becomes of the same characters.
std::string GuardExpressionForBytes(std::string_view text, std::string_view pattern);

/// An SQL text as someone wrote it, from which Sealgate has made another.
struct Unguarded {
  std::string text;                   // without what is guarded
  std::vector<std::string> patterns;  // of the guards, in order
};

/// Takes "PREPARE name FROM <guard>" and "EXECUTE IMMEDIATE <guard>" out of a
/// text, spelled as WithGuards (rewrite/screen/guarded_text.h) spells them. Whatever else
/// looks like dynamic SQL stays where it is.
Unguarded TakeOutGuards(std::string_view text);

/// The text with this pattern in each of its guards.
std::string RenewGuards(std::string_view text, std::string_view pattern);

/// Whether the text still could have dynamic SQL, or row events, in it. EXECUTE alone
/// runs what was prepared, DEALLOCATE PREPARE nothing.
bool MayHaveDynamicSql(std::string_view text);
/// The same without row events.
bool MayPrepare(std::string_view text);

/// Whether a guard with this pattern stops every one of the folded names.
bool GuardCovers(std::string_view pattern, const std::vector<std::string>& names, bool routines);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_DYNAMIC_GUARD_H_
