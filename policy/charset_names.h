// What the servers' character sets have in common with ASCII, by their names; also of those
// whose text the proxy does not read.
#ifndef SEALGATE_POLICY_CHARSET_NAMES_H_
#define SEALGATE_POLICY_CHARSET_NAMES_H_

#include <string_view>

namespace sealgate::policy {

/// Whether ASCII's letters, digits, "_", "$" and "-" are ASCII's bytes in one that
/// CharsetFromName() does not know. Not in swe7, filename, ucs2 and the like.
bool ExtendsAscii(std::string_view charset);
/// Whether all of ASCII's characters are in it, in whatever bytes.
bool HasAscii(std::string_view charset);
/// Whether it has one byte for each character, and letters of another script.
bool HasOtherScript(std::string_view charset);

/// Whether the second half of a character in it may be a backslash or a backquote.
bool TrailsMayBeSigns(std::string_view charset);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CHARSET_NAMES_H_
