// What DESCRIBE, SHOW COLUMNS, SHOW INDEX and SHOW CREATE TABLE say of a
// protected table, made logical again: types, defaults, collations, comments,
// and no key lengths that only the stored form has. Internal to rewrite.
//
// A role that sees the ciphertext of a column sees its physical definition.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_ROWS_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_ROWS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"

namespace sealgate::rewrite {

/// One row's values, in the order of `names`; nullopt is NULL.
using SchemaRow = std::vector<std::optional<std::string>>;

/// Changes a row of the answer to a statement with `plan.schema_rows`. False
/// when it cannot be understood: then nothing of it may be shown.
bool MakeLogical(const policy::Snapshot& snapshot, const SessionFacts& facts, const Plan& plan,
                 const std::vector<std::string>& names, SchemaRow& row);

/// "int(11)" where the server shows a display width, else policy::ToText.
std::string ShownType(const policy::LogicalType& type, bool is_mariadb);

/// Extra without MySQL's word for a default that is an expression, as each sealed one is.
std::string WithoutDefaultGenerated(std::string extra);

/// The same for kInformationColumns and kInformationStatistics.
void MakeInformationLogical(const policy::Snapshot& snapshot, const SessionFacts& facts,
                            const Plan& plan, const std::vector<std::string>& names,
                            SchemaRow& row);

/// The text of SHOW CREATE TABLE. False when it cannot be read.
bool MakeCreateTableLogical(const policy::Snapshot& snapshot, const SessionFacts& facts,
                            const Plan& plan, std::string& text);

/// Planner::TableOf makes them so.
inline bool IsUnusableView(const policy::CatalogTable* table) {
  return table != nullptr && table->columns.empty();
}

/// In place of a default that is not opened: not for this role, or since MariaDB shows it as
/// text, in which what is not UTF-8 is lost.
inline constexpr std::string_view kSealedDefault = "(sealed)";

/// A stored default as the server shows it ("0xFE…" on MySQL, its bytes on
/// MariaDB), opened. nullopt when it is none of ours.
std::optional<std::string> OpenDefault(const SessionFacts& facts, const Target& target,
                                       std::string_view shown);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_ROWS_H_
