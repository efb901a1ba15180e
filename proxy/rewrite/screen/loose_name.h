// Names that have bytes above 0x7F, in a character set that is not known or by a collation
// that knows no accents: which ASCII names they may stand for. Each such byte may be a
// letter, or a part of one. Internal to rewrite and relay.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_LOOSE_NAME_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_LOOSE_NAME_H_

#include <string_view>

namespace sealgate::rewrite {

/// Whether the server may take `name` for `ascii`, which is in lower case.
bool MayBeName(std::string_view name, std::string_view ascii);
/// The same of a name in UTF-8, of which each character is one letter.
bool MayBeNameInUtf8(std::string_view name, std::string_view ascii);
/// Whether the text may have it somewhere.
bool MayHoldName(std::string_view text, std::string_view ascii);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_LOOSE_NAME_H_
