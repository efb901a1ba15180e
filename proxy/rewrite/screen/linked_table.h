// Tables of an engine that has them stand for others: FEDERATED, SPIDER, CONNECT. Those that are
// there are found in the catalog (policy/storage_engines.h). One that is made through the proxy
// could be written to before it is found: by the query that it is made of, by the next statement
// of a program or a text; and a temporary one nobody else sees at all. So none is. What a MERGE
// table stands for is named without quotes, as any table is.
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

/// Whether a statement of the text, also in a program or an executable comment, may make or
/// change one, as its engine and CONNECTION tell, or makes such an engine the default one.
bool MakesLinkedTable(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens);
Refusal RefuseLinkedTable();

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_LINKED_TABLE_H_
