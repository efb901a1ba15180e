// Programs of the server's own schemas, whose texts the catalog does not tell. Internal to
// rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_SERVERS_PROGRAMS_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_SERVERS_PROGRAMS_H_

#include <cstddef>
#include <string_view>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the CALL at `first` may be of one: it names such a schema, or `in_schema`, the
/// default one, is such.
bool CallsServersProgram(std::string_view in_schema, const sql::TokenList& tokens,
                         std::size_t first);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_SERVERS_PROGRAMS_H_
