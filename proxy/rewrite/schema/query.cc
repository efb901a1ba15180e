#include "proxy/rewrite/schema/query.h"

#include <string>

#include "policy/name_folding.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::TokenKind;

std::string NameOf(const sql::TokenList& tokens, std::uint32_t token) {
  std::string name;
  if (token == sql::kNoToken) return name;
  sql::UnquoteIdentifier(tokens.Text(token), name);
  return policy::FoldName(name);
}

class Query {
 public:
  Query(const SessionFacts& facts, const sql::TokenList& tokens, Plan& plan)
      : facts_(facts), tokens_(tokens), plan_(plan) {}

  bool Read(const sql::Query& query) {
    if (query.kind != sql::QueryKind::kSelect || !query.with.empty() ||
        query.into != sql::kNoToken) {
      return false;
    }
    const sql::SelectBlock& block = *query.select;
    if (block.from.size() != 1 || block.into != sql::kNoToken || !block.group_by.empty() ||
        block.distinct) {
      return false;
    }
    const SchemaRows rows = RowsOf(*block.from[0]);
    if (rows == SchemaRows::kNone) return false;
    for (const sql::SelectItem& item : block.items) {
      if (!ReadItem(*item.expr)) return false;
    }
    std::string schema;
    std::string table;
    if (block.where != nullptr) ReadConstants(*block.where, schema, table);
    if (!has_column_ || (!has_schema_ && schema.empty()) || (!has_table_ && table.empty())) {
      return false;
    }
    plan_.schema_rows = rows;
    plan_.rows_schema = std::move(schema);
    plan_.rows_table = std::move(table);
    return true;
  }

 private:
  SchemaRows RowsOf(const sql::TableRef& table) const {
    if (table.kind != sql::TableKind::kTable) return SchemaRows::kNone;
    std::string schema = NameOf(tokens_, table.name.schema);
    if (table.name.schema == sql::kNoToken) policy::FoldName(facts_.schema, schema);
    if (schema != "information_schema") return SchemaRows::kNone;
    const std::string name = NameOf(tokens_, table.name.table);
    if (name == "columns") return SchemaRows::kInformationColumns;
    return name == "statistics" ? SchemaRows::kInformationStatistics : SchemaRows::kNone;
  }

  bool ReadItem(const sql::Expr& item) {
    if (item.kind == sql::ExprKind::kStar) {
      has_schema_ = has_table_ = has_column_ = true;
      return true;
    }
    if (item.kind == sql::ExprKind::kLiteral) return true;
    if (item.kind != sql::ExprKind::kColumn) return false;
    const std::string name = NameOf(tokens_, item.name.column);
    has_schema_ = has_schema_ || name == "table_schema";
    has_table_ = has_table_ || name == "table_name";
    has_column_ = has_column_ || name == "column_name";
    return true;
  }

  // a = 'x' AND b = DATABASE() AND …: what every row has.
  void ReadConstants(const sql::Expr& where, std::string& schema, std::string& table) {
    if (where.kind == sql::ExprKind::kAnd || where.kind == sql::ExprKind::kParenthesis) {
      for (const sql::Expr* arg : where.args) ReadConstants(*arg, schema, table);
      return;
    }
    if (where.kind != sql::ExprKind::kComparison || where.op != sql::Op::kEqual) return;
    const bool turned = where.args[1]->kind == sql::ExprKind::kColumn;
    const sql::Expr& column = *where.args[turned ? 1 : 0];
    const sql::Expr& value = *where.args[turned ? 0 : 1];
    if (column.kind != sql::ExprKind::kColumn) return;
    const std::string name = NameOf(tokens_, column.name.column);
    if (name == "table_schema") schema = Constant(value);
    if (name == "table_name") table = Constant(value);
  }

  std::string Constant(const sql::Expr& value) const {
    std::string text;
    std::string folded;
    if (value.kind == sql::ExprKind::kLiteral && value.literal == sql::Literal::kString) {
      sql::UnescapeString(tokens_.Text(value.span.first), facts_.lex, text);
    } else if (value.kind == sql::ExprKind::kFunction && value.args.empty()) {
      const std::string name = NameOf(tokens_, value.name.table);
      if (name == "database" || name == "schema") text = facts_.schema;
    }
    policy::FoldName(text, folded);
    return folded;
  }

  const SessionFacts& facts_;
  const sql::TokenList& tokens_;
  Plan& plan_;
  bool has_schema_ = false;
  bool has_table_ = false;
  bool has_column_ = false;
};

}  // namespace

bool MayBeSchemaQuery(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (tokens.tokens.front().kind != TokenKind::kWord ||
      !sql::EqualsKeyword(tokens.Text(0), "SELECT")) {
    return false;
  }
  bool schema = sql::EqualsKeyword(facts.schema, "INFORMATION_SCHEMA");
  bool table = false;
  for (std::uint32_t i = 1; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) continue;
    std::string_view text = tokens.Text(i);
    if (kind == TokenKind::kQuotedIdentifier && text.size() > 2) {
      text = text.substr(1, text.size() - 2);
    }
    schema = schema || sql::EqualsKeyword(text, "INFORMATION_SCHEMA");
    table = table || sql::EqualsKeyword(text, "COLUMNS") || sql::EqualsKeyword(text, "STATISTICS");
  }
  return schema && table;
}

bool PlanSchemaQuery(const sql::Statement& statement, const SessionFacts& facts,
                     const sql::TokenList& tokens, Plan& plan) {
  if (statement.kind != sql::StatementKind::kSelect || statement.query == nullptr) return false;
  return Query(facts, tokens, plan).Read(*statement.query);
}

}  // namespace sealgate::rewrite
