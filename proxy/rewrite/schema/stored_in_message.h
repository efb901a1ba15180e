// Stored bytes in what the server says: "Duplicate entry '\xFE\x02…' for key 'k'".
// Pure.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_STORED_IN_MESSAGE_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_STORED_IN_MESSAGE_H_

#include <optional>
#include <string>
#include <string_view>

#include "policy/policy.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether there is a column whose stored bytes the role is not to see: it sees it
/// neither in the clear nor as it is stored.
bool HidesStored(const policy::Role& role);

/// Whether the statement shows nothing but the session's messages: SHOW WARNINGS, SHOW ERRORS.
bool ShowsMessages(const sql::TokenList& tokens);
/// Whether it may show them where nothing looks at them: behind another statement, in a
/// program or a text that is executed, or by GET DIAGNOSTICS.
bool MayShowMessages(const sql::TokenList& tokens);

/// The message with (sealed) for an entry that has a sealed value in it, as both servers
/// write binary values; nullopt if it has none.
std::optional<std::string> WithoutStored(std::string_view message);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_STORED_IN_MESSAGE_H_
