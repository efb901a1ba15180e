#include "proxy/rewrite/planner/column_places.h"

#include <algorithm>
#include <map>

namespace sealgate::rewrite {
namespace {

using sql::Expr;
using sql::ExprKind;

class Places {
 public:
  void Store(const Expr* value) {
    if (value != nullptr && value->kind == ExprKind::kParameter) {
      by_token_[value->span.first] = ColumnPlace::kStored;
    }
  }
  void Store(std::span<const sql::Assignment> assignments) {
    for (const sql::Assignment& assignment : assignments) Store(assignment.value);
  }

  void Count(std::span<Expr* const> limit) {
    for (const Expr* value : limit) {
      if (value->kind == ExprKind::kParameter) by_token_[value->span.first] = ColumnPlace::kCount;
    }
  }

  // The comparisons of a condition that are joined by AND and OR.
  void Compare(const Expr* condition) {
    if (condition == nullptr) return;
    switch (condition->kind) {
      case ExprKind::kAnd:
      case ExprKind::kOr:
      case ExprKind::kParenthesis:
        for (const Expr* arg : condition->args) Compare(arg);
        return;
      case ExprKind::kComparison:
      case ExprKind::kIn:
      case ExprKind::kBetween:
        return CompareWithColumn(condition->args);
      default:
        return;
    }
  }

  std::map<std::uint32_t, ColumnPlace> Take() { return std::move(by_token_); }

 private:
  // One of these is a column, and the others are parameters.
  void CompareWithColumn(std::span<Expr* const> args) {
    const auto is = [](ExprKind kind) {
      return [kind](const Expr* arg) { return arg->kind == kind; };
    };
    const auto columns = std::count_if(args.begin(), args.end(), is(ExprKind::kColumn));
    const auto parameters = std::count_if(args.begin(), args.end(), is(ExprKind::kParameter));
    if (columns != 1 || columns + parameters != std::ssize(args)) return;
    for (const Expr* arg : args) {
      if (arg->kind == ExprKind::kParameter) by_token_[arg->span.first] = ColumnPlace::kCompared;
    }
  }

  std::map<std::uint32_t, ColumnPlace> by_token_;
};

std::map<std::uint32_t, ColumnPlace> PlacesOf(const sql::Statement& statement) {
  Places places;
  if (statement.insert != nullptr) {
    for (const auto& row : statement.insert->rows) {
      for (const Expr* value : row) places.Store(value);
    }
    places.Store(statement.insert->set);
    places.Store(statement.insert->on_duplicate);
  } else if (statement.update != nullptr) {
    places.Store(statement.update->set);
    places.Compare(statement.update->where);
    places.Count(statement.update->limit);
  } else if (statement.del != nullptr) {
    places.Compare(statement.del->where);
    places.Count(statement.del->limit);
  } else if (statement.query != nullptr) {
    if (statement.query->select != nullptr) places.Compare(statement.query->select->where);
    places.Count(statement.query->limit);
  }
  return places.Take();
}

}  // namespace

void NoteColumnPlaces(const sql::Statement& statement, const sql::TokenList& tokens, Plan& plan) {
  const auto places = PlacesOf(statement);
  std::uint32_t logical = 0;
  std::size_t next = 0;
  for (std::uint32_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != sql::TokenKind::kParameter) continue;
    const auto place = places.find(i);
    for (; next < plan.parameters.size() && plan.parameters[next].logical == logical; ++next) {
      const bool passes = plan.parameters[next].seal == SealAs::kPlain;
      if (passes && place != places.end()) plan.parameters[next].place = place->second;
    }
    ++logical;
  }
}

}  // namespace sealgate::rewrite
