// The ways in which a stored program's text may be read. The modes that it was made with are
// not known, and decide whether "x" is a name and where a string with a backslash ends. By
// modes that leave a string open, no server took it. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_PROGRAM_READINGS_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_PROGRAM_READINGS_H_

#include <functional>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Calls `look` with the tokens of each reading. False as soon as `look` says so, and where
/// some reading, or the only one, does not come to the text's end. Tokens are valid during
/// the call.
bool AllReadings(std::string_view text, const std::function<bool(const sql::TokenList&)>& look);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_PROGRAM_READINGS_H_
