// Statement tree to plan: names resolved, every expression typed, every literal
// and parameter of a protected column marked for sealing. Internal to rewrite.
//
// The first refusal wins and ends the planning. Functions that can refuse
// return false then. One Planner plans one statement.
#ifndef SEALGATE_PROXY_REWRITE_PLANNER_H_
#define SEALGATE_PROXY_REWRITE_PLANNER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/snapshot.h"
#include "proxy/rewrite/plan.h"
#include "proxy/rewrite/scope.h"
#include "proxy/rewrite/session_facts.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

class Planner {
 public:
  Planner(const policy::Snapshot& snapshot, const SessionFacts& facts, const sql::TokenList& tokens,
          Plan& plan);

  /// Fills the plan: edits, targets, parameters, result; or its refusal.
  void PlanStatement(const sql::Statement& statement);

 private:
  using CommonTables = std::map<std::string, std::vector<OutputColumn>, std::less<>>;

  // planner.cc: statements and refusals
  bool Dispatch(const sql::Statement& statement);
  bool PlanOther(const sql::Statement& statement);
  bool Refuse(Refusal refusal);
  bool RefuseAt(std::uint32_t token, std::string_view column, std::string_view construct);
  std::string At(std::uint32_t token) const;
  std::string Folded(std::uint32_t token);
  void FinishParameters();
  void FinishResult(const std::vector<OutputColumn>& outputs);

  // planner_tables.cc: FROM clauses, names, permissions
  bool AddTable(const sql::TableRef& table, Scope& scope);
  bool AddBaseTable(const sql::TableRef& table, Scope& scope);
  bool AddDerived(const sql::TableRef& table, Scope& scope);
  bool AddJoin(const sql::TableRef& join, Scope& scope);
  bool FindTable(const sql::Name& name, Source& source, bool for_write);
  bool TypeColumn(const sql::Name& name, const Scope& scope, ExprType& type);
  bool TypeBaseColumn(const Source& source, const policy::CatalogColumn& column,
                      std::uint32_t token, ExprType& type);
  std::uint32_t TargetOf(const policy::CatalogTable& table, const policy::CatalogColumn& column);
  bool MayWrite(std::uint32_t target, std::uint32_t token);
  bool CheckState(const policy::CatalogTable& table, const policy::CatalogColumn& column,
                  std::uint32_t token, bool for_write, bool* plain);

  // planner_query.cc: SELECT
  bool PlanQuery(const sql::Query& query, Scope* outer, const CommonTables& around,
                 std::vector<OutputColumn>& outputs);
  bool PlanBlock(const sql::SelectBlock& block, Scope& scope, std::vector<OutputColumn>& outputs);
  bool PlanCommonTables(std::span<sql::CommonTable> with, Scope* outer, CommonTables& tables);
  bool PlanItem(const sql::SelectItem& item, Scope& scope, std::vector<OutputColumn>& outputs);
  bool ExpandStar(const sql::Expr& star, const Scope& scope, std::vector<OutputColumn>& outputs);
  bool AddSourceOutputs(const Source& source, std::uint32_t token,
                        std::vector<OutputColumn>& outputs);
  bool PlanOrder(std::span<sql::OrderItem> items, Scope& scope,
                 const std::vector<OutputColumn>& outputs, std::string_view construct);
  bool AllPlain(const std::vector<OutputColumn>& outputs, std::uint32_t token,
                std::string_view construct);

  // planner_expression.cc: typing
  bool Type(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypePlain(const sql::Expr& expr, Scope& scope, std::string_view construct);
  bool IsXor(const sql::Expr& expr) const;
  bool RefuseStringAsTruth(const sql::Expr& arg);
  bool TypeChildren(const sql::Expr& expr, Scope& scope);
  bool TypeSubquery(const sql::Expr& expr, Scope& scope, std::string_view construct);
  bool TypeFunction(const sql::Expr& expr, Scope& scope);
  bool TypeComparison(const sql::Expr& expr, Scope& scope);
  bool TypeIn(const sql::Expr& expr, Scope& scope);
  bool CompareWithValue(const sql::Expr& comparison, const sql::Expr& column, std::uint32_t target,
                        const sql::Expr& value);
  bool CompareColumns(const sql::Expr& comparison, const sql::Expr& left, std::uint32_t left_target,
                      const sql::Expr& right, std::uint32_t right_target);
  bool MayCompare(std::uint32_t target, std::uint32_t token, std::string_view construct);
  void AppendRange(PlannedEdit& edit, std::string& text, const std::string& column,
                   const sql::Expr& value, std::uint32_t target);
  bool SealInPlace(const sql::Expr& value, std::uint32_t target, SealAs seal);
  std::string ColumnText(const sql::Expr& column) const;

  // planner_write.cc: INSERT, REPLACE, UPDATE, DELETE
  bool PlanInsert(const sql::InsertStatement& insert);
  bool PlanInsertColumns(const sql::InsertStatement& insert, const Source& target,
                         std::vector<const policy::CatalogColumn*>& columns);
  bool PlanInsertRow(std::span<sql::Expr*> row, const Source& target,
                     const std::vector<const policy::CatalogColumn*>& columns, Scope& scope,
                     std::size_t number);
  bool PlanInsertQuery(const sql::InsertStatement& insert,
                       const std::vector<const policy::CatalogColumn*>& columns);
  bool PlanAssignments(std::span<sql::Assignment> assignments, const Scope& targets, Scope& scope);
  bool PlanStored(const sql::Expr& value, const Source& source, const policy::CatalogColumn& column,
                  Scope& scope);
  // planner_null.cc
  bool RefuseNoDefault(const policy::CatalogColumn& column);
  bool CheckNotNull(const sql::Expr& value, std::uint32_t target);
  bool CheckNeverNull(std::uint32_t from, std::uint32_t target, std::uint32_t token);
  bool CheckOmitted(const sql::InsertStatement& insert, const Source& target,
                    const std::vector<const policy::CatalogColumn*>& columns);
  bool MayWriteTables(const sql::TableRef& table);
  bool PlanUpdate(const sql::UpdateStatement& update);
  bool PlanDelete(const sql::DeleteStatement& del);
  bool PlanReturning(std::span<sql::SelectItem> items, Scope& scope);

  // planner_show.cc: DESCRIBE, SHOW. False, and nothing done, when it is none.
  bool PlanShow();

  // planner_create.cc: CREATE TABLE
  /// A protected column that a statement defines, or (without a definition) one
  /// that the table has already.
  struct CreatedColumn {
    const sql::ColumnDefinition* definition = nullptr;
    std::uint32_t protection = 0;  // index into Policy::columns
    policy::LogicalType type;
    crypto::Mode mode{};
  };
  /// Where a column's character set comes from when it names none.
  struct TableCollation {
    std::uint32_t collation = sql::kNoToken;
    std::uint32_t charset = sql::kNoToken;
    std::string otherwise;  // "" if unknown
  };
  bool PlanCreateTable(const sql::CreateTableStatement& create);
  bool CheckCreate(const sql::CreateTableStatement& create, bool is_protected);
  bool CheckKey(const sql::KeyDefinition& key);
  bool CheckColumnExpressions(const sql::ColumnDefinition& column);
  std::vector<std::string> ProtectedNames() const;
  bool CheckCreatedColumn(const CreatedColumn& column);
  bool LogicalTypeOf(const TableCollation& table, CreatedColumn& column);
  bool CollationOf(const TableCollation& table, const sql::ColumnDefinition& column,
                   std::string& collation);
  /// A key among its attributes becomes one of the table's: `moved_keys`.
  bool EditCreatedColumn(const CreatedColumn& column, std::vector<std::string>& moved_keys);
  bool EditCreatedDefault(const CreatedColumn& column, std::uint32_t index);
  std::shared_ptr<const policy::CatalogTable> CreatedTable(
      const std::vector<CreatedColumn>& columns) const;
  std::shared_ptr<const policy::CollationWeights> WeightsOf(const std::string& collation) const;
  bool EditCreatedKeys(std::span<const sql::KeyDefinition> keys,
                       const std::vector<CreatedColumn>& columns);
  bool KeyLength(const CreatedColumn& column, std::uint32_t token, std::string& length);
  bool NamesAny(sql::Span span, const std::vector<std::string>& folded);
  void Replace(sql::Span span, std::string text);
  void InsertBefore(std::uint32_t token, std::string text);

  // planner_alter.cc: ALTER TABLE, CREATE INDEX
  bool PlanAlterTable(const sql::AlterTableStatement& alter);
  bool PlanAlterAction(const sql::AlterAction& action, const Source& table,
                       std::vector<CreatedColumn>& defined);
  bool PlanAlterColumn(const sql::AlterAction& action, const Source& table,
                       std::vector<CreatedColumn>& defined);
  bool AddDefined(const sql::ColumnDefinition& definition, const Source& table,
                  std::vector<CreatedColumn>& defined, bool& is_protected);
  bool CheckRenamedColumn(const Source& table, const policy::CatalogColumn& column,
                          std::uint32_t new_name, bool& plain);
  bool PlanColumnDefault(const sql::AlterAction& action, const Source& table);
  bool EditDefault(const sql::Expr& value, std::uint32_t target);
  bool EditDefined(const sql::AlterTableStatement& alter, const Source& table,
                   std::vector<CreatedColumn>& defined);
  bool PlanCreateIndex(const sql::CreateIndexStatement& index);
  std::vector<CreatedColumn> ColumnsOf(const Source& table) const;

  // planner_rename.cc: RENAME TABLE, CREATE TABLE … LIKE
  using TableName = std::pair<std::string, std::string>;  // folded schema and table
  bool PlanRenameTable(const sql::RenameTableStatement& rename);
  bool PlanCreateLike(const sql::CreateTableStatement& create);
  bool TableNameOf(const sql::Name& name, TableName& folded);
  bool KeepsProtection(const policy::CatalogTable* table, const TableName& to, std::uint32_t token,
                       std::string_view what);
  bool IsProtectedName(const TableName& name) const;
  bool SameProtection(std::uint32_t a, std::uint32_t b) const;

  const policy::Snapshot& snapshot_;
  const SessionFacts& facts_;
  const sql::TokenList& tokens_;
  Plan& plan_;
  bool has_outer_join_ = false;  // of an UPDATE
  bool updates_join_ = false;    // an UPDATE of several tables
  const CommonTables* common_tables_ = nullptr;
  struct ParameterUse {
    SealAs seal = SealAs::kPlain;
    std::uint32_t target = 0;
    bool range = false;
  };
  std::map<std::uint32_t, ParameterUse> parameter_uses_;  // by token
};

/// Whether an expression is a literal value or a parameter, perhaps signed and
/// in parentheses; `core` is it without the parentheses.
bool IsValue(const sql::Expr& expr, const sql::Expr** core);
bool IsNullLiteral(const sql::Expr& expr);
bool HasOuterJoin(const sql::TableRef& table);
/// 1048: NULL for a NOT NULL column.
Refusal NullRefusal(const Target& target);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLANNER_H_
