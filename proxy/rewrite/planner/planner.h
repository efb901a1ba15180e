// Statement tree to plan: names resolved, every expression typed, every literal
// and parameter of a protected column marked for sealing. Internal to rewrite.
//
// The first refusal wins and ends the planning. Functions that can refuse
// return false then. One Planner plans one statement.
#ifndef SEALGATE_PROXY_REWRITE_PLANNER_PLANNER_H_
#define SEALGATE_PROXY_REWRITE_PLANNER_PLANNER_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/rewrite/context/plan_context.h"
#include "proxy/rewrite/context/syntax.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

class Planner : private PlanContext {
 public:
  using PlanContext::PlanContext;

  /// Fills the plan: edits, targets, parameters, result; or its refusal.
  void PlanStatement(const sql::Statement& statement);
  /// Of a CREATE or ALTER VIEW with its edits made: why the view could not be used.
  static std::optional<Refusal> CheckMadeView(const policy::Snapshot& snapshot,
                                              const SessionFacts& facts, std::string_view text);
  /// The view's columns as this role may have them; null when it cannot be used.
  static std::shared_ptr<const policy::CatalogTable> TableOf(const policy::Snapshot& snapshot,
                                                             const SessionFacts& facts,
                                                             const policy::CatalogView& view);

 private:
  /// IN or ANY of a subquery: none, any, or one that compares searchable columns.
  enum class Semijoin : std::uint8_t { kNone, kAny, kOfPrefixes };
  struct CommonTable {
    std::string spelled;  // its name as it is written
    std::vector<OutputColumn> outputs;
    const sql::CommonTable* made = nullptr;
    Semijoin semijoin{};  // in it
  };
  using CommonTables = std::map<std::string, CommonTable, std::less<>>;  // by folded name

  // planner.cc: statements and refusals
  bool Dispatch(const sql::Statement& statement);
  bool PlanOther(const sql::Statement& statement);
  bool PlanAnalyze(bool& planned);
  bool NamesNoSealed(std::uint32_t first, std::string_view construct);
  bool KeepsNoSealed(std::uint32_t persistent_for);
  bool PlanExplain();
  const policy::ProtectedColumn* HiddenColumn() const;
  void FinishResult(const std::vector<OutputColumn>& outputs);

  // tables.cc: FROM clauses, names, permissions
  bool AddTable(const sql::TableRef& table, Scope& scope);
  bool AddBaseTable(const sql::TableRef& table, Scope& scope);
  bool RefuseTwin(const Source& source, const Source& other, std::uint32_t name);
  bool AddSource(Source source, std::uint32_t name, Scope& scope);
  bool FindCommonTable(const sql::Name& name, const CommonTable** table);
  bool RefuseUnnamed(std::uint32_t token, std::string_view construct);
  bool RefuseComputed(const policy::CatalogTable& table, const policy::CatalogColumn& column,
                      std::uint32_t token);
  bool ComputesNothing(const Source& source, std::uint32_t token);
  bool AddDerived(const sql::TableRef& table, Scope& scope);
  bool AddJoin(const sql::TableRef& join, Scope& scope);
  bool AddNaturalJoin(const sql::TableRef& join, std::size_t left, std::size_t right, Scope& scope);
  bool AddCommonColumn(const std::string& column, std::uint32_t token, const sql::TableRef& join,
                       std::size_t left, std::size_t right, Scope& scope);
  bool FindWritten(const sql::Name& name, Source& source);
  bool FindSource(const sql::Name& name, Source& source);
  bool TypeColumn(const sql::Name& name, Scope& scope, ExprType& type);
  bool FindAlias(const std::string& column, const Scope& scope, const OutputColumn** alias,
                 bool* may_be_alias, bool* may_be_hidden) const;
  bool ListsLiterals(const sql::SelectItem& item) const;
  bool TakesAlias(std::uint32_t token, const std::string& column, const Scope& scope);
  bool HasName(sql::Span span, const std::string& folded);
  bool TypeFound(const Resolution& found, const sql::Name& name, Scope& scope, ExprType& type);
  bool KnowsDefault(const policy::CatalogColumn& column) const;
  bool CheckHaving(const Resolution& found, const sql::Name& name, const Scope& scope,
                   const ExprType& type);
  bool IsSelectedOrGrouped(const Resolution& found, const sql::Name& name);
  bool TypeGrouped(const Resolution& found, const sql::Name& name, const Scope& scope,
                   const ExprType& type);
  bool ReadsPlaintext(const policy::CatalogTable& table, std::uint32_t token);
  bool TypeBaseColumn(const Source& source, const policy::CatalogColumn& column,
                      std::uint32_t token, ExprType& type);

  // view.cc: views
  /// What a view shows of one table: the column that each of its own is, or null.
  struct ViewedTable {
    const policy::CatalogTable* table = nullptr;
    std::vector<const policy::CatalogColumn*> columns;
  };
  bool IsHidden(const policy::CatalogView& view) const;
  bool RefuseView(const policy::CatalogView& view, std::uint32_t token, std::string_view reason);
  bool AddView(const policy::CatalogView& view, std::uint32_t token, Source& source,
               ViewedTable* viewed = nullptr);
  bool PlanView(const policy::CatalogView& view, std::uint32_t token,
                std::vector<OutputColumn>& outputs, ViewedTable* viewed = nullptr);
  ViewedTable TableViewed(const sql::Query& query);
  bool AddWrittenView(const policy::CatalogView& view, std::uint32_t token, Source& source);
  bool CheckViewValues();
  bool PlanDefinition(const sql::Query& query, std::vector<OutputColumn>& outputs);
  bool PlanViewStatement(const sql::ViewStatement& view);
  std::shared_ptr<const policy::CatalogTable> AsTable(const policy::CatalogView& view,
                                                      const Source& source) const;
  void DescribeView(const policy::CatalogView& view, std::uint32_t token);

  // stored.cc: what stands in definitions already
  const sql::Expr* PrefixOf(const sql::Expr& expr) const;
  bool TypeCompared(const sql::Expr& expr, Scope& scope, ExprType& type);
  std::optional<std::string> HexBytes(const sql::Expr& expr) const;
  bool IsSealed(const sql::Expr& value, std::uint32_t target) const;
  bool IsEnvelope(const sql::Expr& value, std::uint32_t target) const;
  bool IsUpperEnd(const sql::Expr& expr) const;
  bool TypeStoredRange(const sql::Expr& expr, Scope& scope);
  bool ComparesPrefix(const ExprType& type, std::uint32_t token, std::string_view construct);
  bool IsOfGroup(const sql::Expr& arg, const Scope& scope);

  // query.cc: SELECT
  // kEquality: whoever asks looks at nothing but which rows are equal, and puts
  // LEFT() around each searchable column that comes out.
  enum class QueryUse : std::uint8_t { kRows, kEquality };
  bool PlanQuery(const sql::Query& query, Scope* outer, const CommonTables& around,
                 std::vector<OutputColumn>& outputs, QueryUse use = QueryUse::kRows);
  bool PlanBlock(const sql::Query& query, Scope& scope, std::vector<OutputColumn>& outputs,
                 QueryUse use);
  bool PlanValues(const sql::Query& query, Scope& scope, std::vector<OutputColumn>& outputs);
  bool KeepsDistinct(const sql::Query& query, const std::vector<OutputColumn>& outputs);
  bool PlanItem(const sql::SelectItem& item, Scope& scope, std::vector<OutputColumn>& outputs,
                QueryUse use = QueryUse::kRows);
  void TakeName(const sql::SelectItem& item, OutputColumn& output);
  void TakeWord(const sql::Expr& expr, OutputColumn& output);
  bool NameItem(const sql::Expr& expr);
  bool ExpandStar(const sql::Expr& star, const Scope& scope, std::vector<OutputColumn>& outputs);
  bool ExpandJoin(const sql::Expr& star, const Scope& scope, std::vector<OutputColumn>& outputs);
  bool CopiesColumns(std::size_t count, std::uint32_t token);
  bool CopyTables(const CommonTables& tables, std::uint32_t token,
                  std::optional<CommonTables>& copy);
  bool AddSourceOutputs(const Source& source, std::uint32_t token,
                        std::vector<OutputColumn>& outputs);
  bool PlanOrder(std::span<sql::OrderItem> items, Scope& scope, std::vector<OutputColumn>& outputs);
  static void NoteWholeItem(const sql::Expr& item, Scope& scope);
  bool PlanPosition(const sql::Expr& expr, std::vector<OutputColumn>& outputs,
                    std::string_view construct, OutputColumn** found);
  bool AllPlain(const std::vector<OutputColumn>& outputs, std::uint32_t token,
                std::string_view construct);

  // common_table.cc: names that the servers take for others
  /// A common table, and the query that it stands before: null for an UPDATE or DELETE.
  struct MadeTable {
    const sql::CommonTable* table = nullptr;
    const sql::Query* query = nullptr;
  };
  /// A name without a schema that is read from, and the common table that it means here.
  struct NamedTable {
    std::uint32_t token = 0;
    const sql::CommonTable* means = nullptr;
  };
  bool CheckCommonTables();
  bool MayMeanOther(const NamedTable& named, const MadeTable& other);
  bool MayBeHidden(const NamedTable& named) const;
  const MadeTable* MadeBy(const sql::CommonTable* table) const;

  // union.cc: set operations of searchable columns, as groups
  /// A set operation of `left`, which becomes the groups' columns, and `right`.
  struct Grouping {
    const sql::Query& query;
    const std::vector<OutputColumn>& left;
    const std::vector<OutputColumn>& right;
    std::string name;      // of a searchable column in it
    bool by_name = false;  // its queries' columns can be named as they are
  };
  void KeepAllRows(const sql::Query& query);
  bool GroupSetOperation(Grouping grouping, const Scope* outer, const CommonTables& visible);
  bool RefuseTextsBesideColumns(const Grouping& grouping);
  bool MayGroup(const Grouping& grouping, const Scope* outer, const CommonTables& visible);
  bool NameOutput(const OutputColumn& output, Piece& piece) const;
  bool HaveOwnNames(const std::vector<OutputColumn>& outputs) const;
  std::string GroupedColumn(const Grouping& grouping, std::size_t index) const;
  bool SelectGroups(const Grouping& grouping, std::vector<Piece>& pieces);
  void EditByName(const Grouping& grouping, std::string& before, std::string& after);
  void EditByPosition(const Grouping& grouping, std::string& before, std::string& after);
  bool OrdersByNames(const sql::Query& query, const std::vector<OutputColumn>& outputs);
  bool OrdersByRows(const sql::Query& query, const Scope& scope,
                    const std::vector<OutputColumn>& outputs);
  static bool ShowsGroups(const sql::Query& query, const sql::Query* grouped);

  // set.cc: WITH and set operations
  bool PlanCommonTables(std::span<sql::CommonTable> with, const sql::Query* query, Scope* outer,
                        CommonTables& tables);
  bool NameOutputs(std::span<std::uint32_t> columns, std::uint32_t token,
                   std::vector<OutputColumn>& outputs);
  bool PlanSetOperation(const sql::Query& query, Scope* outer, const CommonTables& visible,
                        std::vector<OutputColumn>& outputs, QueryUse use);
  struct Recursive {
    const sql::CommonTable* table = nullptr;
    std::vector<OutputColumn> outputs;  // of its first query, as the others see them
    bool known = false;
  };
  static bool IsUnfinished(const std::vector<OutputColumn>& outputs);
  static bool WereCompared(const OutputColumn& output);
  bool KnowRecursive(Recursive& own, const std::vector<OutputColumn>& outputs,
                     CommonTables& tables);
  bool MergeColumn(const sql::Query& query, QueryUse use, const OutputColumn& right,
                   OutputColumn& output);
  bool NameSealed(const sql::Query& query, OutputColumn& output, std::uint32_t target);
  bool IsUnion(const sql::Query& query) const;
  bool Deduplicate(Grouping grouping, const Scope* outer, const CommonTables& visible, QueryUse use,
                   bool grouped_above, std::vector<OutputColumn>& outputs);
  bool MergeOutputs(const sql::Query& query, QueryUse use, const std::vector<OutputColumn>& right,
                    std::vector<OutputColumn>& outputs);

  // group.cc: GROUP BY, DISTINCT
  bool FindKeys(const sql::SelectBlock& block, Scope& scope);
  const sql::Expr* GroupColumn(const sql::SelectBlock& block, const sql::Expr& expr,
                               const Scope& scope);
  bool PlanGroupBy(const sql::SelectBlock& block, Scope& scope, std::vector<OutputColumn>& outputs);
  bool GroupsByChanged(const sql::OrderItem& item, const OutputColumn* numbered,
                       const std::vector<OutputColumn>& outputs);
  bool PlanGroupItem(const sql::SelectBlock& block, const sql::OrderItem& item, Scope& scope,
                     std::vector<OutputColumn>& outputs);
  bool PlanDistinct(const sql::Query& query, Scope& scope, std::vector<OutputColumn>& outputs,
                    QueryUse use);
  bool DistinctAsGroups(const sql::Query& query, Scope& scope, std::vector<OutputColumn>& outputs,
                        std::uint32_t target);
  bool IsSameName(const sql::Name& left, const sql::Name& right);
  bool OrdersBySelected(std::span<sql::OrderItem> order_by, std::span<sql::SelectItem> items,
                        const std::vector<OutputColumn>& outputs, std::uint32_t target);
  bool IsSearchable(const ExprType& type) const;
  bool HasRollup(const sql::SelectBlock& block) const;

  // semijoin.cc: subqueries within outer joins
  /// What is planned while it lives is in an outer join, if `inside`.
  class InOuterJoin {
   public:
    InOuterJoin(Planner& planner, bool inside);
    InOuterJoin(const InOuterJoin&) = delete;
    InOuterJoin& operator=(const InOuterJoin&) = delete;
    ~InOuterJoin();

   private:
    Planner& planner_;
    bool before_;
  };
  struct Semijoins {
    Semijoin made{};  // in the query at hand
    Semijoin read{};  // in the derived tables and the like that it reads
    /// What the query at hand compares that may have no key as it was before.
    const policy::ProtectedColumn* compared = nullptr;

    Semijoin any() const { return std::max(made, read); }
    void Read(Semijoin other) { read = std::max(read, other); }
  };
  void NoteSemijoin(const std::vector<std::vector<std::vector<Leaf>>>& operands);
  void NoteCompared(const ExprType& type, bool of_row);
  Semijoins BeginSubquery();
  void EndSubquery(const Semijoins& before);
  bool RefuseSemijoinWithin(std::uint32_t token);
  void NoteSubquery(const sql::Query& query);
  void KeepSubqueriesApart();

  // expression.cc: typing
  bool Type(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool IsChain(const sql::Expr& expr) const;
  bool TypeAny(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypePlain(const sql::Expr& expr, Scope& scope, std::string_view construct);
  bool IsXor(const sql::Expr& expr) const;
  bool RefuseStringAsTruth(const sql::Expr& arg);
  bool TypeChildren(const sql::Expr& expr, Scope& scope);
  bool TypeSubquery(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypeFunction(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypeAnyValue(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypeSequenceFunction(const sql::Expr& expr, Scope& scope);
  bool TypeAggregate(const sql::Expr& expr, std::string_view name, Scope& scope, ExprType& type);
  bool TypeWindowFunction(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypeWindowParts(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool ListsProtected(const sql::SelectItem& item, const Scope& scope);
  bool IsListedAlias(std::uint32_t token, const std::string& column, const Scope& scope);
  bool TypePartition(const sql::Expr& expr, Scope& scope);
  static void MayAggregate(Scope& scope);
  bool CheckRoutine(const sql::Expr& expr, const std::string& name);
  bool IsBuiltIn(const sql::Expr& expr) const;

  // compare.cc: =, <>, <=>, IN, ANY, ALL, also of rows
  using Position = std::vector<Leaf>;  // what is compared with each other
  bool TypeComparison(const sql::Expr& expr, Scope& scope);
  bool TypeIn(const sql::Expr& expr, Scope& scope);
  bool TypeQuantified(const sql::Expr& expr, Scope& scope);
  bool TypeOperand(const sql::Expr& expr, Scope& scope, std::vector<Position>& positions);
  bool TypeQueryOperand(const sql::Query& query, std::uint32_t token, Scope& scope,
                        std::vector<Position>& positions);
  bool TypeQueryBeside(const sql::Expr& left, const sql::Expr& expr, Scope& scope,
                       std::vector<Position>& positions);
  bool CompareWithValue(const sql::Expr& comparison, const sql::Expr& column, const ExprType& type,
                        const sql::Expr& value);
  bool MayJoinOuter() const;
  bool CompareColumns(const sql::Expr& comparison, const Leaf& left, const Leaf& right);
  bool InPrefixes(const sql::Expr& expr, const ExprType& type);
  bool InRanges(const sql::Expr& expr, std::uint32_t target);
  void AppendRange(std::vector<Piece>& pieces, std::string& text, const std::string& column,
                   const sql::Expr& value, std::uint32_t target);

  // equality.cc: what is compared with each other
  static constexpr std::string_view kOrder = "a comparison of order (<, <=, >, >=)";
  bool CompareOperands(const std::vector<std::vector<Position>>& operands, std::uint32_t token,
                       std::string_view construct);
  /// How the servers compare a string with a number.
  enum class Strings : std::uint8_t { kByColumn, kAsFloats };
  bool RefuseStringsBesideTruth(const Position& leaves);
  bool RefuseValueBesideValue(const Position& first, const Position& others,
                              std::string_view construct);
  bool RefuseValueBesideRows(const std::vector<std::vector<Position>>& operands);
  bool RefuseValuesBesideValues(const std::vector<std::vector<Position>>& operands,
                                std::string_view construct);
  bool UnifyEquality(const Position& leaves, std::uint32_t token, std::string_view construct,
                     Strings strings = Strings::kByColumn);
  bool ComparesUnconverted(const Position& leaves, std::uint32_t target) const;
  bool RefuseWithLiterals(const ExprType& type, std::uint32_t token, std::string_view construct);
  bool MayCompareLiteral(const Leaf& leaf, std::uint32_t target, std::string_view construct);
  bool MayCompareColumn(const Leaf& leaf, std::uint32_t target, std::uint32_t token,
                        std::string_view construct);
  bool MayCompare(std::uint32_t target, std::uint32_t token, std::string_view construct);
  bool SameValues(std::uint32_t left, std::uint32_t right, std::uint32_t token,
                  std::string_view construct);
  bool AreSealed(const Position& leaves, std::uint32_t target, std::uint32_t token,
                 std::string_view construct);  // stored.cc

  // convert.cc: literals that are compared
  bool ComparesAs(const sql::Expr& collate, const sql::Expr& value, std::uint32_t target);
  bool IsManyAFloat(std::uint32_t target) const;
  bool IsDecimal(std::uint32_t target) const;
  bool IsOfOneKind(const sql::Expr& in) const;
  bool AreOfOneKind(const Position& leaves) const;
  bool RefuseTimeAsText(const ExprType& type, std::uint32_t token, std::string_view construct);
  bool TakesLiteralOfQuery(std::uint32_t target) const;
  bool RefuseTimeQuery(const sql::Expr& operand, const std::vector<Position>& columns,
                       std::uint32_t token);

  // unify.cc: CASE and its like, and values on their way into a column
  bool TypeChoice(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool TypeChoiceConditions(const sql::Expr& expr, Scope& scope);
  bool RefuseValueBesideMoments(const Position& compared);
  bool TypeNullIf(const sql::Expr& expr, Scope& scope, ExprType& type);
  bool ChoiceResults(const sql::Expr& expr, std::vector<const sql::Expr*>& results) const;
  bool Unify(Position& leaves, std::uint32_t token, std::string_view construct, ExprType& type);
  bool SealValue(const sql::Expr& value, std::uint32_t target, SealAs seal);
  bool SealMixed(const sql::Expr& value, std::uint32_t target, SealAs seal,
                 std::string_view construct);
  bool SameRights(std::uint32_t left, std::uint32_t right) const;
  bool MayMove(std::uint32_t from, std::uint32_t to, std::uint32_t token);

  // write.cc: INSERT, REPLACE, UPDATE, DELETE
  bool PlanInsert(const sql::InsertStatement& insert);
  bool PlanInsertColumns(const sql::InsertStatement& insert, const Source& target,
                         std::vector<const policy::CatalogColumn*>& columns);
  bool PlanInsertRow(std::span<sql::Expr*> row, const Source& target,
                     const std::vector<const policy::CatalogColumn*>& columns, Scope& scope,
                     std::size_t number);
  bool PlanInsertQuery(const sql::InsertStatement& insert, const Source& target,
                       const std::vector<const policy::CatalogColumn*>& columns, Scope& changed);
  bool RefuseGroupsInUpdate(const sql::InsertStatement& insert,
                            const std::vector<OutputColumn>& outputs);
  bool PlanAssignments(std::span<sql::Assignment> assignments, const Scope& targets, Scope& scope);
  bool PlanChanges(std::span<sql::Assignment> assignments, const Scope& targets, Scope& scope);
  bool PlanStored(const sql::Expr& value, const Source& source, const policy::CatalogColumn& column,
                  Scope& scope);
  bool HasCollation(const sql::Expr& collate, const sql::Expr& value);
  bool PlanStoredValue(const sql::Expr& value, std::uint32_t target, Scope& scope, bool choice);
  bool TakesParametersAsBytes(const std::vector<sql::Span>& values) const;
  Scope& RowOf(const sql::Expr& values, Scope& scope);
  bool MayStore(std::uint32_t from, std::uint32_t to, std::uint32_t token);
  bool SealStored(const sql::Expr& value, std::uint32_t target, bool alone);
  bool ShowsTablesAsTheyAre(const sql::Query& query, const Scope& read) const;
  bool PlanModifyTail(const sql::Expr* where, std::span<sql::OrderItem> order_by,
                      std::span<sql::Expr*> limits, std::span<sql::SelectItem> returning,
                      Scope& scope);
  bool PlanStoredOutput(const sql::Query& query, const OutputColumn& output, const Source& source,
                        const policy::CatalogColumn& column);
  bool AddRowAlias(const sql::InsertStatement& insert, const Source& target,
                   const std::vector<const policy::CatalogColumn*>& columns, Scope& scope);
  // load.cc: LOAD DATA
  bool PlanLoad(const sql::LoadStatement& load);
  bool PlanLoadFields(const sql::LoadStatement& load, const Source& source, const Scope& scope,
                      std::vector<const policy::CatalogColumn*>& columns, FileLoad& file);
  bool PlanLoadField(const Source& source, const policy::CatalogColumn& column, std::uint32_t token,
                     FileLoad& file);
  bool CheckVariables();
  bool PlanFileCharset(const sql::LoadStatement& load, FileLoad& file);
  bool PlanFileFormat(const sql::LoadStatement& load, FileLoad& file);
  bool ReadDelimiter(std::uint32_t token, std::string& delimiter);
  bool ReadCharacter(std::uint32_t token, std::optional<char>& character);
  void EditLoad(const sql::LoadStatement& load,
                const std::vector<const policy::CatalogColumn*>& columns, const FileLoad& file);

  // null.cc
  /// What IS NULL and IS NOT NULL mean where they stand: in a condition the servers take
  /// `d IS NULL` of a date that is NOT NULL for `d = '0000-00-00'`, and NOT turns one
  /// into the other.
  enum class NullTests : std::uint8_t { kPlain, kCondition, kNegated };
  bool TypeCondition(const sql::Expr& expr, Scope& scope, std::string_view construct);
  bool TypeNot(const sql::Expr& expr, Scope& scope);
  bool TypeNullTest(const sql::Expr& expr, Scope& scope);
  bool MayBeGivenNull(std::uint32_t target);
  bool RefuseNoDefault(const policy::CatalogColumn& column);
  bool CheckNotNull(const sql::Expr& value, std::uint32_t target);
  bool CheckNeverNull(std::uint32_t from, std::uint32_t target, std::uint32_t token, bool made);
  bool CheckOmitted(std::span<const sql::Assignment> set, const Source& target,
                    const std::vector<const policy::CatalogColumn*>& columns);
  bool MayWriteTables(const sql::TableRef& table);
  bool PlanUpdate(const sql::UpdateStatement& update);
  bool RefuseOrderOfChanges(std::span<const sql::Assignment> set);
  bool PlanDelete(const sql::DeleteStatement& del);
  bool PlanReturning(std::span<sql::SelectItem> items, Scope& scope);

  // show.cc: DESCRIBE, SHOW. False, and nothing done, when it is none.
  bool PlanShow();

  bool makes_rows_ = false;        // of columns that may be NULL though they are NOT NULL
  bool in_outer_join_ = false;     // see InOuterJoin
  bool modifies_ = false;          // an UPDATE or DELETE
  bool updates_join_ = false;      // an UPDATE of several tables, or with a subquery
  bool updates_strictly_ = false;  // one that is neither, nor IGNORE, in a strict sql_mode
  NullTests null_tests_ = NullTests::kPlain;
  bool in_item_ = false;     // at any depth of one of a select list, whose text is its name
  bool stored_ = false;      // a definition, in which nothing is changed
  bool writes_ = false;      // the tables of an UPDATE or DELETE themselves
  bool has_views_ = false;   // uses the columns of one
  bool varies_ = false;      // something that was typed: see ExprType
  bool has_ranges_ = false;  // of equality, in a definition
  bool has_hidden_subquery_ = false;      // in a definition, within an outer join
  std::size_t copied_columns_ = 0;        // see CopiesColumns()
  std::size_t view_height_ = 0;           // of the definitions within which this one is planned
  std::size_t* views_planned_ = nullptr;  // for the whole statement
  const CommonTables* common_tables_ = nullptr;
  Scope* written_ = nullptr;  // of ON DUPLICATE KEY UPDATE: the table's
  std::vector<MadeTable> made_tables_;
  std::vector<NamedTable> named_tables_;
  Scope* keep_scope_ = nullptr;         // that of the query that is planned next
  Recursive* recursive_ = nullptr;      // of the set operation that is planned next
  bool types_default_ = false;          // DEFAULT(column) is being typed
  bool recursing_ = false;              // in a query that may name its own recursive table
  bool grouped_above_ = false;          // for the set operation that is planned next
  const Scope* table_scope_ = nullptr;  // around the derived or common table at hand
  Semijoins semijoins_;
  const sql::Query* last_grouped_ = nullptr;  // of set operations
  std::vector<std::uint32_t> unjoined_;       // SELECTs that stay subqueries
  bool beside_query_ = false;                 // in a subquery behind another one, on MariaDB
  bool in_rows_ = false;                      // that are compared: see ComparesUnconverted()
  bool shows_result_ = false;                 // the client gets the rows of what is planned
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLANNER_PLANNER_H_
