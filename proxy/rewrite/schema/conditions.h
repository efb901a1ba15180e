// What a query of information_schema chooses, groups or orders its rows by. The server
// goes by what is stored there, and tells otherwise of a sealed column than Sealgate
// does. Works on tokens, since such queries are of every form. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_CONDITIONS_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_CONDITIONS_H_

#include <cstdint>
#include <optional>

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What is stored otherwise of the columns that rows may tell of.
struct StoredOtherwise {
  bool type = false;  // and all that goes with it
  bool key = false;   // a unique key shows as one that is not
  bool has_default = false;
};

/// The first token outside of the select lists that names such a thing, where that makes a
/// difference. The same of what a select list gives another name.
std::optional<std::uint32_t> FindStoredCondition(const sql::TokenList& tokens,
                                                 const StoredOtherwise& stored);

/// Whether COLUMN_DEFAULT is named, or may be among all columns.
bool MayShowDefault(const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_CONDITIONS_H_
