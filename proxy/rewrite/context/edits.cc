#include "proxy/rewrite/context/edits.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crypto/envelope.h"

namespace sealgate::rewrite {
namespace {

std::vector<Piece> OneText(std::string text) {
  return {{std::move(text), SealAs::kPlain, 0, 0, 0}};
}

std::string_view HiddenLiteral(const sql::Expr& literal) {
  switch (literal.literal) {
    case sql::Literal::kString:
      return "''";
    case sql::Literal::kNational:
      return "N''";
    case sql::Literal::kHex:
    case sql::Literal::kBit:
      return "X''";
    case sql::Literal::kInteger:
    case sql::Literal::kDecimal:
    case sql::Literal::kFloat:
      return "0";
    default:
      return "";
  }
}

// What stands for a value of which only NULL is asked: one of its kind, so that what the
// server says about types and collations stays so. By the kind alone: a plan is kept for
// other values of it.
std::string_view HiddenForm(const sql::Expr& value) {
  switch (value.kind) {
    case sql::ExprKind::kUnary:
    case sql::ExprKind::kAdjacentStrings:
      return HiddenForm(*value.args[0]);
    case sql::ExprKind::kIntroducer:
      return "''";
    default:
      return HiddenLiteral(value);
  }
}

}  // namespace

std::string Edits::EqualityEnd() {
  return "," + std::to_string(crypto::kEqualityPrefixBytes) + ")";
}

void Edits::Wrap(sql::Span span, std::string before, std::string after, std::vector<Piece> pieces) {
  ++count_;
  wraps_.push_back({span, std::move(before), std::move(after), std::move(pieces)});
}

void Edits::Append(std::uint32_t token, Around around, Piece piece) {
  appended_.push_back({token, around, std::move(piece)});
}

void Edits::Append(std::uint32_t token, Around around, std::string text) {
  Append(token, around, Piece{std::move(text), SealAs::kPlain, 0, 0, 0});
}

void Edits::Replace(sql::Span span, std::vector<Piece> pieces) {
  ++count_;
  PlannedEdit edit;
  edit.first = span.first;
  edit.last = span.last;
  edit.pieces = std::move(pieces);
  plan_.edits.push_back(std::move(edit));
}

void Edits::Replace(sql::Span span, std::string text) { Replace(span, OneText(std::move(text))); }

void Edits::InsertBefore(std::uint32_t token, std::vector<Piece> pieces) {
  Replace({token, token}, std::move(pieces));
  plan_.edits.back().insert = true;
}

void Edits::InsertBefore(std::uint32_t token, std::string text) {
  InsertBefore(token, OneText(std::move(text)));
}

void Edits::Seal(const sql::Expr& value, std::uint32_t target, SealAs seal) {
  if (value.kind != sql::ExprKind::kParameter) {
    Replace(value.span, {{"", seal, value.span.first, value.span.last, target}});
    return;
  }
  ++count_;
  parameters_[value.span.first] = {seal, target, false};
}

void Edits::SealRange(const sql::Expr& parameter, std::uint32_t target) {
  parameters_[parameter.span.first] = {SealAs::kLow, target, true};
}

std::string Edits::ColumnText(const sql::Expr& column) const {
  std::string text;
  for (std::uint32_t i = column.span.first; i <= column.span.last; ++i) text += tokens_.Text(i);
  for (const Wrapping& wrap : wraps_) {
    if (wrap.IsOf(column)) text = wrap.before + text + wrap.after;
  }
  return text;
}

std::string Edits::TakeColumnText(const sql::Expr& column) {
  std::string text = ColumnText(column);
  wraps_.erase(std::remove_if(wraps_.begin(), wraps_.end(),
                              [&](const Wrapping& wrap) { return wrap.IsOf(column); }),
               wraps_.end());
  return text;
}

// A word in front of a token: what stands before may be a word, too, as in
// "GROUP BY`email`". (Whether blanks stand before a word or a parenthesis is
// part of a statement's shape, before other tokens it is not.)
std::string Edits::Spaced(std::uint32_t token, std::string text) const {
  const sql::Token& at = tokens_.tokens[token];
  const bool known = at.kind == sql::TokenKind::kWord || at.op == sql::Operator::kOpen;
  const bool free = known && (!at.adjacent || token == 0 ||
                              tokens_.tokens[token - 1].kind == sql::TokenKind::kOperator);
  return free ? text : " " + text;
}

std::optional<std::uint32_t> Edits::SealedParameter() const {
  if (parameters_.empty()) return std::nullopt;
  return parameters_.begin()->first;
}

std::optional<std::uint32_t> Edits::SealedLiteral(
    const std::function<bool(const Piece&)>& is) const {
  std::optional<std::uint32_t> first;
  const auto look = [&](const Piece& piece) {
    if (!first && piece.seal != SealAs::kPlain && is(piece)) first = piece.value_first;
  };
  for (const PlannedEdit& edit : plan_.edits) {
    std::for_each(edit.pieces.begin(), edit.pieces.end(), look);
  }
  for (const Wrapping& wrap : wraps_) {
    std::for_each(wrap.pieces.begin(), wrap.pieces.end(), look);
  }
  for (const Appended& appended : appended_) look(appended.piece);
  return first;
}

void Edits::Finish() {
  FinishNullTests();
  FinishWraps();
  FinishParameters();
}

// At one place outer beginnings come before inner ones, and ends the other way
// round; names behind the ends of their expressions, what ends a block last.
void Edits::FinishWraps() {
  for (auto wrap = wraps_.rbegin(); wrap != wraps_.rend(); ++wrap) {
    std::vector<Piece> pieces = OneText(Spaced(wrap->span.first, std::move(wrap->before)));
    std::move(wrap->pieces.begin(), wrap->pieces.end(), std::back_inserter(pieces));
    InsertBefore(wrap->span.first, std::move(pieces));
  }
  std::vector<Appended> ends;
  for (Wrapping& wrap : wraps_) {
    ends.push_back(
        {wrap.span.last, Around::kExpression, {std::move(wrap.after), SealAs::kPlain, 0, 0, 0}});
  }
  std::move(appended_.begin(), appended_.end(), std::back_inserter(ends));
  std::stable_sort(ends.begin(), ends.end(),
                   [](const Appended& a, const Appended& b) { return a.around < b.around; });
  for (Appended& end : ends) {
    Replace({end.token, end.token}, {std::move(end.piece)});
    plan_.edits.back().after = true;
  }
}

void Edits::AskForNull(const sql::Expr& value, bool now) {
  if (now && value.kind != sql::ExprKind::kParameter) {
    HideValue(value);
  } else {
    null_tests_.push_back(&value);
  }
}

void Edits::HideValue(const sql::Expr& value) {
  const std::string_view text = HiddenForm(value);
  if (text.empty()) return;
  const sql::Expr& first = value.kind == sql::ExprKind::kAdjacentStrings ? *value.args[0] : value;
  const bool introduced = first.kind == sql::ExprKind::kIntroducer;
  Replace({value.span.first + (introduced ? 1 : 0), value.span.last}, std::string(text));
}

// A NULL stays one.
void Edits::FinishNullTests() {
  const bool seals = !parameters_.empty() || SealedLiteral([](const Piece&) { return true; });
  if (!seals) return;
  for (const sql::Expr* value : null_tests_) {
    if (value->kind == sql::ExprKind::kParameter) {
      parameters_.try_emplace(value->span.first, ParameterUse{SealAs::kNullOnly, 0, false});
    } else {
      HideValue(*value);
    }
  }
}

// The server's parameters in the order of its text: one per parameter of the
// client's, two where an equality became a range.
void Edits::FinishParameters() {
  std::uint32_t logical = 0;
  for (std::uint32_t i = 0; i + 1 < tokens_.tokens.size(); ++i) {
    if (tokens_.tokens[i].kind != sql::TokenKind::kParameter) continue;
    const auto use = parameters_.find(i);
    if (use == parameters_.end()) {
      plan_.parameters.push_back({logical, SealAs::kPlain, 0});
    } else if (use->second.range) {
      plan_.parameters.push_back({logical, SealAs::kLow, use->second.target});
      plan_.parameters.push_back({logical, SealAs::kHigh, use->second.target});
    } else {
      plan_.parameters.push_back({logical, use->second.seal, use->second.target});
    }
    ++logical;
  }
  plan_.logical_parameters = logical;
  plan_.maps_parameters = !parameters_.empty();
  if (!plan_.maps_parameters) plan_.parameters.clear();
}

}  // namespace sealgate::rewrite
