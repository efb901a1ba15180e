#include "proxy/rewrite/schema/query.h"

#include <algorithm>
#include <string>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/schema/conditions.h"
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
  Query(const SessionFacts& facts, const sql::TokenList& tokens) : facts_(facts), tokens_(tokens) {}

  SchemaQuery Read(const sql::Query& query) {
    SchemaQuery read;
    if (query.kind != sql::QueryKind::kSelect || !query.with.empty()) return read;
    const sql::SelectBlock& block = *query.select;
    if (block.from.size() != 1) return read;
    const SchemaRows rows = RowsOf(*block.from[0]);
    if (rows == SchemaRows::kNone) return read;
    if (block.where != nullptr) ReadConstants(*block.where, read.schema, read.table);
    const bool into = query.into != sql::kNoToken || block.into != sql::kNoToken;
    if (into || !block.group_by.empty() || block.distinct || !ReadItems(block)) return read;
    if (has_column_ && (has_schema_ || !read.schema.empty()) &&
        (has_table_ || !read.table.empty())) {
      read.rows = rows;
      read.sorts_aliases = has_alias_ && !query.order_by.empty();
    }
    return read;
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

  bool ReadItems(const sql::SelectBlock& block) {
    for (const sql::SelectItem& item : block.items) {
      if (!ReadItem(*item.expr)) return false;
      has_alias_ = has_alias_ || item.alias != sql::kNoToken;
    }
    return true;
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
    const bool one = value.span.first == value.span.last;
    if (value.kind == sql::ExprKind::kLiteral && value.literal == sql::Literal::kString && one) {
      sql::UnescapeString(tokens_.Text(value.span.first), facts_.lex, text);
    } else if (value.kind == sql::ExprKind::kFunction && value.args.empty()) {
      const std::string name = NameOf(tokens_, value.name.table);
      if (name == "database" || name == "schema") text = facts_.schema;
    }
    // Others may be equal to a name that is written otherwise.
    if (!ascii::IsAscii(text) || text.ends_with(' ')) return "";
    policy::FoldName(text, folded);
    return folded;
  }

  const SessionFacts& facts_;
  const sql::TokenList& tokens_;
  bool has_alias_ = false;
  bool has_schema_ = false;
  bool has_table_ = false;
  bool has_column_ = false;
};

// Of the sealed columns that rows may tell of.
struct Told {
  StoredOtherwise otherwise;
  bool hides_default = false;
};

bool MayBeOf(const SchemaQuery& query, std::string_view schema, std::string_view table) {
  return (query.schema.empty() || query.schema == policy::FoldName(schema)) &&
         (query.table.empty() || query.table == policy::FoldName(table));
}

void Add(const policy::CatalogColumn& column, const SessionFacts& facts, Told& told) {
  if (!column.protection || column.state != policy::ColumnState::kSealed) return;
  const policy::Reveal reveal = facts.role->columns[*column.protection].reveal;
  if (reveal == policy::Reveal::kCiphertext) return;
  told.otherwise.type = true;
  told.otherwise.key = told.otherwise.key || column.unique_prefix;
  told.otherwise.has_default = told.otherwise.has_default || column.has_default;
  told.hides_default =
      told.hides_default || (column.has_default && reveal != policy::Reveal::kClear);
}

Told ToldOf(const policy::Snapshot& snapshot, const SessionFacts& facts, const SchemaQuery& query) {
  Told told;
  for (const auto& [name, table] : snapshot.catalog->tables()) {
    if (!MayBeOf(query, table.schema, table.name)) continue;
    for (const policy::CatalogColumn& column : table.columns) Add(column, facts, told);
  }
  const auto& rules = facts.role->columns;
  const bool sees_otherwise = std::any_of(rules.begin(), rules.end(), [](const auto& rule) {
    return rule.reveal != policy::Reveal::kCiphertext;
  });
  for (const auto& [folded, names] : snapshot.catalog->hot()) {
    for (const policy::HotName& name : names) {
      const bool view = sees_otherwise && name.kind == policy::NameKind::kView;
      told.otherwise.type = told.otherwise.type || (view && MayBeOf(query, name.schema, name.name));
    }
  }
  return told;
}

}  // namespace

bool MayBeSchemaQuery(const SessionFacts& facts, const sql::TokenList& tokens) {
  const bool query = sql::IsWord(tokens, 0, "SELECT") || sql::IsWord(tokens, 0, "WITH") ||
                     sql::IsWord(tokens, 0, "TABLE") ||
                     tokens.tokens.front().op == sql::Operator::kOpen;
  if (!query) return false;
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

SchemaQuery ReadSchemaQuery(const sql::Statement& statement, const SessionFacts& facts,
                            const sql::TokenList& tokens) {
  if (statement.kind != sql::StatementKind::kSelect || statement.query == nullptr) return {};
  return Query(facts, tokens).Read(*statement.query);
}

std::optional<Refusal> RefuseSchemaQuery(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const sql::TokenList& tokens,
                                         const SchemaQuery& query, bool logical) {
  const Told told = ToldOf(snapshot, facts, query);
  if (const auto condition = FindStoredCondition(tokens, told.otherwise)) {
    return Unsupported(
        "the server would choose, group or order by what it stores of protected columns "
        "(their types, lengths, collations, comments, defaults and keys); ask for their rows by "
        "TABLE_SCHEMA, TABLE_NAME and COLUMN_NAME alone (at character " +
        std::to_string(tokens.tokens[*condition].begin + 1) + ")");
  }
  const bool recognised = logical && query.rows != SchemaRows::kNone &&
                          (snapshot.catalog->is_mariadb || !query.sorts_aliases);
  if (!told.hides_default || recognised || !MayShowDefault(tokens)) return std::nullopt;
  return Unsupported(
      "this query would show what is stored as the DEFAULT of a protected column that this role "
      "does not see in the clear; leave COLUMN_DEFAULT out, or use SHOW COLUMNS");
}

}  // namespace sealgate::rewrite
