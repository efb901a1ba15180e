#include "proxy/rewrite/planner/planner.h"

#include <array>
#include <utility>

#include "policy/name_folding.h"
#include "proxy/rewrite/planner/column_places.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::TokenKind;

// Statements over protected tables that carry no value and show none.
constexpr std::array<std::string_view, 8> kHarmlessVerbs{
    "DROP", "TRUNCATE", "LOCK", "ANALYZE", "OPTIMIZE", "CHECK", "REPAIR", "CHECKSUM"};

// DROP TABLE a, b; TRUNCATE TABLE a; LOCK TABLES a READ: words and commas only (also in
// parentheses, if `lists`), so nothing can be hidden in them.
bool HasOnlyNames(const sql::TokenList& tokens, bool lists = false) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const sql::Token& token = tokens.tokens[i];
    const bool name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier;
    const bool mark = token.kind == TokenKind::kSemicolon ||
                      (token.kind == TokenKind::kOperator &&
                       (token.op == sql::Operator::kComma || token.op == sql::Operator::kDot));
    const bool bracket = token.op == sql::Operator::kOpen || token.op == sql::Operator::kClose;
    if (!name && !mark && !(lists && bracket)) return false;
  }
  return true;
}

// Definitions whose text the server keeps and runs by itself.
constexpr std::array<std::string_view, 5> kPrograms{"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION",
                                                    "EVENT"};

// Of the words before the first parenthesis or AS; kNoToken if it is not there.
std::uint32_t FirstWord(const sql::TokenList& tokens, std::string_view upper) {
  for (std::uint32_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].op == sql::Operator::kOpen) break;
    if (tokens.tokens[i].kind != TokenKind::kWord) continue;
    if (EqualsKeyword(tokens.Text(i), upper)) return i;
    if (EqualsKeyword(tokens.Text(i), "AS")) break;
  }
  return sql::kNoToken;
}

enum class ExplainForm : std::uint8_t { kUnsaid, kTable, kOther };

ExplainForm FormOf(const sql::TokenList& tokens) {
  const bool explains = sql::IsWord(tokens, 0, "EXPLAIN") || sql::IsWord(tokens, 0, "DESCRIBE") ||
                        sql::IsWord(tokens, 0, "DESC");
  if (!explains || sql::IsWord(tokens, 1, "ANALYZE") || sql::IsWord(tokens, 1, "EXTENDED")) {
    return ExplainForm::kOther;
  }
  if (sql::IsWord(tokens, 1, "PARTITIONS")) return ExplainForm::kTable;
  if (!sql::IsWord(tokens, 1, "FORMAT")) return ExplainForm::kUnsaid;
  return sql::IsWord(tokens, 3, "TRADITIONAL") ? ExplainForm::kTable : ExplainForm::kOther;
}

}  // namespace

void Planner::PlanStatement(const sql::Statement& statement) {
  if (!Begin() || !Dispatch(statement) || !CheckCommonTables()) return;
  if (statement.explain) {
    if (!PlanExplain()) return;
    // Whatever the server says of a plan, it says of stored values.
    plan_.knows_result = true;
    plan_.result = {{std::nullopt, true}};
    plan_.names_no_table = false;
  }
  KeepSubqueriesApart();
  edits_.Finish();
  if (plan_.maps_parameters) NoteColumnPlaces(statement, tokens_, plan_);
}

// A column of the statement's tables that this role does not see in the clear.
const policy::ProtectedColumn* Planner::HiddenColumn() const {
  const auto hidden = [&](const policy::ColumnRule& rule) {
    return rule.reveal != policy::Reveal::kClear;
  };
  for (const Target& target : plan_.targets) {
    if (hidden(*target.rule)) return target.protection;
  }
  for (const policy::CatalogTable* table : tables_) {
    for (const policy::CatalogColumn& column : table->columns) {
      if (!column.protection || !hidden(facts_.role->columns[*column.protection])) continue;
      return &snapshot_.policy->columns[*column.protection];
    }
  }
  return nullptr;
}

// Of a row that the server has read while it planned, it shows the stored values in
// place of the columns, other than in a table.
bool Planner::PlanExplain() {
  const policy::ProtectedColumn* hidden = HiddenColumn();
  if (hidden == nullptr) return true;
  const ExplainForm form = FormOf(tokens_);
  if (form == ExplainForm::kOther) {
    return Refuse(ColumnDenied("this role does not see column " + hidden->QualifiedName() +
                               " in the clear, and may not be told of it by ANALYZE, or by EXPLAIN "
                               "other than with FORMAT=TRADITIONAL" +
                               At(0)));
  }
  // MySQL's form is else a variable of the session's.
  if (form == ExplainForm::kUnsaid && !snapshot_.catalog->is_mariadb) {
    edits_.Replace({0, 0}, "EXPLAIN FORMAT=TRADITIONAL");
  }
  return true;
}

bool Planner::Dispatch(const sql::Statement& statement) {
  switch (statement.kind) {
    case sql::StatementKind::kSelect: {
      std::vector<OutputColumn> outputs;
      shows_result_ = !statement.explain;
      if (!PlanQuery(*statement.query, nullptr, {}, outputs)) return false;
      FinishResult(outputs);
      plan_.names_no_table = ShowsGroups(*statement.query, last_grouped_);
      return !plan_.refusal;
    }
    case sql::StatementKind::kInsert:
    case sql::StatementKind::kReplace:
      return PlanInsert(*statement.insert);
    case sql::StatementKind::kUpdate:
      modifies_ = true;
      return PlanUpdate(*statement.update);
    case sql::StatementKind::kDelete:
      modifies_ = true;
      return PlanDelete(*statement.del);
    case sql::StatementKind::kView:
      return PlanViewStatement(*statement.view);
    case sql::StatementKind::kLoad:
      return PlanLoad(*statement.load);
    case sql::StatementKind::kOther:
      return PlanOther(statement);
    case sql::StatementKind::kCreateTable:
    case sql::StatementKind::kAlterTable:
    case sql::StatementKind::kCreateIndex:
    case sql::StatementKind::kRenameTable:
      break;  // DefinitionPlanner's
  }
  return Refuse(Unsupported("this kind of statement is not supported on a protected table"));
}

bool Planner::PlanOther(const sql::Statement& statement) {
  const std::string_view verb = tokens_.Text(statement.verb);
  bool planned = false;
  if (EqualsKeyword(verb, "ANALYZE") && !PlanAnalyze(planned)) return false;
  if (planned) return true;
  for (const std::string_view harmless : kHarmlessVerbs) {
    if (EqualsKeyword(verb, harmless) && HasOnlyNames(tokens_)) return true;
  }
  if (PlanShow()) return true;
  for (const std::string_view program : kPrograms) {
    if (!EqualsKeyword(verb, "CREATE") && !EqualsKeyword(verb, "ALTER")) break;
    const std::uint32_t at = FirstWord(tokens_, program);
    if (at == sql::kNoToken) continue;
    return Refuse(Unsupported("CREATE or ALTER " + std::string(program) +
                              " over a protected table is not supported" + At(at)));
  }
  return Refuse(
      Unsupported("this statement names a protected table, and of its kind Sealgate "
                  "does not support that yet" +
                  At(statement.verb)));
}

// ANALYZE TABLE. `planned`: as it is, there is nothing more to look at.
bool Planner::PlanAnalyze(bool& planned) {
  for (std::uint32_t i = 1; i < tokens_.tokens.size(); ++i) {
    planned = true;
    if (sql::IsWord(tokens_, i - 1, "UPDATE") && sql::IsWord(tokens_, i, "HISTOGRAM")) {
      return NamesNoSealed(i + 1, "UPDATE HISTOGRAM");
    }
    if (sql::IsWord(tokens_, i - 1, "PERSISTENT") && sql::IsWord(tokens_, i, "FOR")) {
      planned = HasOnlyNames(tokens_, true);
      return KeepsNoSealed(i) && NamesNoSealed(i + 1, "ANALYZE … PERSISTENT");
    }
  }
  planned = false;
  // Else a variable says whether statistics of columns are kept.
  if (snapshot_.catalog->is_mariadb && HidesStored(*facts_.role) && HasOnlyNames(tokens_)) {
    edits_.InsertBefore(0, "SET STATEMENT use_stat_tables=NEVER FOR ");
  }
  return true;
}

// A histogram's buckets are stored values, which information_schema shows; the statistics
// that MariaDB keeps of a column have two.
bool Planner::NamesNoSealed(std::uint32_t first, std::string_view construct) {
  for (std::uint32_t i = first; i + 1 < tokens_.tokens.size(); ++i) {
    const TokenKind kind = tokens_.tokens[i].kind;
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) continue;
    const std::string name = Folded(i);
    for (const policy::ProtectedColumn& column : snapshot_.policy->columns) {
      if (policy::FoldName(column.column) != name) continue;
      return RefuseAt(i, column.QualifiedName(), construct);
    }
    for (const auto& [key, table] : snapshot_.catalog->tables()) {
      const policy::CatalogColumn* column = table.Find(name);
      if (column != nullptr && column->computed) return RefuseComputed(table, *column, i);
    }
  }
  return true;
}

// FOR ALL, FOR COLUMNS ALL.
bool Planner::KeepsNoSealed(std::uint32_t persistent_for) {
  for (std::uint32_t i = persistent_for + 1; i < tokens_.tokens.size(); ++i) {
    const bool columns =
        sql::IsWord(tokens_, i - 1, "FOR") || sql::IsWord(tokens_, i - 1, "COLUMNS");
    if (!columns || !sql::IsWord(tokens_, i, "ALL")) continue;
    return Refuse(Unsupported(
        "ANALYZE … PERSISTENT of all columns of a protected table is not supported" + At(i)));
  }
  return true;
}

void Planner::FinishResult(const std::vector<OutputColumn>& outputs) {
  plan_.knows_result = true;
  int gaps = 0;
  bool after_gap = false;
  for (const OutputColumn& output : outputs) {
    if (output.gap) {
      if (!after_gap) {
        plan_.result.push_back({std::nullopt, true});
        ++gaps;
      }
      after_gap = true;
      continue;
    }
    after_gap = false;
    PlannedColumn column;
    if (output.type.kind == ExprType::Kind::kProtected) column.target = output.type.target;
    plan_.result.push_back(column);
  }
  if (gaps > 1) {
    Refuse(
        Unsupported("a select list with * of more than one table outside the policy, apart "
                    "from each other, cannot be followed; name the columns"));
  }
}

}  // namespace sealgate::rewrite
