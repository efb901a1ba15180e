// ALTER EVENT … RENAME TO another schema: names without a schema in the event's body,
// which nobody sees in the statement, mean that schema's tables from then on. Of
// triggers, views and routines servers take no other schema.
// Sources: MySQL manual, "ALTER EVENT Statement"; MariaDB manual, "ALTER EVENT".
// Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_MOVED_EVENT_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_MOVED_EVENT_H_

#include <string_view>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the statement, or one inside of it, moves an event into a schema with hot
/// names.
bool MovesEvent(const policy::Catalog& catalog, const SessionFacts& facts,
                const sql::TokenList& tokens);
/// Whether a text whose tokens prove nothing may do so.
bool MayMoveEvent(std::string_view text);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_MOVED_EVENT_H_
