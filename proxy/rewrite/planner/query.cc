// SELECT, TABLE, VALUES: blocks, and what they yield.
#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "policy/name_folding.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;

bool HasProtected(const std::vector<OutputColumn>& outputs) {
  for (const OutputColumn& output : outputs) {
    if (output.type.kind == Kind::kProtected) return true;
  }
  return false;
}

// Literals that the query itself looks at stay as they are: those of the columns
// of this name, or all.
void Fix(std::vector<OutputColumn>& outputs, const std::string& name) {
  for (OutputColumn& output : outputs) {
    const bool meant = name.empty() || output.name == name;
    output.fixed = output.fixed || (meant && output.type.kind == Kind::kValue);
  }
}

// Whether it is one literal or parameter, the same for every row.
bool IsConstant(const OutputColumn& output) {
  const sql::Expr* core = nullptr;
  return output.leaves.size() == 1 && output.leaves[0].expr != nullptr &&
         IsValue(*output.leaves[0].expr, &core);
}

bool IsNumber(sql::TokenKind kind) {
  return kind == sql::TokenKind::kInteger || kind == sql::TokenKind::kDecimal ||
         kind == sql::TokenKind::kFloat || kind == sql::TokenKind::kHex ||
         kind == sql::TokenKind::kBit;
}

// Of which the server takes the name, if it has one: x of (x), +x and {word x}.
const sql::Expr& Named(const sql::Expr& expr) {
  const bool passes = expr.kind == sql::ExprKind::kParenthesis ||
                      expr.kind == sql::ExprKind::kOdbcEscape ||
                      (expr.kind == sql::ExprKind::kUnary && expr.op == sql::Op::kPlus);
  return passes ? Named(*expr.args[0]) : expr;
}

// One block, in parentheses or not.
bool IsBlock(const sql::Query& query) {
  if (query.kind == sql::QueryKind::kNested) return IsBlock(*query.left);
  return query.kind == sql::QueryKind::kSelect || query.kind == sql::QueryKind::kTable;
}

}  // namespace

bool Planner::PlanQuery(const sql::Query& query, Scope* outer, const CommonTables& around,
                        std::vector<OutputColumn>& outputs, QueryUse use) {
  std::optional<CommonTables> own;
  if (!query.with.empty() && !CopyTables(around, query.span.first, own)) return false;
  const CommonTables& visible = own ? *own : around;
  const CommonTables* enclosing = common_tables_;
  common_tables_ = &visible;
  const bool writes = std::exchange(writes_, false);
  Scope scope;
  scope.outer = outer;
  Scope* const keep = std::exchange(keep_scope_, nullptr);
  bool ok = !own || PlanCommonTables(query.with, &query, outer, *own);
  if (ok && query.into != sql::kNoToken) {
    ok =
        Refuse(Unsupported("SELECT … INTO on a protected table is not supported" + At(query.into)));
  }
  if (ok) {
    switch (query.kind) {
      case sql::QueryKind::kSelect:
        ok = PlanBlock(query, scope, outputs, use);
        break;
      case sql::QueryKind::kNested:
        keep_scope_ = IsBlock(*query.left) ? &scope : keep;
        ok = PlanQuery(*query.left, outer, visible, outputs, use) &&
             (use == QueryUse::kEquality || KeepsDistinct(query, outputs));
        break;
      case sql::QueryKind::kSetOperation:
        keep_scope_ = keep;
        ok = PlanSetOperation(query, outer, visible, outputs, use);
        break;
      case sql::QueryKind::kValues:
        ok = PlanValues(query, scope, outputs);
        break;
      case sql::QueryKind::kTable: {
        Source source;
        ok = FindSource(query.table, source) &&
             AddSource(std::move(source), query.table.table, scope) &&
             AddSourceOutputs(scope.sources.back(), query.span.first, outputs);
        break;
      }
    }
  }
  // The block's own names are still in scope for its ORDER BY, also behind parentheses.
  scope.aliases = &outputs;
  ok = ok && (!ShowsGroups(query, last_grouped_) || OrdersByNames(query, outputs));
  ok = ok && PlanOrder(query.order_by, scope, outputs);
  ok = ok && (!ShowsGroups(query, last_grouped_) || OrdersByRows(query, scope, outputs));
  for (const sql::Expr* limit : query.limit) ok = ok && TypePlain(*limit, scope, "LIMIT");
  if (keep != nullptr && IsBlock(query)) *keep = std::move(scope);
  common_tables_ = enclosing;
  writes_ = writes;
  return ok;
}

// (SELECT DISTINCT …) ORDER BY …
bool Planner::KeepsDistinct(const sql::Query& query, const std::vector<OutputColumn>& outputs) {
  if (query.order_by.empty()) return true;
  for (const OutputColumn& output : outputs) {
    if (!output.deduplicated || !IsSearchable(output.type)) continue;
    return OrdersBySelected(query.order_by, {}, outputs, output.type.target);
  }
  return true;
}

bool Planner::PlanBlock(const sql::Query& query, Scope& scope, std::vector<OutputColumn>& outputs,
                        QueryUse use) {
  const sql::SelectBlock& block = *query.select;
  if (block.into != sql::kNoToken) {
    return Refuse(
        Unsupported("SELECT … INTO on a protected table is not supported" + At(block.into)));
  }
  if (block.procedure != sql::kNoToken) {
    return Refuse(Unsupported("PROCEDURE ANALYSE on a protected table is not supported" +
                              At(block.procedure)));
  }
  for (const sql::TableRef* table : block.from) {
    if (!AddTable(*table, scope)) return false;
  }
  if (block.where != nullptr && !TypeCondition(*block.where, scope, "use as a condition")) {
    return false;
  }
  if (!FindKeys(block, scope)) return false;
  scope.grouped = !scope.keys.empty();
  scope.aliases = &outputs;
  scope.in_select_list = true;
  scope.listing = &block;
  for (const sql::SelectItem& item : block.items) {
    if (!PlanItem(item, scope, outputs, use)) return false;
  }
  scope.in_select_list = false;
  scope.listing = nullptr;
  if (block.distinct && !PlanDistinct(query, scope, outputs, use)) return false;
  if (!PlanGroupBy(block, scope, outputs)) return false;
  for (const sql::Expr* expr : block.window_partitions) {
    if (!TypePartition(*expr, scope)) return false;
  }
  for (const sql::Expr* expr : block.window_exprs) {
    if (!TypePlain(*expr, scope, "a window")) return false;
  }
  for (OutputColumn& output : outputs) {
    const bool grouped = block.distinct || !block.group_by.empty();
    const bool looked_at = grouped && (!IsConstant(output) || HasRollup(block));
    output.fixed = output.fixed || (output.type.kind == Kind::kValue && looked_at);
  }
  if (block.having == nullptr) return true;
  Fix(outputs, "");
  scope.having = &block;
  const bool typed = TypeCondition(*block.having, scope, "HAVING");
  scope.having = nullptr;
  return typed;
}

bool Planner::PlanItem(const sql::SelectItem& item, Scope& scope,
                       std::vector<OutputColumn>& outputs, QueryUse use) {
  if (item.expr->kind == sql::ExprKind::kStar) return ExpandStar(*item.expr, scope, outputs);
  OutputColumn output;
  const std::size_t changes = edits_.count();
  const bool compared = use == QueryUse::kEquality;
  const sql::Expr& inner = Inner(*item.expr);
  const bool by_prefix = compared && snapshot_.catalog->is_mariadb;
  if (by_prefix && inner.kind == sql::ExprKind::kColumn) scope.compared_item = inner.name.column;
  const bool enclosing = std::exchange(in_item_, true);
  const bool typed = compared ? TypeCompared(*item.expr, scope, output.type)
                              : Type(*item.expr, scope, output.type);
  in_item_ = enclosing;
  scope.compared_item = sql::kNoToken;
  if (!typed) return false;
  output.name_token = item.alias;
  if (item.alias == sql::kNoToken && inner.kind == sql::ExprKind::kColumn) {
    output.name_token = inner.name.column;
  }
  TakeName(item, output);
  if (item.alias == sql::kNoToken && changes != edits_.count()) {
    output.hidden_name = NameItem(*item.expr);
  }
  output.as_written = changes == edits_.count();
  output.leaves.push_back({item.expr, output.type});
  outputs.push_back(std::move(output));
  return true;
}

// As the server names it, which takes no blanks and control characters in front, and
// MySQL nothing from a NUL on.
void Planner::TakeName(const sql::SelectItem& item, OutputColumn& output) {
  output.name = Folded(output.name_token);
  const auto begins = [](char c) { return !(c >= 0 && c <= ' ') && c != 0x7F; };
  output.name.erase(output.name.begin(),
                    std::find_if(output.name.begin(), output.name.end(), begins));
  if (!snapshot_.catalog->is_mariadb) output.name = output.name.substr(0, output.name.find('\0'));
  if (output.name.empty()) TakeWord(Named(*item.expr), output);
}

void Planner::TakeWord(const sql::Expr& expr, OutputColumn& output) {
  const sql::Span span = expr.span;
  if (expr.kind == sql::ExprKind::kColumn) {
    output.word = Folded(expr.name.column);
    return;
  }
  if (expr.kind == sql::ExprKind::kCase) return;  // its text has blanks in it
  const auto first = tokens_.tokens.begin() + span.first;
  const bool word =
      std::none_of(first, first + (span.last - span.first + 1),
                   [](const auto& token) { return token.kind == sql::TokenKind::kOperator; });
  const bool names_itself = sql::IsWord(tokens_, span.first, "NAME_CONST");
  if (!word && !names_itself) return;
  if (span.first != span.last) {
    output.word = "*";
    return;
  }
  const sql::TokenKind kind = first->kind;
  output.in_string = kind == sql::TokenKind::kString || kind == sql::TokenKind::kNationalString;
  output.word = IsNumber(kind) ? "0" : Folded(span.first);
}

// A changed expression keeps the name that the server would give it. A name that a
// value of the statement is part of stays with the proxy, which has to see the result.
// Whether it is such a name.
bool Planner::NameItem(const sql::Expr& expr) {
  Piece piece{" AS ", SealAs::kPlain, expr.span.first, expr.span.last, 0, true};
  if (Inner(expr).kind == sql::ExprKind::kColumn) {
    piece.value_first = piece.value_last = Inner(expr).name.column;
  }
  for (std::uint32_t i = piece.value_first; i <= piece.value_last; ++i) {
    const sql::TokenKind kind = tokens_.tokens[i].kind;
    const bool name = kind == sql::TokenKind::kWord || kind == sql::TokenKind::kQuotedIdentifier ||
                      kind == sql::TokenKind::kOperator;
    piece.hidden = piece.hidden || !name;
  }
  const bool hidden = piece.hidden;
  if (!hidden || shows_result_) {
    edits_.Append(expr.span.last, Edits::Around::kName, std::move(piece));
  }
  return hidden;
}

// VALUES ROW(1, 'a'), ROW(2, 'b'): each column has a branch per row.
bool Planner::PlanValues(const sql::Query& query, Scope& scope,
                         std::vector<OutputColumn>& outputs) {
  const std::size_t changes = edits_.count();
  for (std::size_t i = 0; i < query.rows.size(); ++i) {
    if (i == 0) outputs.resize(query.rows[0].size());
    for (OutputColumn& output : outputs) {
      output.word = "*";
      output.of_row = true;
    }
    if (query.rows[i].size() != outputs.size()) {
      return Refuse(TypeRefusal(1136, "21S01",
                                "column count does not match value count" + At(query.span.first)));
    }
    for (std::size_t column = 0; column < outputs.size(); ++column) {
      OutputColumn& output = outputs[column];
      ExprType type;
      if (!Type(*query.rows[i][column], scope, type)) return false;
      if (type.kind == Kind::kProtected) {
        return RefuseAt(query.rows[i][column]->span.first,
                        plan_.targets[type.target].protection->QualifiedName(), "VALUES");
      }
      if (i == 0 || type.kind == Kind::kPlain) output.type = type;
      output.leaves.push_back({query.rows[i][column], type});
    }
    // MariaDB names the columns by the texts of the first row.
    if (i == 0 && snapshot_.catalog->is_mariadb && changes != edits_.count()) {
      return Refuse(Unsupported(
          "VALUES of what compares or yields protected columns, in the first row, is not supported "
          "on MariaDB" +
          At(query.span.first)));
    }
  }
  return true;
}

bool Planner::ExpandStar(const sql::Expr& star, const Scope& scope,
                         std::vector<OutputColumn>& outputs) {
  const std::string table = Folded(star.name.table);
  const std::string schema = Folded(star.name.schema);
  if (table.empty() && scope.has_using) return ExpandJoin(star, scope, outputs);
  bool any = false;
  for (const Source& source : scope.sources) {
    if (!table.empty() && source.alias != table) continue;
    if (!schema.empty() && source.schema != schema) continue;
    any = true;
    if (!AddSourceOutputs(source, star.span.first, outputs)) return false;
  }
  if (!any) return Refuse(TypeRefusal(1051, "42S02", "unknown table" + At(star.span.first)));
  return true;
}

// The * of a join that has common columns in front, once: any number of plain ones.
bool Planner::ExpandJoin(const sql::Expr& star, const Scope& scope,
                         std::vector<OutputColumn>& outputs) {
  for (const Source& source : scope.sources) {
    const bool is_view = source.derived && !source.schema.empty();
    if (source.table == nullptr && !is_view && !HasProtected(source.outputs)) continue;
    return Refuse(
        Unsupported("SELECT * over JOIN … USING with a protected table is not "
                    "supported; name the columns" +
                    At(star.span.first)));
  }
  outputs.emplace_back();
  outputs.back().gap = true;
  return true;
}

// Each * over another doubles them, and each WITH within another has those around it:
// what takes few bytes to write may mean any number.
bool Planner::CopiesColumns(std::size_t count, std::uint32_t token) {
  constexpr std::size_t kMost = 200'000;
  copied_columns_ += count;
  if (copied_columns_ <= kMost) return true;
  return Refuse(
      Unsupported("a statement whose derived and common tables and * mean more than 200000 columns "
                  "is not supported on a protected table" +
                  At(token)));
}

bool Planner::CopyTables(const CommonTables& tables, std::uint32_t token,
                         std::optional<CommonTables>& copy) {
  std::size_t columns = 0;
  for (const auto& [name, table] : tables) columns += table.outputs.size() + 1;
  if (!CopiesColumns(columns, token)) return false;
  copy = tables;
  return true;
}

bool Planner::AddSourceOutputs(const Source& source, std::uint32_t token,
                               std::vector<OutputColumn>& outputs) {
  if (source.unknown()) {
    outputs.emplace_back();
    outputs.back().gap = true;
    return true;
  }
  if (source.derived) {
    if (!CopiesColumns(source.outputs.size(), token)) return false;
    for (OutputColumn output : source.outputs) {
      if (output.type.kind == Kind::kValue) output.type = {};
      output.fixed = output.deduplicated = false;
      output.leaves = {{nullptr, output.type}};
      outputs.push_back(std::move(output));
    }
    return true;
  }
  if (!CopiesColumns(source.table->columns.size(), token)) return false;
  for (const policy::CatalogColumn& column : source.table->columns) {
    if (column.invisible) continue;
    OutputColumn output;
    output.shown_name = column.name;
    policy::FoldName(column.name, output.name);
    if (!TypeBaseColumn(source, column, token, output.type)) return false;
    output.leaves.push_back({nullptr, output.type});
    outputs.push_back(std::move(output));
  }
  return true;
}

bool Planner::PlanOrder(std::span<sql::OrderItem> items, Scope& scope,
                        std::vector<OutputColumn>& outputs) {
  for (const sql::OrderItem& item : items) {
    OutputColumn* found = nullptr;
    if (!PlanPosition(*item.expr, outputs, "ORDER BY", &found)) return false;
    if (found != nullptr && found->type.kind == Kind::kProtected) {
      return RefuseAt(item.span.first,
                      plan_.targets[found->type.target].protection->QualifiedName(), "ORDER BY");
    }
    NoteWholeItem(*item.expr, scope);
    if (!TypePlain(*item.expr, scope, "ORDER BY")) return false;
    const sql::Expr& expr = Inner(*item.expr);
    Fix(outputs, expr.kind == sql::ExprKind::kColumn ? Folded(expr.name.column) : "");
  }
  return true;
}

void Planner::NoteWholeItem(const sql::Expr& item, Scope& scope) {
  const sql::Expr& expr = Inner(item);
  scope.whole_item = expr.kind == sql::ExprKind::kColumn ? expr.name.column : sql::kNoToken;
}

// GROUP BY and ORDER BY also take the number of a result column. The number is
// no part of a statement's shape, so the plan is for this text alone.
bool Planner::PlanPosition(const sql::Expr& expr, std::vector<OutputColumn>& outputs,
                           std::string_view construct, OutputColumn** found) {
  *found = nullptr;
  const sql::Expr* core = nullptr;
  if (!IsValue(expr, &core)) return true;
  if (!HasProtected(outputs)) return true;
  if (core->kind == sql::ExprKind::kLiteral) {
    const bool other = core->literal == sql::Literal::kString ||
                       core->literal == sql::Literal::kNull ||
                       core->literal == sql::Literal::kTemporal;
    if (other) return true;
  }
  const bool number = core->kind == sql::ExprKind::kLiteral &&
                      core->literal == sql::Literal::kInteger && core == &expr;
  bool gap = false;
  for (const OutputColumn& output : outputs) gap = gap || output.gap;
  if (!number || gap) {
    return Refuse(Unsupported(std::string(construct) +
                              " with a value that may be the number of a protected column is not "
                              "supported; name the column" +
                              At(expr.span.first)));
  }
  plan_.cacheable = false;
  const std::string_view text = tokens_.Text(core->span.first);
  std::size_t position = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), position);
  const bool known = read.ec == std::errc() && read.ptr == text.data() + text.size() &&
                     position >= 1 && position <= outputs.size();
  if (!known) {
    return Refuse(TypeRefusal(1054, "42S22", "unknown column" + At(core->span.first)));
  }
  *found = &outputs[position - 1];
  return true;
}

bool Planner::AllPlain(const std::vector<OutputColumn>& outputs, std::uint32_t token,
                       std::string_view construct) {
  for (const OutputColumn& output : outputs) {
    if (output.type.kind != ExprType::Kind::kProtected) continue;
    return RefuseAt(token, plan_.targets[output.type.target].protection->QualifiedName(),
                    construct);
  }
  return true;
}

}  // namespace sealgate::rewrite
