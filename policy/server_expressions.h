// Expressions that the server keeps and evaluates by itself: generated columns, defaults,
// checks, functional keys. Of a sealed column they see the stored bytes, so that what
// comes of them is not what the values would give.
#ifndef SEALGATE_POLICY_SERVER_EXPRESSIONS_H_
#define SEALGATE_POLICY_SERVER_EXPRESSIONS_H_

#include <map>
#include <string>
#include <utility>

#include "policy/catalog.h"
#include "policy/schema_rows.h"

namespace sealgate::policy {

/// Marks in each table what names a sealed column, or a generated column that does. A
/// column that is still plaintext may be computed from. On the safe side: what cannot be
/// read counts.
void MarkServerExpressions(const SchemaRows& rows,
                           std::map<std::pair<std::string, std::string>, CatalogTable>& tables);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SERVER_EXPRESSIONS_H_
