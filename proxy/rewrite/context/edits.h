// What a plan changes in its statement's text: collected while the planner goes through
// the tree, and put in order at the end. Internal to rewrite.
//
// An expression that is wrapped keeps its own tokens, with whatever was changed in
// them. So wraps nest in the order in which they are made: children first.
#ifndef SEALGATE_PROXY_REWRITE_CONTEXT_EDITS_H_
#define SEALGATE_PROXY_REWRITE_CONTEXT_EDITS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy/rewrite/plan/plan.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

class Edits {
 public:
  /// Both outlive it. Finish() gives `plan` its edits and its parameters.
  Edits(const sql::TokenList& tokens, Plan& plan) : tokens_(tokens), plan_(plan) {}

  /// What may follow one token, in that order.
  enum class Around : std::uint8_t { kExpression, kName, kBlock };

  /// `pieces` stand behind `before`.
  void Wrap(sql::Span span, std::string before, std::string after, std::vector<Piece> pieces = {});
  /// In LEFT(): of a searchable value, what equality looks at.
  void WrapEquality(const sql::Expr& expr) { Wrap(expr.span, "LEFT(", EqualityEnd()); }
  void Append(std::uint32_t token, Around around, Piece piece);
  void Append(std::uint32_t token, Around around, std::string text);
  void Replace(sql::Span span, std::vector<Piece> pieces);
  void Replace(sql::Span span, std::string text);
  void InsertBefore(std::uint32_t token, std::vector<Piece> pieces);
  void InsertBefore(std::uint32_t token, std::string text);

  /// Literals and parameters.
  void Seal(const sql::Expr& value, std::uint32_t target, SealAs seal);
  /// Of a parameter in whose place the text has the two ends of a range.
  void SealRange(const sql::Expr& parameter, std::uint32_t target);

  /// A value of which nothing but whether it is NULL is asked: if others are sealed, it is
  /// likely one of these. `now`: whatever the others are, unless it is a parameter.
  void AskForNull(const sql::Expr& value, bool now);

  /// A column as it has to be written where it stands, for a second mention.
  std::string ColumnText(const sql::Expr& column) const;
  /// The same, for text that takes the place of the column's own tokens.
  std::string TakeColumnText(const sql::Expr& column);
  /// `text` as it can stand in front of a token, behind what stands there.
  std::string Spaced(std::uint32_t token, std::string text) const;
  /// What ends the LEFT( of an equality.
  static std::string EqualityEnd();

  /// Changes so far, without what was appended.
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0 && appended_.empty(); }
  /// The first parameter that is sealed.
  std::optional<std::uint32_t> SealedParameter() const;
  /// The first literal that is sealed by a piece of which `is` holds.
  std::optional<std::uint32_t> SealedLiteral(const std::function<bool(const Piece&)>& is) const;

  void Finish();

 private:
  void FinishNullTests();
  void HideValue(const sql::Expr& value);
  struct ParameterUse {
    SealAs seal = SealAs::kPlain;
    std::uint32_t target = 0;
    bool range = false;
  };
  struct Wrapping {
    sql::Span span;
    std::string before;
    std::string after;
    std::vector<Piece> pieces;
    bool IsOf(const sql::Expr& expr) const {
      return span.first == expr.span.first && span.last == expr.span.last;
    }
  };
  struct Appended {
    std::uint32_t token = 0;
    Around around{};
    Piece piece;
  };
  void FinishWraps();
  void FinishParameters();

  const sql::TokenList& tokens_;
  Plan& plan_;
  std::map<std::uint32_t, ParameterUse> parameters_;  // by token
  std::vector<const sql::Expr*> null_tests_;          // see AskForNull
  std::vector<Wrapping> wraps_;                       // inner ones first
  std::vector<Appended> appended_;
  std::size_t count_ = 0;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_CONTEXT_EDITS_H_
