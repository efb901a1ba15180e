// Stored bytes in what the server says: "Duplicate entry '\xFE\x02…' for key 'k'".
// Pure.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_STORED_IN_MESSAGE_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_STORED_IN_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/catalog.h"
#include "policy/policy.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether there is a column whose stored bytes the role is not to see: it sees it
/// neither in the clear nor as it is stored.
bool HidesStored(const policy::Role& role);

/// Whether messages of the server's may have to be changed for the role: for one that
/// HidesStored(), or while there is plaintext that it does not see.
bool HidesInMessages(const policy::Catalog& catalog, const policy::Role& role);

/// Whether that holds for any role that a session may have.
bool AnyRoleHides(const policy::Catalog& catalog, const policy::Policy& policy);

/// Whether the statement shows nothing but the session's messages: SHOW WARNINGS, SHOW ERRORS.
bool ShowsMessages(const sql::TokenList& tokens);
/// Whether it may show them where nothing looks at them: behind another statement, in a
/// program or a text that is executed, by GET DIAGNOSTICS, or in the rows of OPTIMIZE TABLE
/// and the like.
bool MayShowMessages(const sql::TokenList& tokens);
/// The same of bytes that are no tokens, or not all of them.
bool TextMayShowMessages(std::string_view text);

/// What the role is shown in place of a message of the server's (error `code`) that may hold
/// a value which the role is not to see: of an entry with a sealed value in it, (sealed);
/// while some column still holds plaintext that the role does not see, nothing of a message
/// that may have such a value; and nothing at all in a character set that Sealgate cannot
/// read. nullopt: the message itself.
std::optional<std::string> ShownMessage(const policy::Catalog& catalog, const SessionFacts& facts,
                                        std::uint16_t code, std::string_view message);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_STORED_IN_MESSAGE_H_
