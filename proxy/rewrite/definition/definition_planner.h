// CREATE TABLE, ALTER TABLE, CREATE INDEX and RENAME TABLE to plans: logical types
// become physical ones. Internal to rewrite. One of them plans one statement.
#ifndef SEALGATE_PROXY_REWRITE_DEFINITION_DEFINITION_PLANNER_H_
#define SEALGATE_PROXY_REWRITE_DEFINITION_DEFINITION_PLANNER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/rewrite/context/plan_context.h"

namespace sealgate::rewrite {

class DefinitionPlanner : private PlanContext {
 public:
  using PlanContext::PlanContext;

  /// Whether a statement is for this planner.
  static bool Plans(sql::StatementKind kind);
  /// Fills the plan: edits, targets; or its refusal.
  void PlanStatement(const sql::Statement& statement);

 private:
  bool Dispatch(const sql::Statement& statement);

  // create.cc: CREATE TABLE
  /// A protected column that a statement defines, or (without a definition) one
  /// that the table has already.
  struct CreatedColumn {
    const sql::ColumnDefinition* definition = nullptr;
    std::uint32_t protection = 0;  // index into Policy::columns
    policy::LogicalType type;
    crypto::Mode mode{};
    /// Whether rows that there are may lack a value of it.
    bool may_lack_values = false;
    /// The table has it already, with values.
    bool exists = false;
  };
  /// Where a column's character set comes from when it names none.
  struct TableCollation {
    std::uint32_t collation = sql::kNoToken;
    std::uint32_t charset = sql::kNoToken;
    std::string otherwise;  // "" if unknown
  };
  bool PlanCreateTable(const sql::CreateTableStatement& create);
  bool CheckCreate(const sql::CreateTableStatement& create, bool is_protected);
  bool CheckEngine(std::uint32_t engine);
  bool CheckColumnExpressions(const sql::ColumnDefinition& column);
  std::vector<std::string> ProtectedNames() const;
  bool CheckCreatedColumn(const CreatedColumn& column);
  bool LogicalTypeOf(const TableCollation& table, CreatedColumn& column);
  bool FitsRow(const CreatedColumn& column);
  std::string DefaultCollationOf(std::uint32_t charset);
  bool IsOfCharset(std::uint32_t collate, std::uint32_t charset);
  bool CollationOf(const TableCollation& table, const sql::ColumnDefinition& column,
                   std::string& collation);
  bool EditCreatedComment(const CreatedColumn& column);
  /// `key`: as TakeKey() has it.
  bool EditCreatedColumn(const CreatedColumn& column, std::string& key);
  bool EditCreatedDefault(const CreatedColumn& column, std::uint32_t index);
  std::shared_ptr<const policy::CatalogTable> CreatedTable(
      const std::vector<CreatedColumn>& columns);
  std::shared_ptr<const policy::CollationWeights> WeightsFor(const CreatedColumn& created);
  bool NamesAny(sql::Span span, const std::vector<std::string>& folded);

  // keys.cc
  bool CheckKey(const sql::KeyDefinition& key);
  bool CheckReference(const sql::Reference& reference);
  bool KeyLength(const CreatedColumn& column, std::uint32_t token, std::string& length);
  bool TakeKey(const CreatedColumn& column, std::string& key);
  bool EditCreatedKeys(std::span<const sql::KeyDefinition> keys,
                       const std::vector<CreatedColumn>& columns);
  bool CheckPartitionKey(const sql::CreateTableStatement& create,
                         const std::vector<CreatedColumn>& columns);
  bool IsOfKey(const sql::CreateTableStatement& create, const CreatedColumn& column, bool primary);

  // rights.cc: what the role may define
  bool SeesAll(const Source& table) const;
  bool MayUseComputed(std::uint32_t name, const Source& table);
  bool MayAlter(const sql::AlterAction& action, const Source& table);
  bool MayConvert(const sql::AlterAction& action, const Source& table);
  bool MayRedefinePlaintext(std::uint32_t protection, std::uint32_t token);
  bool MayIndex(const CreatedColumn& column, std::uint32_t token);
  bool HoldsPlaintext(const Source& table) const;
  bool MayTestPlaintext(std::uint32_t protection, std::uint32_t token);
  bool MayIndexColumns(const sql::KeyDefinition& key, const Source& table);

  // alter.cc: ALTER TABLE, CREATE INDEX
  bool PlanAlterTable(const sql::AlterTableStatement& alter);
  bool PlanAlterAction(const sql::AlterAction& action, const Source& table,
                       std::vector<CreatedColumn>& defined);
  bool PlanAlterColumn(const sql::AlterAction& action, const Source& table,
                       std::vector<CreatedColumn>& defined);
  bool AddsNothing(const sql::ColumnDefinition& definition);
  bool AddDefined(const sql::ColumnDefinition& definition, const Source& table,
                  std::vector<CreatedColumn>& defined, bool& is_protected);
  bool CheckRenamedColumn(const Source& table, const policy::CatalogColumn& column,
                          std::uint32_t new_name, bool& plain);
  bool DropsNullDefault(const sql::AlterAction& action, const policy::CatalogColumn& column) const;
  bool MayChangeDefault(const sql::AlterAction& action, const policy::CatalogColumn& column);
  bool PlanColumnDefault(const sql::AlterAction& action, const Source& table);
  bool EditDefault(const sql::Expr& value, std::uint32_t target);
  std::uint32_t ActionOf(const sql::AlterTableStatement& alter, const CreatedColumn& column) const;
  bool EditDefined(const sql::AlterTableStatement& alter, const Source& table,
                   std::vector<CreatedColumn>& defined);
  bool PlanCreateIndex(const sql::CreateIndexStatement& index);
  std::vector<CreatedColumn> ColumnsOf(const Source& table) const;
  std::vector<CreatedColumn> ColumnsAfter(const sql::AlterTableStatement& alter,
                                          const Source& table,
                                          const std::vector<CreatedColumn>& defined);
  bool CheckPrimaryKeys(const sql::AlterTableStatement& alter,
                        const std::vector<CreatedColumn>& columns);
  bool MayBePrimary(const CreatedColumn& column, std::uint32_t token);
  bool KeepsColumn(const sql::AlterTableStatement& alter, const Source& table,
                   CreatedColumn& column);

  // alter_together.cc: what actions of one ALTER TABLE mean for each other
  bool KeepsNames(const sql::AlterTableStatement& alter, const Source& table);
  bool KeepsCharset(const sql::AlterAction& action, const std::vector<CreatedColumn>& defined);
  bool KeepsDefault(const sql::AlterAction& action, const Source& table,
                    const sql::AlterTableStatement& alter);
  bool ConvertsNone(const std::vector<CreatedColumn>& defined);

  // rename.cc: RENAME TABLE, CREATE TABLE … LIKE
  bool PlanRenameTable(const sql::RenameTableStatement& rename);
  bool PlanCreateLike(const sql::CreateTableStatement& create);
  bool KeepsProtection(const policy::CatalogTable* table, const TableName& to, std::uint32_t token,
                       std::string_view what);
  bool SameProtection(std::uint32_t a, std::uint32_t b) const;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_DEFINITION_DEFINITION_PLANNER_H_
