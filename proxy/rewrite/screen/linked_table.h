// Tables of an engine that has them stand for others: FEDERATED, SPIDER, CONNECT. A permanent
// one is found in the catalog before anything can be written to it (policy/storage_engines.h).
// A temporary one nobody else sees, and within a program or a text of several statements the
// next one may write to it at once. What a MERGE table stands for is named without quotes, as
// any table is.
// Sources: MariaDB manual, "CREATE TABLE", "FEDERATED" and "Spider"; MySQL manual, "The
// FEDERATED Storage Engine".
// Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_LINKED_TABLE_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_LINKED_TABLE_H_

#include "policy/catalog.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether the text may make or change one, as its engine and options tell, or, without an
/// engine, options that name something hot; other than by a statement on a permanent table that
/// stands alone. Also what stands in executable comments. `nested`: it is dynamic SQL.
bool MakesLinkedTableUnseen(const policy::Catalog& catalog, const SessionFacts& facts,
                            const sql::TokenList& tokens, bool nested);
Refusal RefuseLinkedTable();

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_LINKED_TABLE_H_
