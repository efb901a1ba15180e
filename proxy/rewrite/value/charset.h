// Conversion between the character sets that the proxy reads. latin1 is the
// server's: cp1252 with the five unassigned bytes as C1 controls.
#ifndef SEALGATE_PROXY_REWRITE_VALUE_CHARSET_H_
#define SEALGATE_PROXY_REWRITE_VALUE_CHARSET_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "policy/logical_type.h"

namespace sealgate::rewrite {

/// Characters in `text`; nullopt when it is not valid in `charset`. UTF-8 is
/// strict: no overlong forms, no surrogates, nothing above U+10FFFF; utf8mb3
/// has no character above U+FFFF.
std::optional<std::size_t> CountCharacters(policy::Charset charset, std::string_view text);
/// Where character number `index` of a valid text begins, in bytes; the end of
/// the text when it has no more than `index` characters.
std::size_t CharacterOffset(policy::Charset charset, std::string_view text, std::size_t index);
/// Appends `text` converted; false (and `out` as before) when it is not valid
/// in `from` or has a character that `to` lacks. Binary on either side copies.
bool Convert(policy::Charset from, policy::Charset to, std::string_view text, std::string& out);
/// As the servers convert results: a character that `to` lacks becomes "?".
bool ConvertForResults(policy::Charset from, policy::Charset to, std::string_view text,
                       std::string& out);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_VALUE_CHARSET_H_
