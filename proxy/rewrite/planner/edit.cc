// What is put around, behind and in place of a statement's tokens.
//
// An expression that is wrapped keeps its own tokens, with whatever was changed
// in them. So wraps nest in the order in which they are made: children first.
#include <algorithm>
#include <iterator>
#include <utility>

#include "crypto/envelope.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

std::string Planner::EqualityEnd() {
  return "," + std::to_string(crypto::kEqualityPrefixBytes) + ")";
}

void Planner::Wrap(sql::Span span, std::string before, std::string after) {
  ++changes_;
  wraps_.push_back({span, std::move(before), std::move(after), {}});
}

void Planner::AppendAfter(std::uint32_t token, Around around, Piece piece) {
  appended_.push_back({token, around, std::move(piece)});
}

// A changed expression keeps the name that the server would give it. A name that a
// value of the statement is part of stays with the proxy, which has to see the result.
void Planner::NameItem(const sql::SelectItem& item) {
  const sql::Expr& expr = *item.expr;
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
  if (piece.hidden && !shows_result_) return;
  AppendAfter(expr.span.last, Around::kName, std::move(piece));
}

void Planner::Replace(sql::Span span, std::string text) {
  ++changes_;
  PlannedEdit edit;
  edit.first = span.first;
  edit.last = span.last;
  edit.pieces.push_back({std::move(text), SealAs::kPlain, 0, 0, 0});
  plan_.edits.push_back(std::move(edit));
}

void Planner::InsertBefore(std::uint32_t token, std::string text) {
  InsertBefore(token, std::vector<Piece>{{std::move(text), SealAs::kPlain, 0, 0, 0}});
}

void Planner::InsertBefore(std::uint32_t token, std::vector<Piece> pieces) {
  ++changes_;
  PlannedEdit edit;
  edit.first = edit.last = token;
  edit.insert = true;
  edit.pieces = std::move(pieces);
  plan_.edits.push_back(std::move(edit));
}

bool Planner::SealInPlace(const sql::Expr& value, std::uint32_t target, SealAs seal) {
  ++changes_;
  if (value.kind == sql::ExprKind::kParameter) {
    parameter_uses_[value.span.first] = {seal, target, false};
    return true;
  }
  PlannedEdit edit;
  edit.first = value.span.first;
  edit.last = value.span.last;
  edit.pieces.push_back({"", seal, value.span.first, value.span.last, target});
  plan_.edits.push_back(std::move(edit));
  return true;
}

// A column as it has to be written where it stands, for a second mention.
std::string Planner::ColumnText(const sql::Expr& column) const {
  std::string text;
  for (std::uint32_t i = column.span.first; i <= column.span.last; ++i) text += tokens_.Text(i);
  for (const Wrapping& wrap : wraps_) {
    const bool same = wrap.span.first == column.span.first && wrap.span.last == column.span.last;
    if (same) text = wrap.before + text + wrap.after;
  }
  return text;
}

// The same, for text that takes the place of the column's own tokens.
std::string Planner::TakeColumnText(const sql::Expr& column) {
  std::string text = ColumnText(column);
  const auto same = [&](const Wrapping& wrap) {
    return wrap.span.first == column.span.first && wrap.span.last == column.span.last;
  };
  wraps_.erase(std::remove_if(wraps_.begin(), wraps_.end(), same), wraps_.end());
  return text;
}

// A word in front of a token: what stands before may be a word, too, as in
// "GROUP BY`email`". (Whether blanks stand before a word or a parenthesis is
// part of a statement's shape, before other tokens it is not.)
std::string Planner::Spaced(std::uint32_t token, std::string text) const {
  const sql::Token& at = tokens_.tokens[token];
  const bool known = at.kind == sql::TokenKind::kWord || at.op == sql::Operator::kOpen;
  const bool free = known && (!at.adjacent || token == 0 ||
                              tokens_.tokens[token - 1].kind == sql::TokenKind::kOperator);
  return free ? text : " " + text;
}

// At one place outer beginnings come before inner ones, and ends the other way
// round; names behind the ends of their expressions, what ends a block last.
void Planner::FinishWraps() {
  for (auto wrap = wraps_.rbegin(); wrap != wraps_.rend(); ++wrap) {
    std::vector<Piece> pieces = std::move(wrap->pieces);
    pieces.insert(pieces.begin(),
                  {Spaced(wrap->span.first, std::move(wrap->before)), SealAs::kPlain, 0, 0, 0});
    InsertBefore(wrap->span.first, std::move(pieces));
  }
  std::vector<Appended> ends;
  for (Wrapping& wrap : wraps_) {
    ends.push_back(
        {wrap.span.last, Around::kExpression, {std::move(wrap.after), SealAs::kPlain, 0, 0, 0}});
  }
  ends.insert(ends.end(), std::make_move_iterator(appended_.begin()),
              std::make_move_iterator(appended_.end()));
  std::stable_sort(ends.begin(), ends.end(),
                   [](const Appended& a, const Appended& b) { return a.around < b.around; });
  for (Appended& end : ends) {
    PlannedEdit edit;
    edit.first = edit.last = end.token;
    edit.after = true;
    edit.pieces.push_back(std::move(end.piece));
    plan_.edits.push_back(std::move(edit));
  }
}

}  // namespace sealgate::rewrite
