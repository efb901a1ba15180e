// What the planners of queries and of definitions share: the statement and its plan,
// refusals, what its names of tables mean, and what the role may do with a column.
//
// The first refusal wins and ends the planning. Functions that can refuse return
// false then.
#ifndef SEALGATE_PROXY_REWRITE_CONTEXT_PLAN_CONTEXT_H_
#define SEALGATE_PROXY_REWRITE_CONTEXT_PLAN_CONTEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/snapshot.h"
#include "proxy/rewrite/context/edits.h"
#include "proxy/rewrite/context/scope.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

class PlanContext {
 public:
  /// All of them outlive it.
  PlanContext(const policy::Snapshot& snapshot, const SessionFacts& facts,
              const sql::TokenList& tokens, Plan& plan)
      : snapshot_(snapshot), facts_(facts), tokens_(tokens), plan_(plan), edits_(tokens, plan) {}

 protected:
  /// Refuses sessions in which no statement on protected tables can be planned.
  bool Begin();
  bool Refuse(Refusal refusal);
  /// "column … is protected, and <construct> is not supported on it".
  bool RefuseAt(std::uint32_t token, std::string_view column, std::string_view construct);
  /// " (at character …)"
  std::string At(std::uint32_t token) const;
  /// A name as names are compared; "" for kNoToken.
  std::string Folded(std::uint32_t token);
  std::string Unquoted(std::uint32_t token) const;

  using TableName = std::pair<std::string, std::string>;  // folded schema and table
  bool TableNameOf(const sql::Name& name, TableName& folded);
  bool IsProtectedName(const TableName& name) const;
  /// As it is written, with the default schema if it names none.
  TableName SpelledName(const sql::Name& name) const;
  /// Refuses a name for something new that differs by case only from a protected table's
  /// or from that of a view over one.
  bool CheckNewName(const sql::Name& name);
  /// Refuses a name for what leads to a protected table that the server itself may use by it.
  bool NoEventUses(const sql::Name& name);
  bool RefuseEvent(const std::string& event, std::uint32_t token);
  /// nullptr: no view over a protected table, or one of which FindTable() refuses the name.
  const policy::CatalogView* FindView(const sql::Name& name);
  /// Fills `source` for a base table; refuses views and triggers that lead to a
  /// protected table, and protected tables that the catalog has not seen.
  bool FindTable(const sql::Name& name, Source& source, bool for_write);
  bool MayTrigger(const std::string& schema, const std::string& table, std::uint32_t token);

  /// Whether the column can be used as it is in the database; `plain`: as plaintext.
  bool CheckState(const policy::CatalogTable& table, const policy::CatalogColumn& column,
                  std::uint32_t token, bool for_write, bool* plain);
  bool MayUsePlaintext(const policy::ProtectedColumn& column, const policy::ColumnRule& rule,
                       std::uint32_t token, bool for_write);
  std::uint32_t TargetOf(const policy::CatalogTable& table, const policy::CatalogColumn& column);
  /// The same column, for which only these literals are sealed.
  std::uint32_t Taking(Literals literals, std::uint32_t target);
  bool MayWrite(std::uint32_t target, std::uint32_t token);

  const policy::Snapshot& snapshot_;
  const SessionFacts& facts_;
  const sql::TokenList& tokens_;
  Plan& plan_;
  Edits edits_;
  /// Those with protected columns that FindTable() found.
  std::vector<const policy::CatalogTable*> tables_;
};

/// 1048: NULL for a NOT NULL column.
Refusal NullRefusal(const Target& target);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_CONTEXT_PLAN_CONTEXT_H_
