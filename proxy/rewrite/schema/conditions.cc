#include "proxy/rewrite/schema/conditions.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::ExprKind;

// Of one row's values. Any other function may be an aggregate one.
constexpr std::string_view kOfOneRow[] = {
    "ABS",
    "ASCII",
    "CAST",
    "CEIL",
    "CEILING",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "COALESCE",
    "CONCAT",
    "CONCAT_WS",
    "CONVERT",
    "ELT",
    "FIELD",
    "FIND_IN_SET",
    "FLOOR",
    "FORMAT",
    "GREATEST",
    "HEX",
    "IF",
    "IFNULL",
    "INSTR",
    "ISNULL",
    "JSON_ARRAY",
    "JSON_OBJECT",
    "JSON_QUOTE",
    "LCASE",
    "LEAST",
    "LEFT",
    "LENGTH",
    "LOCATE",
    "LOWER",
    "LPAD",
    "LTRIM",
    "MD5",
    "MID",
    "MOD",
    "NULLIF",
    "NVL",
    "NVL2",
    "OCTET_LENGTH",
    "POSITION",
    "QUOTE",
    "REGEXP_INSTR",
    "REGEXP_LIKE",
    "REGEXP_REPLACE",
    "REGEXP_SUBSTR",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "ROUND",
    "RPAD",
    "RTRIM",
    "SPACE",
    "STRCMP",
    "SUBSTR",
    "SUBSTRING",
    "SUBSTRING_INDEX",
    "TRIM",
    "TRUNCATE",
    "UCASE",
    "UNHEX",
    "UPPER",
};

bool IsOfOneRow(std::string_view name) {
  return std::any_of(std::begin(kOfOneRow), std::end(kOfOneRow),
                     [name](std::string_view each) { return sql::EqualsKeyword(name, each); });
}

// ORDER BY 2, (2), +2.
bool IsPlace(const sql::Expr& expr) {
  if (expr.kind == ExprKind::kParenthesis || expr.kind == ExprKind::kUnary) {
    return IsPlace(*expr.args[0]);
  }
  return expr.kind == ExprKind::kLiteral && expr.literal == sql::Literal::kInteger;
}

class StoredUse {
 public:
  StoredUse(const sql::TokenList& tokens, const StoredNames& names, bool rows_differ)
      : tokens_(tokens), names_(names), rows_differ_(rows_differ) {}

  std::optional<std::uint32_t> FindUse(const sql::Query& query) {
    if (!ReadQuery(query)) return names_.Find();
    if (block_ != nullptr) {
      if (const auto found = FindInBlock(*block_)) return found;
    }
    if (const auto place = FindPlace()) return place;
    return FindOutside();
  }

 private:
  // False: it is no single SELECT or TABLE that only shows.
  bool ReadQuery(const sql::Query& query) {
    if (!query.with.empty() || query.into != sql::kNoToken) return false;
    AddOrder(query.order_by);
    switch (query.kind) {
      case sql::QueryKind::kNested:
        return ReadQuery(*query.left);
      case sql::QueryKind::kTable:
        last_ = query.table.table;
        all_ = true;
        return true;
      case sql::QueryKind::kSelect:
        return ReadBlock(*query.select);
      default:
        return false;
    }
  }

  bool ReadBlock(const sql::SelectBlock& block) {
    if (block.into != sql::kNoToken || block.procedure != sql::kNoToken) return false;
    block_ = &block;
    AddOrder(block.group_by);
    first_ = block.items.front().span.first;
    last_ = block.items.back().span.last;
    for (const sql::SelectItem& item : block.items) {
      const bool tells = names_.Find(item.span.first, item.span.last).has_value();
      all_ = all_ || item.expr->kind == ExprKind::kStar;
      items_.push_back(tells);
      if (tells && item.alias != sql::kNoToken) aliases_.insert(FoldedName(tokens_, item.alias));
    }
    return true;
  }

  void AddOrder(std::span<sql::OrderItem> order) {
    for (const sql::OrderItem& item : order) {
      if (IsPlace(*item.expr)) places_.push_back(item.span.first);
    }
  }

  std::optional<std::uint32_t> FindInBlock(const sql::SelectBlock& block) const {
    for (const sql::TableRef* table : block.from) {
      if (const auto found = FindInTable(*table)) return found;
    }
    for (const sql::SelectItem& item : block.items) {
      if (!Shows(*item.expr)) return names_.Find(item.span.first, item.span.last);
    }
    return block.distinct && !rows_differ_ ? names_.Find(first_, last_) : std::nullopt;
  }

  std::optional<std::uint32_t> FindInTable(const sql::TableRef& table) const {
    if (table.kind == sql::TableKind::kTable) return std::nullopt;
    if (table.kind != sql::TableKind::kJoin) return names_.Find(table.span.first, table.span.last);
    const auto left = FindInTable(*table.left);
    return left ? left : FindInTable(*table.right);
  }

  // Whether it makes a row's value of the row, without choosing others by it.
  bool Shows(const sql::Expr& expr) const {
    if (!names_.Find(expr.span.first, expr.span.last)) return true;
    return expr.query == nullptr && IsOfRow(expr) &&
           std::all_of(expr.args.begin(), expr.args.end(),
                       [this](const sql::Expr* arg) { return Shows(*arg); });
  }

  bool IsOfRow(const sql::Expr& expr) const {
    switch (expr.kind) {
      case ExprKind::kFunction:
        return !expr.distinct && expr.name.schema == sql::kNoToken &&
               IsOfOneRow(tokens_.Text(expr.name.table));
      case ExprKind::kColumn:
      case ExprKind::kStar:
      case ExprKind::kUnary:
      case ExprKind::kBinary:
      case ExprKind::kComparison:
      case ExprKind::kAnd:
      case ExprKind::kOr:
      case ExprKind::kIn:
      case ExprKind::kBetween:
      case ExprKind::kLike:
      case ExprKind::kIs:
      case ExprKind::kCase:
      case ExprKind::kCast:
      case ExprKind::kCollate:
      case ExprKind::kParenthesis:
        return true;
      default:
        return false;
    }
  }

  // A place among the items that is, or may be, one of those.
  std::optional<std::uint32_t> FindPlace() const {
    const bool any = all_ || std::find(items_.begin(), items_.end(), true) != items_.end();
    for (const std::uint32_t place : places_) {
      if (any && !IsOther(place)) return place;
    }
    return std::nullopt;
  }

  bool IsOther(std::uint32_t token) const {
    const std::string_view digits = tokens_.Text(token);
    std::size_t place = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), place);
    return !all_ && place > 0 && place <= items_.size() && !items_[place - 1];
  }

  std::optional<std::uint32_t> FindOutside() const {
    for (std::uint32_t i = 0; i + 1 < tokens_.tokens.size(); ++i) {
      if (i >= first_ && i <= last_) continue;
      const sql::TokenKind kind = tokens_.tokens[i].kind;
      const bool name = kind == sql::TokenKind::kWord || kind == sql::TokenKind::kQuotedIdentifier;
      if (names_.Tells(i) || (name && aliases_.contains(FoldedName(tokens_, i)))) return i;
    }
    return std::nullopt;
  }

  const sql::TokenList& tokens_;
  const StoredNames& names_;
  const bool rows_differ_;
  const sql::SelectBlock* block_ = nullptr;
  // The select list.
  std::uint32_t first_ = 0;
  std::uint32_t last_ = 0;
  std::vector<bool> items_;  // which tell
  bool all_ = false;         // there are more columns than items
  std::set<std::string> aliases_;
  std::vector<std::uint32_t> places_;  // ORDER BY 2
};

}  // namespace

std::optional<std::uint32_t> FindStoredUse(const sql::Statement* statement,
                                           const sql::TokenList& tokens,
                                           const StoredOtherwise& stored, bool rows_differ) {
  // Behind an illegal token, or within a comment, may be anything.
  if (stored.type && (tokens.has_illegal || tokens.has_executable_comment)) return 0;
  const StoredNames names(tokens, stored);
  const auto found = names.Find();
  const bool select = statement != nullptr && statement->kind == sql::StatementKind::kSelect &&
                      statement->query != nullptr;
  if (!found || !select) return found;
  return StoredUse(tokens, names, rows_differ).FindUse(*statement->query);
}

bool MayShowDefault(const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (IsNamed(tokens, i, "COLUMN_DEFAULT") || ShowsAllColumns(tokens, i)) return true;
  }
  return tokens.has_illegal || tokens.has_executable_comment;
}

}  // namespace sealgate::rewrite
