// What a statement that names COLUMNS or STATISTICS of information_schema does with what
// is stored there of sealed columns otherwise than Sealgate shows it. Only one plain
// SELECT may show it, in its select list: whatever the server chooses, groups, orders or
// writes by it comes out as the stored columns are. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_CONDITIONS_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_CONDITIONS_H_

#include <cstdint>
#include <optional>

#include "proxy/rewrite/schema/stored_names.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

/// The first token by which it does anything but show. `statement` may be null: it could not
/// be read. `rows_differ`: its select list has which column each row is of.
std::optional<std::uint32_t> FindStoredUse(const sql::Statement* statement,
                                           const sql::TokenList& tokens,
                                           const StoredOtherwise& stored, bool rows_differ);

/// Whether COLUMN_DEFAULT is named, or may be among all columns.
bool MayShowDefault(const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_CONDITIONS_H_
