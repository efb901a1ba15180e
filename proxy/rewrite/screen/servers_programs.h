// Programs of the server's own schemas, whose texts the catalog does not tell. Internal to
// rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_SERVERS_PROGRAMS_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_SERVERS_PROGRAMS_H_

#include <cstddef>
#include <string_view>

#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the CALL at `first` may be of one: it names such a schema, or `in_schema`, the
/// default one, is such.
bool CallsServersProgram(std::string_view in_schema, const sql::TokenList& tokens,
                         std::size_t first);

/// CREATE or ALTER with a DEFINER. What belongs to an account of the server's own counts as
/// brought along by it, and may use what other programs may not. False for the names of what
/// the server does bring along and makes anew at an upgrade.
bool MayTakeServersPlace(const sql::TokenList& tokens);

/// Whether the text makes one program, which is hot if it runs texts of its caller's by one of
/// the server's, or is itself one that the server brings along.
bool MayDefineTextRunner(const SessionFacts& facts, const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_SERVERS_PROGRAMS_H_
