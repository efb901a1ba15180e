// Several statements in one text, taken apart so that each can be planned by
// itself. Internal to rewrite; pure.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_SEVERAL_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_SEVERAL_H_

#include <optional>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "proxy/rewrite/plan/refusal.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

struct Several {
  /// Without the semicolons between them.
  std::vector<std::string_view> statements;
  /// One could change what those after it mean, so that none may name anything protected:
  /// else this is why they are refused.
  std::optional<Refusal> unlisted;
};

/// The statements of `tokens` as spans of its text. Refused when one is of a kind that is not
/// listed in several.cc: it could change how the ones after it are read, give more than one
/// answer, or have semicolons of its own.
tl::expected<Several, Refusal> TakeApart(const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_SEVERAL_H_
