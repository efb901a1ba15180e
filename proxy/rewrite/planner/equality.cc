// What is compared for equality with each other, whatever the construct: whether it may
// be, and what becomes of it.
#include <algorithm>

#include "proxy/rewrite/planner/planner.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using sql::ExprKind;

// Whether equal values of the two types have equal canonical bytes and weights.
bool Comparable(const policy::LogicalType& a, const policy::LogicalType& b) {
  if (a == b) return true;
  if (policy::IsText(a.kind) && policy::IsText(b.kind)) {
    return a.charset == b.charset && a.collation == b.collation;
  }
  if (policy::IsInteger(a.kind) && policy::IsInteger(b.kind)) {
    return a.is_unsigned == b.is_unsigned;
  }
  return policy::IsBinary(a.kind) && policy::IsBinary(b.kind);
}

}  // namespace

// Operands of as many columns each, compared column by column.
bool Planner::CompareOperands(const std::vector<std::vector<Position>>& operands,
                              std::uint32_t token, std::string_view construct) {
  std::size_t columns = 0;
  for (const auto& operand : operands) columns = std::max(columns, operand.size());
  for (std::size_t i = 0; i < columns; ++i) {
    Position all;
    for (const auto& operand : operands) {
      // One that is too short is the server's to refuse, if nothing is protected.
      if (i < operand.size()) {
        all.insert(all.end(), operand[i].begin(), operand[i].end());
      } else {
        all.emplace_back();
      }
    }
    if (!UnifyEquality(all, token, construct, Strings::kAsFloats)) return false;
  }
  return true;
}

// The servers compare each of the others with the first alone, and two values as they
// are: '5' IN ('05', a) and CASE '5' WHEN '05' … WHEN a … of a number.
bool Planner::RefuseValueBesideValue(const Position& first, const Position& others,
                                     std::string_view construct) {
  const auto value = [](const Leaf& leaf) {
    return leaf.type.kind == Kind::kValue && leaf.expr != nullptr &&
           !IsNullLiteral(Inner(*leaf.expr));
  };
  const auto is_protected = [](const Leaf& leaf) { return leaf.type.kind == Kind::kProtected; };
  const auto left = std::find_if(first.begin(), first.end(), value);
  if (left == first.end() || std::none_of(others.begin(), others.end(), value)) return true;
  auto column = std::find_if(others.begin(), others.end(), is_protected);
  if (column == others.end()) {
    column = std::find_if(first.begin(), first.end(), is_protected);
    if (column == first.end()) return true;
  }
  return RefuseAt(left->expr->span.first,
                  plan_.targets[column->type.target].protection->QualifiedName(),
                  std::string(construct) + " of a value with other values");
}

// The columns of one operand that are compared with those of the others.
bool Planner::RefuseValuesBesideValues(const std::vector<std::vector<Position>>& operands,
                                       std::string_view construct) {
  for (std::size_t i = 0; i < operands[0].size(); ++i) {
    Position others;
    for (std::size_t k = 1; k < operands.size(); ++k) {
      if (i >= operands[k].size()) continue;
      others.insert(others.end(), operands[k][i].begin(), operands[k][i].end());
    }
    if (!RefuseValueBesideValue(operands[0][i], others, construct)) return false;
  }
  return true;
}

// ('A', 1) IN ((a, 1), (b, 1)): the servers compare as the left row is, and MariaDB does not
// convert its texts.
bool Planner::RefuseValueBesideRows(const std::vector<std::vector<Position>>& operands) {
  for (std::size_t i = 0; i < operands[0].size(); ++i) {
    for (const Leaf& leaf : operands[0][i]) {
      if (leaf.type.kind != Kind::kValue || leaf.expr == nullptr) continue;
      for (std::size_t k = 1; k < operands.size(); ++k) {
        if (i >= operands[k].size()) continue;
        for (const Leaf& other : operands[k][i]) {
          if (other.type.kind != Kind::kProtected) continue;
          return RefuseAt(leaf.expr->span.first,
                          plan_.targets[other.type.target].protection->QualifiedName(),
                          "IN of a value in a row with several rows");
        }
      }
    }
  }
  return true;
}

// MariaDB moves a condition on a derived table into its queries, where it compares their
// literals by the connection's collation and not by the column's.
bool Planner::RefuseWithLiterals(const ExprType& type, std::uint32_t token,
                                 std::string_view construct) {
  if (!type.with_literals || !snapshot_.catalog->is_mariadb) return true;
  return RefuseAt(token, plan_.targets[type.target].protection->QualifiedName(),
                  std::string(construct) + " of what a set operation puts beside literals");
}

// A literal or parameter among what is compared with the column `target`.
bool Planner::MayCompareLiteral(const Leaf& leaf, std::uint32_t target,
                                std::string_view construct) {
  // A sealed parameter would pass through a column of text there, and an introducer's
  // collation may not mix with that of others.
  const sql::Expr& value = Inner(*leaf.expr);
  const bool parameter = value.kind == ExprKind::kParameter;
  const bool taken =
      !parameter && value.kind != ExprKind::kIntroducer && TakesLiteralOfQuery(target);
  if (!leaf.from_query || IsNullLiteral(value) || taken) return true;
  return RefuseAt(leaf.expr->span.first, plan_.targets[target].protection->QualifiedName(),
                  std::string(construct) +
                      (parameter ? " with a subquery's parameter"
                                 : " with a subquery's literal under this character set or type"));
}

// Another column, or the same.
bool Planner::MayCompareColumn(const Leaf& leaf, std::uint32_t target, std::uint32_t token,
                               std::string_view construct) {
  const std::uint32_t at = leaf.expr != nullptr ? leaf.expr->span.first : token;
  if (!SameValues(target, leaf.type.target, token, construct)) return false;
  if (!MayCompare(leaf.type.target, token, construct)) return false;
  if (stored_ && !ComparesPrefix(leaf.type, at, construct)) return false;
  if (leaf.expr != nullptr || !IsSearchable(leaf.type)) return true;
  return RefuseAt(at, plan_.targets[target].protection->QualifiedName(),
                  std::string(construct) + " with a column of *");
}

// email = 'x' IN ('y'), CASE email = 'x' WHEN 'y' …
bool Planner::RefuseStringsBesideTruth(const Position& leaves) {
  const bool truth = std::any_of(leaves.begin(), leaves.end(), [](const Leaf& leaf) {
    return leaf.expr != nullptr && IsTruth(*leaf.expr);
  });
  if (!truth) return true;
  return std::all_of(leaves.begin(), leaves.end(), [this](const Leaf& leaf) {
    return leaf.expr == nullptr || RefuseStringAsTruth(*leaf.expr);
  });
}

// Rows, of which MariaDB compares a column as one type whatever each row has there, and
// values that are chosen: MariaDB does not convert them as it does a literal, and MySQL
// not with a parameter among them.
bool Planner::ComparesUnconverted(const Position& leaves, std::uint32_t target) const {
  const policy::TypeKind kind = plan_.targets[target].column->type.kind;
  const bool text = policy::IsText(kind) || policy::IsBinary(kind);
  if (in_rows_) return text || !AreOfOneKind(leaves);
  const auto is_parameter = [](const sql::Token& token) {
    return token.kind == sql::TokenKind::kParameter;
  };
  return text && std::any_of(leaves.begin(), leaves.end(), [&](const Leaf& leaf) {
           const sql::Expr* value = nullptr;
           if (leaf.type.kind != Kind::kValue || leaf.expr == nullptr) return false;
           if (IsValue(*leaf.expr, &value)) return false;
           const auto begin = tokens_.tokens.begin();
           const sql::Span span = leaf.expr->span;
           return snapshot_.catalog->is_mariadb ||
                  std::any_of(begin + span.first, begin + span.last + 1, is_parameter);
         });
}

// Whatever is compared with each other: all stored values of one domain, and
// literals that are made like them.
bool Planner::UnifyEquality(const Position& leaves, std::uint32_t token, std::string_view construct,
                            Strings strings) {
  const Leaf* first = nullptr;
  bool values = false;
  bool parameters = false;
  for (const Leaf& leaf : leaves) {
    if (first == nullptr && leaf.type.kind == Kind::kProtected) first = &leaf;
    const bool value = leaf.type.kind == Kind::kValue && leaf.expr != nullptr;
    values = values || leaf.type.kind == Kind::kValue;
    parameters = parameters || (value && Inner(*leaf.expr).kind == ExprKind::kParameter);
  }
  if (first == nullptr) return RefuseStringsBesideTruth(leaves);
  const std::uint32_t target = first->type.target;
  const std::string name = plan_.targets[target].protection->QualifiedName();
  if (construct == kOrder) return RefuseAt(token, name, construct);
  bool many = false;
  for (const Leaf& leaf : leaves) {
    if (!RefuseWithLiterals(leaf.type, token, construct)) return false;
    if (leaf.type.kind == Kind::kPlain) {
      return RefuseAt(leaf.expr != nullptr ? leaf.expr->span.first : token, name,
                      std::string(construct) + " with anything but a literal or a parameter");
    }
    if (leaf.type.kind == Kind::kValue) {
      if (!MayCompareLiteral(leaf, target, construct)) return false;
      continue;
    }
    if (values && leaf.expr != nullptr) {
      ExprType type = leaf.type;
      type.computed = type.computed || (leaf.from_query && parameters);
      if (!RefuseTimeAsText(type, token, construct)) return false;
    }
    if (!MayCompareColumn(leaf, target, token, construct)) return false;
    if (&leaf != first) {
      NoteCompared(first->type, false);
      NoteCompared(leaf.type, false);
    }
    many = many || IsManyAFloat(leaf.type.target);
    if (leaf.type.computed) strings = Strings::kAsFloats;
  }
  if (stored_) return AreSealed(leaves, target, token, construct);
  const bool searchable = IsSearchable(first->type);
  const bool as_floats = many && strings == Strings::kAsFloats;
  std::uint32_t sealed = as_floats ? Taking(Literals::kExactAsFloat, target) : target;
  if (ComparesUnconverted(leaves, target)) sealed = Taking(Literals::kUnconverted, target);
  for (const Leaf& leaf : leaves) {
    if (leaf.type.kind == Kind::kValue) {
      if (!SealValue(*leaf.expr, sealed, searchable ? SealAs::kLow : SealAs::kEqual)) return false;
    } else if (searchable) {
      edits_.WrapEquality(*leaf.expr);
    }
  }
  return true;
}

bool Planner::SameValues(std::uint32_t left, std::uint32_t right, std::uint32_t token,
                         std::string_view construct) {
  const Target& a = plan_.targets[left];
  const Target& b = plan_.targets[right];
  const std::string name = a.protection->QualifiedName();
  if (a.domain != b.domain) {
    return RefuseAt(token, name,
                    std::string(construct) + " with " + b.protection->QualifiedName() +
                        ", which is of another domain,");
  }
  if (Comparable(a.column->type, b.column->type)) return true;
  return RefuseAt(token, name, std::string(construct) + " between columns of different types");
}

bool Planner::MayCompare(std::uint32_t target, std::uint32_t token, std::string_view construct) {
  const Target& to = plan_.targets[target];
  const std::string name = to.protection->QualifiedName();
  if (!to.rule->search) {
    return Refuse(ColumnDenied("this role may not search by column " + name + At(token)));
  }
  if (crypto::ModeOf(*to.cipher) == crypto::Mode::kRandom) {
    std::string in_mode(construct);
    return RefuseAt(token, name, in_mode + " in mode 'random'");
  }
  const bool text = policy::IsText(to.column->type.kind);
  const bool searchable = crypto::ModeOf(*to.cipher) == crypto::Mode::kSearchable;
  if (searchable && text && to.column->weights == nullptr) {
    return RefuseAt(token, name, "a comparison under this collation");
  }
  return true;
}

}  // namespace sealgate::rewrite
