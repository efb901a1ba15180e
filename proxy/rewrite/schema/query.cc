#include "proxy/rewrite/schema/query.h"

#include <algorithm>
#include <string>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/schema/conditions.h"
#include "proxy/rewrite/schema/stored_elsewhere.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/rewrite/schema/stored_names.h"
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
    const bool plain = ReadItems(block, read.items) && IsPlain(query) && !contradicts_;
    read.alone = IsAlone();
    read.rows_differ =
        has_column_ && (has_schema_ || !read.schema.empty()) && (has_table_ || !read.table.empty());
    if (plain && read.rows_differ) read.rows = rows;
    return read;
  }

 private:
  static bool IsPlain(const sql::Query& query) {
    const sql::SelectBlock& block = *query.select;
    return query.into == sql::kNoToken && block.into == sql::kNoToken &&
           block.procedure == sql::kNoToken && block.group_by.empty() && !block.distinct;
  }

  SchemaRows RowsOf(const sql::TableRef& table) const {
    if (table.kind != sql::TableKind::kTable) return SchemaRows::kNone;
    std::string schema = NameOf(tokens_, table.name.schema);
    if (table.name.schema == sql::kNoToken) policy::FoldName(facts_.schema, schema);
    if (schema != "information_schema") return SchemaRows::kNone;
    const std::string name = NameOf(tokens_, table.name.table);
    if (name == "columns") return SchemaRows::kInformationColumns;
    return name == "statistics" ? SchemaRows::kInformationStatistics : SchemaRows::kNone;
  }

  bool ReadItems(const sql::SelectBlock& block, std::vector<std::string>& items) {
    bool plain = true;
    for (const sql::SelectItem& item : block.items) {
      items.emplace_back();
      plain = ReadItem(*item.expr, items.back()) && plain;
    }
    return plain;
  }

  // Whether there is no other query within.
  bool IsAlone() const {
    int queries = 0;
    for (std::size_t i = 0; i + 1 < tokens_.tokens.size(); ++i) {
      if (sql::IsWord(tokens_, i, "SELECT") || sql::IsWord(tokens_, i, "TABLE")) ++queries;
    }
    return queries == 1;
  }

  bool ReadItem(const sql::Expr& item, std::string& name) {
    if (item.kind == sql::ExprKind::kStar) {
      name = "*";
      has_schema_ = has_table_ = has_column_ = true;
      return true;
    }
    if (item.kind == sql::ExprKind::kLiteral) return true;
    if (item.kind != sql::ExprKind::kColumn) return false;
    name = NameOf(tokens_, item.name.column);
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
    if (name == "table_schema") Keep(Constant(value), schema);
    if (name == "table_name") Keep(Constant(value), table);
  }

  // Which of two the server goes by is not known.
  void Keep(std::string value, std::string& constant) {
    contradicts_ = contradicts_ || (!constant.empty() && constant != value);
    constant = std::move(value);
  }

  std::string Constant(const sql::Expr& value) const {
    std::string text;
    const bool one = value.span.first == value.span.last;
    if (value.kind == sql::ExprKind::kLiteral && value.literal == sql::Literal::kString && one) {
      sql::UnescapeString(tokens_.Text(value.span.first), facts_.lex, text);
    } else if (value.kind == sql::ExprKind::kFunction && value.args.empty()) {
      const std::string name = NameOf(tokens_, value.name.table);
      if (name == "database" || name == "schema") text = facts_.schema;
    }
    // Others may be equal to a name that is written otherwise.
    return !ascii::IsAscii(text) || text.ends_with(' ') ? "" : text;
  }

  const SessionFacts& facts_;
  const sql::TokenList& tokens_;
  bool has_schema_ = false;
  bool has_table_ = false;
  bool has_column_ = false;
  bool contradicts_ = false;
};

// Of the sealed columns that rows may tell of.
struct Told {
  StoredOtherwise otherwise;
  bool hides_default = false;
};

bool MayBeOf(const SchemaQuery& query, std::string_view schema, std::string_view table) {
  const auto may = [](std::string_view asked, std::string_view there) {
    return asked.empty() || policy::EqualsFolded(asked, there);
  };
  return !query.alone || (may(query.schema, schema) && may(query.table, table));
}

// Of a view over a protected table.
bool MayBeOfView(const policy::Catalog& catalog, const SchemaQuery& query) {
  const auto& hot = catalog.hot();
  return std::any_of(hot.begin(), hot.end(), [&query](const auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(), [&](const policy::HotName& name) {
      return name.kind == policy::NameKind::kView && MayBeOf(query, name.schema, name.name);
    });
  });
}

void Add(const policy::CatalogColumn& column, const SessionFacts& facts, Told& told) {
  const bool hides =
      policy::HidesPlaintext(column, *facts.role) || policy::HidesUnusable(column, *facts.role);
  if (hides && column.has_default) {
    told.otherwise.has_default = told.hides_default = true;
  }
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
  const auto& rules = facts.role->columns;
  const bool sees_otherwise = std::any_of(rules.begin(), rules.end(), [](const auto& rule) {
    return rule.reveal != policy::Reveal::kCiphertext;
  });
  const bool of_view = MayBeOfView(*snapshot.catalog, query);
  Told told;
  told.otherwise.type = sees_otherwise && of_view;
  for (const auto& [name, table] : snapshot.catalog->tables()) {
    // A view's columns may be those of any table.
    if (!of_view && !MayBeOf(query, table.schema, table.name)) continue;
    for (const policy::CatalogColumn& column : table.columns) Add(column, facts, told);
  }
  return told;
}

bool RunsText(const sql::TokenList& tokens) {
  return sql::IsWord(tokens, 0, "PREPARE") || sql::IsWord(tokens, 0, "EXECUTE");
}

// Of bytes that are no tokens, or not all of them.
bool TextNamesBoth(std::string_view schema, std::string_view text) {
  const std::string folded = policy::FoldName(text);
  return (sql::EqualsKeyword(schema, "INFORMATION_SCHEMA") ||
          folded.find("information_schema") != std::string::npos) &&
         (folded.find("columns") != std::string::npos ||
          folded.find("statistics") != std::string::npos);
}

std::optional<Refusal> RefuseTextsWithin(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kString) continue;
    std::string text;
    sql::UnescapeString(tokens.Text(i), facts.lex, text);
    if (auto refusal = RefuseSchemaText(snapshot, facts, text)) return refusal;
  }
  return std::nullopt;
}

Refusal RefuseUse(bool chooses, const std::string& where) {
  if (chooses) {
    return Unsupported(
        "the server would choose, group or order by what it stores of protected columns "
        "(their types, lengths, collations, comments, defaults and keys); ask for their rows by "
        "TABLE_SCHEMA, TABLE_NAME and COLUMN_NAME alone" +
        where);
  }
  return Unsupported(
      "what information_schema has of protected columns (their types, lengths, collations, "
      "comments, defaults and keys) is as they are stored, so that nothing but the select list of "
      "one plain SELECT may name it" +
      where);
}

}  // namespace

bool MayBeSchemaQuery(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (tokens.has_illegal || tokens.has_executable_comment) {
    return TextNamesBoth(facts.schema, tokens.text);
  }
  bool schema = sql::EqualsKeyword(facts.schema, "INFORMATION_SCHEMA");
  bool table = false;
  bool text = false;
  for (std::uint32_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    schema = schema || IsNamed(tokens, i, "INFORMATION_SCHEMA");
    table = table || NamesSchemaTable(tokens, i);
    text = text || tokens.tokens[i].kind == TokenKind::kString;
  }
  return (schema && table) || (text && RunsText(tokens));
}

SchemaQuery ReadSchemaQuery(const sql::Statement& statement, const SessionFacts& facts,
                            const sql::TokenList& tokens) {
  if (statement.kind != sql::StatementKind::kSelect || statement.query == nullptr ||
      statement.explain) {
    return {};
  }
  return Query(facts, tokens).Read(*statement.query);
}

bool TellsOfNone(const policy::Snapshot& snapshot, const SessionFacts& facts, SchemaQuery query) {
  query.alone = true;
  const Told told = ToldOf(snapshot, facts, query);
  const StoredOtherwise& stored = told.otherwise;
  return !stored.type && !stored.key && !stored.has_default && !told.hides_default;
}

// Whether a constant is another case of a protected table's name: the server may take it for
// that all the same, while a row that does not say its name is taken for another table's.
bool SpellsOtherwise(const policy::Catalog& catalog, const SchemaQuery& query) {
  if (catalog.lower_case_table_names != 0) return false;
  SchemaQuery alone = query;
  alone.alone = true;
  const auto differs = [](std::string_view asked, std::string_view there) {
    return !asked.empty() && asked != there;
  };
  return std::any_of(catalog.tables().begin(), catalog.tables().end(), [&](const auto& entry) {
    const policy::CatalogTable& table = entry.second;
    return MayBeOf(alone, table.schema, table.name) &&
           (differs(query.schema, table.schema) || differs(query.table, table.name));
  });
}

std::optional<Refusal> RefuseSchemaQuery(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const sql::TokenList& tokens,
                                         const sql::Statement* statement, const SchemaQuery& query,
                                         bool logical) {
  if (RunsText(tokens)) return RefuseTextsWithin(snapshot, facts, tokens);
  const Told told = ToldOf(snapshot, facts, query);
  if (const auto use = FindStoredUse(statement, tokens, told.otherwise, query.rows_differ)) {
    const bool chooses = statement != nullptr && statement->kind == sql::StatementKind::kSelect;
    return RefuseUse(chooses,
                     " (at character " + std::to_string(tokens.tokens[*use].begin + 1) + ")");
  }
  const bool recognised =
      logical && query.rows != SchemaRows::kNone && !SpellsOtherwise(*snapshot.catalog, query);
  if (!told.hides_default || recognised || !MayShowDefault(tokens)) return std::nullopt;
  return Unsupported(
      "this query would show what is stored as the DEFAULT of a protected column that this role "
      "does not see in the clear; leave COLUMN_DEFAULT out, or use SHOW COLUMNS");
}

std::optional<Refusal> RefuseSchemaText(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                        std::string_view text) {
  sql::TokenList tokens;
  sql::Lex(text, LexModeOf(facts), tokens);
  if (!snapshot.catalog->has_hot_names()) return std::nullopt;
  // Rows of what is executed are not changed.
  if (ShowsMessages(tokens) && HidesInMessages(*snapshot.catalog, *facts.role)) {
    return RefuseMessages();
  }
  if (auto refusal = RefuseStoredElsewhere(snapshot, facts, tokens)) return refusal;
  if (!MayBeSchemaQuery(facts, tokens)) return std::nullopt;
  if (RunsText(tokens)) return RefuseTextsWithin(snapshot, facts, tokens);
  if (!FindStoredUse(nullptr, tokens, ToldOf(snapshot, facts, {}).otherwise, false)) {
    return std::nullopt;
  }
  return RefuseUse(false, "");
}

}  // namespace sealgate::rewrite
