// UTF-8 to code points, strictly: no overlong forms, no surrogates (RFC 3629).
#ifndef SEALGATE_POLICY_CODE_POINT_H_
#define SEALGATE_POLICY_CODE_POINT_H_

#include <optional>
#include <string>
#include <string_view>

namespace sealgate::policy {

/// Takes one code point off the front of `text`, which must not be empty;
/// nullopt (and `text` as before) when the front is not valid UTF-8.
std::optional<char32_t> TakeCodePoint(std::string_view& text);
/// Appends a code point below 0x110000.
void AppendUtf8(char32_t code, std::string& out);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CODE_POINT_H_
