// UNION, INTERSECT and EXCEPT of searchable columns, whose stored values differ
// where the plaintext is equal: the rows of both queries are put together and
// grouped, as group.cc does it for one query. With s for `sealgate`:
//
//   a UNION b   ->  SELECT s.`id` AS `id`, MIN(s.`email`) AS `email`
//                     FROM (a UNION ALL b) AS s GROUP BY s.`id`, LEFT(s.`email`,22)
//
// The others remember of each row which query it is of:
//
//   a EXCEPT b  ->  SELECT s.`id` AS `id`, MIN(IF(s_side = 0, s.`email`, NULL)) AS `email`
//                     FROM (SELECT s_left.*, 0 AS s_side FROM (a) AS s_left UNION ALL
//                           SELECT s_right.*, 1 FROM (b) AS s_right) AS s
//                     GROUP BY s.`id`, LEFT(s.`email`,22) HAVING MAX(s_side) = 0
//
// Columns without a name, or of one name, are named by position, which MariaDB
// offers for common tables only: FROM (WITH s (s_1, s_2) AS (a UNION ALL b) SELECT
// * FROM s) AS s. (And those not behind a WITH in parentheses.)
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using sql::TokenKind;

constexpr std::string_view kRows = "sealgate";
constexpr std::string_view kLeft = "sealgate_left";
constexpr std::string_view kRight = "sealgate_right";
constexpr std::string_view kSide = "sealgate_side";

// Options of a SELECT that say something of the whole statement, and that the
// servers take in its first query only.
constexpr std::array<std::string_view, 5> kWholeOptions{
    "HIGH_PRIORITY", "SQL_BUFFER_RESULT", "SQL_CACHE", "SQL_CALC_FOUND_ROWS", "SQL_NO_CACHE"};

std::string Column(std::size_t index) { return "sealgate_" + std::to_string(index + 1); }

std::string Columns(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) list += ", ";
    list += Column(i);
  }
  return list;
}

const sql::Query& FirstQuery(const sql::Query& query) {
  const sql::Query* at = &query;
  while (at->kind == sql::QueryKind::kSetOperation || at->kind == sql::QueryKind::kNested) {
    at = at->left;
  }
  return *at;
}

// Where the queries themselves begin, behind a WITH.
std::uint32_t FirstToken(const sql::Query& query) {
  const sql::Query* at = &query;
  while (at->kind == sql::QueryKind::kSetOperation) at = at->left;
  return at->span.first;
}

sql::Span OperatorOf(const sql::Query& query) {
  return {query.set_token, query.set_option == sql::kNoToken ? query.set_token : query.set_option};
}

}  // namespace

// Whether what the statement yields is what the set operation yields, which
// names no table.
bool Planner::ShowsGroups(const sql::Query& query, const sql::Query* grouped) {
  const sql::Query* at = &query;
  while (at->kind == sql::QueryKind::kNested) at = at->left;
  return at == grouped;
}

// ORDER BY an expression over a group's value, which neither server takes by its name.
bool Planner::OrdersByNames(const sql::Query& query, const std::vector<OutputColumn>& outputs) {
  for (const sql::OrderItem& item : query.order_by) {
    if (Inner(*item.expr).kind == sql::ExprKind::kColumn) continue;
    for (const OutputColumn& output : outputs) {
      if (output.type.kind != ExprType::Kind::kProtected) continue;
      for (std::uint32_t at = item.span.first; at <= item.span.last; ++at) {
        if (Folded(at) != output.name) continue;
        return RefuseAt(at, plan_.targets[output.type.target].protection->QualifiedName(),
                        "ORDER BY of an expression over a set operation");
      }
    }
  }
  return true;
}

// ORDER BY an aggregate or window function, which the servers refuse of a set operation and
// not of its groups.
bool Planner::OrdersByRows(const sql::Query& query, const Scope& scope,
                           const std::vector<OutputColumn>& outputs) {
  bool refuse = scope.aggregated;
  for (const sql::OrderItem& item : query.order_by) {
    for (std::uint32_t at = item.span.first; at <= item.span.last; ++at) {
      refuse = refuse || sql::IsWord(tokens_, at, "OVER") || sql::IsWord(tokens_, at, "GROUPING");
    }
  }
  const auto sealed = std::find_if(outputs.begin(), outputs.end(), [this](const auto& output) {
    return IsSearchable(output.type);
  });
  if (!refuse || sealed == outputs.end()) return true;
  return RefuseAt(query.order_by.front().span.first,
                  plan_.targets[sealed->type.target].protection->QualifiedName(),
                  "ORDER BY of an aggregate, window or stored function over a set operation");
}

void Planner::KeepAllRows(const sql::Query& query) {
  edits_.Replace(OperatorOf(query), "UNION ALL");
}

// Whether the server can be told the columns by their names.
bool Planner::HaveOwnNames(const std::vector<OutputColumn>& outputs) const {
  std::set<std::string> names;
  for (const OutputColumn& output : outputs) {
    const bool named = output.name_token != sql::kNoToken
                           ? tokens_.tokens[output.name_token].kind != TokenKind::kString
                           : !output.shown_name.empty();
    if (!named || !names.insert(output.name).second) return false;
  }
  return true;
}

bool Planner::MayGroup(const Grouping& grouping, const Scope* outer, const CommonTables& visible) {
  const sql::Query& query = grouping.query;
  const std::string& name = grouping.name;
  const std::string construct(tokens_.Text(query.set_token));
  // It might mention columns of the query around it, which a derived table may not.
  if (outer != table_scope_) {
    return RefuseAt(query.set_token, name, construct + " in a subquery that yields its value");
  }
  if (query.locking != sql::kNoToken) {
    return RefuseAt(query.locking, name, construct + " with FOR UPDATE or FOR SHARE");
  }
  // MariaDB does not find one common table from within another further in.
  if (!grouping.by_name && snapshot_.catalog->is_mariadb && !visible.empty()) {
    return RefuseAt(query.set_token, name,
                    construct + " beside WITH, of columns without names of their own,");
  }
  const sql::Query& first = FirstQuery(query);
  const std::uint32_t end =
      first.select != nullptr ? first.select->items.front().span.first : first.span.first;
  for (std::uint32_t i = first.span.first; i < end; ++i) {
    for (const std::string_view option : kWholeOptions) {
      if (!sql::EqualsKeyword(tokens_.Text(i), option)) continue;
      return RefuseAt(i, name, construct + " with " + std::string(option));
    }
  }
  for (std::uint32_t i = query.span.first; i <= query.span.last; ++i) {
    const TokenKind kind = tokens_.tokens[i].kind;
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) continue;
    const std::string folded = Folded(i);
    if (folded != kLeft && folded != kRight && folded != kSide) continue;
    return RefuseAt(i, name, construct + " beside a name that Sealgate needs itself");
  }
  return true;
}

// The name that the server gives the column, as an alias: of an expression, its
// text, unless a value of a protected column might be in it.
bool Planner::NameOutput(const OutputColumn& output, Piece& piece) const {
  piece = {" AS ", SealAs::kPlain, 0, 0, 0};
  if (output.name_token != sql::kNoToken) {
    const std::string_view text = tokens_.Text(output.name_token);
    const TokenKind kind = tokens_.tokens[output.name_token].kind;
    if (kind == TokenKind::kString) {
      piece.text += text;
      return true;
    }
    std::string name(text);
    if (kind == TokenKind::kQuotedIdentifier) {
      name.clear();
      sql::UnquoteIdentifier(text, name);
    }
    sql::AppendQuotedIdentifier(name, piece.text);
    return true;
  }
  if (!output.shown_name.empty()) {
    sql::AppendQuotedIdentifier(output.shown_name, piece.text);
    return true;
  }
  if (output.leaves.empty() || output.leaves[0].expr == nullptr) return false;
  const sql::Expr& expr = *output.leaves[0].expr;
  const TokenKind head = tokens_.tokens[expr.span.first].kind;
  const bool string = head == TokenKind::kString || head == TokenKind::kNationalString ||
                      expr.kind == sql::ExprKind::kIntroducer;
  if (string || !output.as_written || output.type.kind == Kind::kProtected) return false;
  piece.name = true;
  piece.value_first = expr.span.first;
  piece.value_last = expr.span.last;
  return true;
}

// The column of the rows that are grouped.
std::string Planner::GroupedColumn(const Grouping& grouping, std::size_t index) const {
  std::string column(kRows);
  column += '.';
  if (!grouping.by_name) return column + Column(index);
  Piece piece;
  NameOutput(grouping.left[index], piece);
  return column + piece.text.substr(std::string_view(" AS ").size());
}

// The select list over the groups.
bool Planner::SelectGroups(const Grouping& grouping, std::vector<Piece>& pieces) {
  const sql::Query& query = grouping.query;
  for (std::size_t i = 0; i < grouping.left.size(); ++i) {
    Piece piece;
    if (!NameOutput(grouping.left[i], piece)) {
      return RefuseAt(
          query.set_token, grouping.name,
          std::string(tokens_.Text(query.set_token)) + " of an expression without an alias");
    }
    std::string value = GroupedColumn(grouping, i);
    if (IsSearchable(grouping.left[i].type)) {
      const std::string own = "IF(" + std::string(kSide) + " = 0, " + value + ", NULL)";
      value = "MIN(" + (IsUnion(query) ? value : own) + ")";
    }
    piece.text.insert(0, (i == 0 ? "SELECT " : ", ") + value);
    pieces.push_back(std::move(piece));
  }
  return true;
}

void Planner::EditByName(const Grouping& grouping, std::string& before, std::string& after) {
  if (IsUnion(grouping.query)) return KeepAllRows(grouping.query);
  const std::string left(kLeft);
  const std::string right(kRight);
  before = "SELECT " + left + ".*, 0 AS " + std::string(kSide) + " FROM (";
  edits_.Replace(OperatorOf(grouping.query),
                 ") AS " + left + " UNION ALL SELECT " + right + ".*, 1 FROM (");
  after = ") AS " + right;
}

void Planner::EditByPosition(const Grouping& grouping, std::string& before, std::string& after) {
  const std::string columns = Columns(grouping.left.size());
  const std::string rows(kRows);
  const std::string select = ") SELECT * FROM " + rows;
  if (IsUnion(grouping.query)) {
    before = "WITH " + rows + " (" + columns + ") AS (";
    after = select;
    return KeepAllRows(grouping.query);
  }
  const std::string left(kLeft);
  const std::string right(kRight);
  before = "WITH " + left + " (" + columns + ") AS (";
  edits_.Replace(OperatorOf(grouping.query), "), " + right + " (" + columns + ") AS (");
  after = "), " + rows + " (" + columns + ", " + std::string(kSide) + ") AS (SELECT *, 0 FROM " +
          left + " UNION ALL SELECT *, 1 FROM " + right + select;
}

// Behind the derived tables of INTERSECT and EXCEPT a text is none that MariaDB would convert
// to a column's character set.
bool Planner::RefuseTextsBesideColumns(const Grouping& grouping) {
  if (IsUnion(grouping.query) || !snapshot_.catalog->is_mariadb) return true;
  for (const OutputColumn& output : grouping.left) {
    bool text = false;
    bool column = false;
    for (const Leaf& leaf : output.leaves) {
      column = column || leaf.type.kind == Kind::kPlain;
      if (leaf.type.kind != Kind::kValue || leaf.expr == nullptr) continue;
      const sql::Expr& value = Inner(*leaf.expr);
      const bool number = value.kind == sql::ExprKind::kLiteral &&
                          (value.literal == sql::Literal::kInteger || IsNullLiteral(value));
      text = text || !number;
    }
    if (!text || !column) continue;
    return RefuseAt(grouping.query.set_token, grouping.name,
                    std::string(tokens_.Text(grouping.query.set_token)) +
                        " with a text or parameter beside a plain column");
  }
  return true;
}

bool Planner::GroupSetOperation(Grouping grouping, const Scope* outer,
                                const CommonTables& visible) {
  const sql::Query& query = grouping.query;
  grouping.by_name =
      HaveOwnNames(grouping.left) && (IsUnion(query) || HaveOwnNames(grouping.right));
  if (!MayGroup(grouping, outer, visible) || !RefuseTextsBesideColumns(grouping)) return false;
  std::vector<Piece> pieces;
  if (!SelectGroups(grouping, pieces)) return false;
  std::string keys;
  std::string prefixes;  // last: what follows may be a word, and touch
  for (std::size_t i = 0; i < grouping.left.size(); ++i) {
    const std::string column = GroupedColumn(grouping, i);
    if (IsSearchable(grouping.left[i].type)) {
      prefixes += (prefixes.empty() ? "LEFT(" : ", LEFT(") + column + Edits::EqualityEnd();
    } else {
      keys += column + ", ";
    }
  }
  std::string before;
  std::string after;
  if (grouping.by_name) {
    EditByName(grouping, before, after);
  } else {
    EditByPosition(grouping, before, after);
  }
  after += ") AS " + std::string(kRows) + " GROUP BY " + keys + prefixes;
  const std::string side(kSide);
  if (sql::EqualsKeyword(tokens_.Text(query.set_token), "INTERSECT")) {
    after += " HAVING MIN(" + side + ") < MAX(" + side + ")";
  } else if (!IsUnion(query)) {
    after += " HAVING MAX(" + side + ") = 0";
  }
  pieces.push_back({" FROM (" + before, SealAs::kPlain, 0, 0, 0});
  const sql::Span span{FirstToken(query), query.right->span.last};
  edits_.Append(span.last, Edits::Around::kBlock, std::move(after));
  edits_.Wrap(span, "", "", std::move(pieces));
  last_grouped_ = &query;
  return true;
}

}  // namespace sealgate::rewrite
