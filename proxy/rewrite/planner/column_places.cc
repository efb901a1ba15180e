#include "proxy/rewrite/planner/column_places.h"

#include <map>

namespace sealgate::rewrite {
namespace {

using sql::Expr;
using sql::ExprKind;

class Places {
 public:
  explicit Places(const sql::TokenList& tokens) : tokens_(tokens) {}

  void Read(const sql::Statement& statement) {
    if (statement.insert != nullptr) Read(*statement.insert);
    if (statement.update != nullptr) Read(*statement.update);
    if (statement.del != nullptr) Read(*statement.del);
    Read(statement.query);
  }

  const std::map<std::uint32_t, ColumnPlace>& by_token() const { return by_token_; }

 private:
  void Read(const sql::InsertStatement& insert) {
    for (const auto& row : insert.rows) {
      for (const Expr* value : row) Store(value);
    }
    Store(insert.set);
    Store(insert.on_duplicate);
    Read(insert.query);
  }

  template <typename Change>  // UpdateStatement, DeleteStatement
  void ReadChange(const Change& change) {
    for (const sql::CommonTable& common : change.with) Read(common.query);
    for (const sql::TableRef* table : change.tables) Read(table);
    Read(change.where);
    Count(change.limit);
  }
  void Read(const sql::UpdateStatement& update) {
    Store(update.set);
    ReadChange(update);
  }
  void Read(const sql::DeleteStatement& del) { ReadChange(del); }

  void Read(const sql::Query* query) {
    if (query == nullptr) return;
    for (const sql::CommonTable& common : query->with) Read(common.query);
    if (query->select != nullptr) {
      const sql::SelectBlock& select = *query->select;
      for (const sql::SelectItem& item : select.items) Read(item.expr);
      for (const sql::TableRef* table : select.from) Read(table);
      Read(select.where);
      Read(select.having);
    }
    Read(query->left);
    Read(query->right);
    Count(query->limit);
  }

  void Read(const sql::TableRef* table) {
    if (table == nullptr) return;
    Read(table->query);
    Read(table->left);
    Read(table->right);
    Read(table->on);
  }

  void Read(const Expr* expr) {
    if (expr == nullptr) return;
    if (expr->kind == ExprKind::kComparison || expr->kind == ExprKind::kBetween ||
        (expr->kind == ExprKind::kIn && expr->query == nullptr)) {
      Compare(expr->args);
    }
    for (const Expr* arg : expr->args) Read(arg);
    Read(expr->query);
  }

  void Store(const Expr* value) {
    if (value != nullptr && value->kind == ExprKind::kParameter) {
      by_token_[value->span.first] = ColumnPlace::kStored;
    } else {
      Read(value);
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

  // One of these has no parameter, and the others are nothing else.
  void Compare(std::span<Expr* const> args) {
    std::size_t values = 0;
    for (const Expr* arg : args) {
      if (arg->kind == ExprKind::kParameter) continue;
      if (++values > 1 || HasParameter(arg->span)) return;
    }
    if (values != 1) return;
    for (const Expr* arg : args) {
      if (arg->kind == ExprKind::kParameter) by_token_[arg->span.first] = ColumnPlace::kCompared;
    }
  }

  bool HasParameter(sql::Span span) const {
    for (std::uint32_t i = span.first; i <= span.last; ++i) {
      if (tokens_.tokens[i].kind == sql::TokenKind::kParameter) return true;
    }
    return false;
  }

  const sql::TokenList& tokens_;
  std::map<std::uint32_t, ColumnPlace> by_token_;
};

}  // namespace

void NoteColumnPlaces(const sql::Statement& statement, const sql::TokenList& tokens, Plan& plan) {
  Places places(tokens);
  places.Read(statement);
  std::uint32_t logical = 0;
  std::size_t next = 0;
  for (std::uint32_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != sql::TokenKind::kParameter) continue;
    const auto place = places.by_token().find(i);
    const bool known = place != places.by_token().end();
    for (; next < plan.parameters.size() && plan.parameters[next].logical == logical; ++next) {
      PhysicalParameter& parameter = plan.parameters[next];
      if (known && parameter.seal == SealAs::kPlain) parameter.place = place->second;
    }
    ++logical;
  }
}

}  // namespace sealgate::rewrite
