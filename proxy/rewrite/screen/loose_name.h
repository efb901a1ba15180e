// Names that have bytes above 0x7F, in a character set that is not known or by a collation
// that knows no accents: which ASCII names they may stand for. Each such byte may be a
// letter, the first of one with up to three bytes of any kind behind it, or a part of the
// one before. Internal to rewrite and relay.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_LOOSE_NAME_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_LOOSE_NAME_H_

#include <string_view>

namespace sealgate::rewrite {

/// Whether the server may take `name` for `folded`, whose own characters above ASCII are in
/// UTF-8 and may each be any letter.
bool MayBeName(std::string_view name, std::string_view folded);
/// The same of a name in UTF-8, of which each character is one letter, and one of ASCII.
bool MayBeNameInUtf8(std::string_view name, std::string_view ascii);
/// Whether the text may have it somewhere; only the letters of `folding` may be other
/// characters, all if it is empty.
bool MayHoldName(std::string_view text, std::string_view folded, std::string_view folding = {});

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_LOOSE_NAME_H_
