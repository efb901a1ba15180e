// CREATE TABLE: a protected column gets its physical type, and its logical type goes
// into its COMMENT.
#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/context/syntax.h"
#include "proxy/rewrite/definition/definition_planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// What a COMMENT of a column has room for; MySQL manual, "CREATE TABLE Statement".
constexpr std::size_t kMostOfComment = 1024 + 2;  // with its quotes

// Of UTF-8; in another character set it may be fewer.
std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view CanonicalTypeWord(std::string_view word) {
  if (word == "integer") return "int";
  if (word == "numeric" || word == "dec" || word == "fixed") return "decimal";
  if (word == "bool" || word == "boolean") return "tinyint(1)";
  if (word == "character") return "char";
  return word;
}

// Whether CHARACTER SET or CHARSET stands before it.
bool IsNamedCharset(const sql::TokenList& tokens, std::uint32_t token) {
  if (tokens.tokens[token - 1].op == sql::Operator::kEqual) --token;
  const std::string_view word = tokens.Text(token - 1);
  return sql::EqualsKeyword(word, "SET") || sql::EqualsKeyword(word, "CHARSET");
}

}  // namespace

bool DefinitionPlanner::NamesAny(sql::Span span, const std::vector<std::string>& folded) {
  for (std::uint32_t i = span.first; i <= span.last && i < tokens_.tokens.size(); ++i) {
    const sql::TokenKind kind = tokens_.tokens[i].kind;
    if (kind != sql::TokenKind::kWord && kind != sql::TokenKind::kQuotedIdentifier) continue;
    if (std::find(folded.begin(), folded.end(), Folded(i)) != folded.end()) return true;
  }
  return false;
}

bool DefinitionPlanner::PlanCreateTable(const sql::CreateTableStatement& create) {
  plan_.cacheable = false;  // VARCHAR(20) and VARCHAR(30) are one shape
  const std::string schema = create.table.schema == sql::kNoToken ? policy::FoldName(facts_.schema)
                                                                  : Folded(create.table.schema);
  if (schema.empty()) return Refuse(TypeRefusal(1046, "3D000", "no database is selected"));
  const std::string table = Folded(create.table.table);
  std::vector<CreatedColumn> created;
  bool is_protected = false;
  for (std::uint32_t i = 0; i < snapshot_.policy->columns.size(); ++i) {
    const policy::ProtectedColumn& column = snapshot_.policy->columns[i];
    if (policy::FoldName(column.schema) != schema || policy::FoldName(column.table) != table)
      continue;
    is_protected = true;
    const std::string name = policy::FoldName(column.column);
    for (const sql::ColumnDefinition& definition : create.columns) {
      if (Folded(definition.name) != name) continue;
      created.push_back({&definition, i, {}, snapshot_.policy->domains[column.domain].mode});
    }
  }
  if (!CheckNewName(create.table)) return false;
  if (create.temporary && FindView(create.table) != nullptr) {
    return Refuse(
        Unsupported("a temporary table with the name of a view over a protected table is not "
                    "supported" +
                    At(create.table.table)));
  }
  if (create.like != sql::kNoToken) return PlanCreateLike(create);
  if (!CheckCreate(create, is_protected) || !CheckPartitionKey(create, created)) return false;
  const TableCollation collation{
      create.default_collation, create.default_character_set,
      std::string(snapshot_.catalog->SchemaDefault(SpelledName(create.table).first))};
  for (CreatedColumn& column : created) {
    if (!CheckCreatedColumn(column) || !LogicalTypeOf(collation, column)) return false;
  }
  plan_.created = CreatedTable(created);
  for (std::uint32_t i = 0; i < created.size(); ++i) {
    std::string key;
    if (!EditCreatedColumn(created[i], key) || !EditCreatedDefault(created[i], i)) return false;
    // Behind its column, since keys without a name get theirs in their order.
    if (!key.empty()) edits_.InsertBefore(created[i].definition->span.last + 1, ", " + key);
  }
  return EditCreatedKeys(create.keys, created);
}

std::shared_ptr<const policy::CatalogTable> DefinitionPlanner::CreatedTable(
    const std::vector<CreatedColumn>& columns) {
  auto table = std::make_shared<policy::CatalogTable>();
  for (const CreatedColumn& created : columns) {
    policy::CatalogColumn column;
    column.name = snapshot_.policy->columns[created.protection].column;
    column.protection = created.protection;
    column.type = created.type;
    if (created.mode == crypto::Mode::kSearchable && policy::IsText(created.type.kind)) {
      column.weights = WeightsFor(created);
    }
    table->columns.push_back(std::move(column));
  }
  return table;
}

// Without the weights of a collation, only the empty string is known.
std::shared_ptr<const policy::CollationWeights> DefinitionPlanner::WeightsFor(
    const CreatedColumn& created) {
  const std::string& collation = created.type.collation;
  if (auto weights = snapshot_.catalog->FindWeights(collation)) return weights;
  const sql::Expr* value = created.definition->default_value;
  if (value != nullptr && !IsNullLiteral(*value)) plan_.unknown_collations.push_back(collation);
  return std::make_shared<const policy::CollationWeights>(collation, true);
}

// What a table may not have beside protected columns, or when it refers to a
// protected table.
bool DefinitionPlanner::CheckCreate(const sql::CreateTableStatement& create, bool is_protected) {
  const std::uint32_t at = create.table.table;
  if (create.query != nullptr) {
    return Refuse(
        Unsupported("CREATE TABLE … SELECT with a protected table is not supported; "
                    "create the table first" +
                    At(at)));
  }
  if (create.merge != sql::kNoToken) {
    return Refuse(
        Unsupported("a MERGE table beside a protected table is not supported" + At(create.merge)));
  }
  if (is_protected && !CheckEngine(create.engine)) return false;
  if (is_protected && create.temporary) {
    return Refuse(
        Unsupported("a temporary table with the name of a protected one is not "
                    "supported" +
                    At(at)));
  }
  for (const sql::KeyDefinition& key : create.keys) {
    if (!CheckKey(key)) return false;
  }
  for (const sql::ColumnDefinition& column : create.columns) {
    if (!CheckColumnExpressions(column)) return false;
  }
  const std::uint32_t end = static_cast<std::uint32_t>(tokens_.tokens.size() - 1);
  if (create.partition != sql::kNoToken && NamesAny({create.partition, end}, ProtectedNames())) {
    return Refuse(
        Unsupported("partitioning by a protected column is not supported" + At(create.partition)));
  }
  return true;
}

// Its keys are hashes, which MySQL does not compare over the stored prefix. It finds the
// engine with blanks behind its name, too.
bool DefinitionPlanner::CheckEngine(std::uint32_t engine) {
  std::string name = Folded(engine);
  name.erase(name.find_last_not_of(' ') + 1);
  if (snapshot_.catalog->is_mariadb || (name != "memory" && name != "heap")) return true;
  return Refuse(
      Unsupported("ENGINE=MEMORY of a protected table is not supported on MySQL, where it does "
                  "not enforce unique keys over sealed values" +
                  At(engine)));
}

std::vector<std::string> DefinitionPlanner::ProtectedNames() const {
  std::vector<std::string> names;
  for (const policy::ProtectedColumn& column : snapshot_.policy->columns) {
    names.push_back(policy::FoldName(column.column));
  }
  for (const auto& [name, table] : snapshot_.catalog->tables()) {
    for (const policy::CatalogColumn& column : table.columns) {
      const bool made = column.computed || column.computed_default || column.of_plaintext;
      if (made) names.push_back(policy::FoldName(column.name));
    }
  }
  return names;
}

bool DefinitionPlanner::CheckColumnExpressions(const sql::ColumnDefinition& column) {
  const std::vector<std::string> names = ProtectedNames();
  for (const sql::Expr* expr :
       {column.default_value, column.on_update, column.generated_expr, column.check_expr}) {
    if (expr != nullptr && NamesAny(expr->span, names)) {
      return Refuse(
          Unsupported("a default, generated column or check that names a protected "
                      "column is not supported" +
                      At(expr->span.first)));
    }
  }
  if (column.references != sql::kNoToken &&
      NamesAny({column.references, column.span.last}, names)) {
    return Refuse(
        Unsupported("REFERENCES to a protected column is not supported" + At(column.references)));
  }
  return CheckReference(column.reference);
}

bool DefinitionPlanner::CheckCreatedColumn(const CreatedColumn& column) {
  const sql::ColumnDefinition& definition = *column.definition;
  const std::string name = snapshot_.policy->columns[column.protection].QualifiedName();
  if (!facts_.role->columns[column.protection].write) {
    return Refuse(ColumnDenied("this role may not write, so may not create, column " + name +
                               At(definition.name)));
  }
  struct Rule {
    bool broken;
    std::string_view construct;
  };
  const Rule rules[] = {
      {definition.generated != sql::kNoToken, "a generated column"},
      {definition.auto_increment, "AUTO_INCREMENT"},
      {definition.on_update != nullptr, "ON UPDATE"},
      {definition.check != sql::kNoToken, "CHECK"},
      {definition.references != sql::kNoToken, "REFERENCES"},
      {definition.zerofill, "ZEROFILL"},
      {definition.compressed != sql::kNoToken, "COMPRESSED (what is sealed does not get smaller)"},
  };
  for (const Rule& rule : rules) {
    if (rule.broken) return RefuseAt(definition.span.first, name, rule.construct);
  }
  return true;
}

bool DefinitionPlanner::LogicalTypeOf(const TableCollation& table, CreatedColumn& column) {
  const sql::ColumnDefinition& definition = *column.definition;
  const std::string name = snapshot_.policy->columns[column.protection].QualifiedName();
  const std::string lower = ascii::ToLower(tokens_.Text(definition.type));
  std::string text(CanonicalTypeWord(lower));
  if (text == "char" && sql::EqualsKeyword(tokens_.Text(definition.type + 1), "VARYING")) {
    text = "varchar";
  }
  if (!definition.type_arguments.empty()) {
    text += "(";
    for (std::size_t i = 0; i < definition.type_arguments.size(); ++i) {
      if (i > 0) text += ",";
      text += tokens_.Text(definition.type_arguments[i]);
    }
    text += ")";
  }
  if (definition.is_unsigned) text += " unsigned";
  const auto type = policy::TypeFromText(text);
  if (!type) return RefuseAt(definition.type, name, "this type");
  if (type->kind == policy::TypeKind::kTimestamp && !facts_.explicit_timestamps) {
    return RefuseAt(definition.type, name, "TIMESTAMP without explicit_defaults_for_timestamp");
  }
  column.type = *type;
  if (type->kind == policy::TypeKind::kVarbinary && !FitsRow(column)) return false;
  if (!policy::IsText(column.type.kind)) {
    // MariaDB would make a text of the bytes.
    const std::uint32_t of_text =
        definition.collation != sql::kNoToken ? definition.collation : definition.character_set;
    return of_text == sql::kNoToken ||
           RefuseAt(of_text, name, "a character set or collation with its type");
  }
  // ASCII means latin1, and UNICODE ucs2.
  const std::uint32_t set = definition.character_set;
  if (set != sql::kNoToken && set > 0 && !IsNamedCharset(tokens_, set)) {
    return RefuseAt(set, name, "ASCII, UNICODE or BYTE in its type");
  }
  std::string collation;
  if (!CollationOf(table, definition, collation)) return false;
  const policy::CollationInfo* info =
      snapshot_.catalog->FindCollation(snapshot_.catalog->CollationId(collation));
  const auto charset = info ? policy::CharsetFromName(info->charset) : std::nullopt;
  if (!charset || *charset == policy::Charset::kBinary) {
    return RefuseAt(definition.type, name, "its character set");
  }
  if (column.mode == crypto::Mode::kSearchable && !policy::IsSearchableCollation(collation)) {
    return RefuseAt(definition.type, name, "mode 'searchable' with its collation");
  }
  column.type.charset = *charset;
  column.type.collation = collation;
  return type->kind != policy::TypeKind::kVarchar || FitsRow(column);
}

// Without a strict sql_mode the servers make a TEXT or BLOB of what is longer than a row.
bool DefinitionPlanner::FitsRow(const CreatedColumn& column) {
  constexpr std::uint32_t kLongest = 65'535;
  constexpr std::uint32_t kLongestInRow = 65'532;
  const std::uint32_t bytes = policy::MaxBytesPerCharacter(column.type.charset);
  const std::uint32_t at = column.definition->type;
  if (column.type.length > kLongest / bytes) {
    return Refuse(TypeRefusal(1074, "42000",
                              "a column's length is too big (at most " +
                                  std::to_string(kLongest / bytes) +
                                  "); use a TEXT or BLOB instead" + At(at)));
  }
  return column.type.length * bytes <= kLongestInRow ||
         RefuseAt(at, snapshot_.policy->columns[column.protection].QualifiedName(),
                  "a length for which a row has no room");
}

// Of a character set; "" if it is not known.
std::string DefinitionPlanner::DefaultCollationOf(std::uint32_t charset) {
  const std::string name = Folded(charset);
  std::uint16_t id = snapshot_.catalog->DefaultCollationId(name);
  if (id == 0 && name == "utf8") id = snapshot_.catalog->DefaultCollationId("utf8mb3");
  const policy::CollationInfo* info = snapshot_.catalog->FindCollation(id);
  return info ? info->name : "";
}

// The server sees the column without both, so it is not the one to find that they differ.
bool DefinitionPlanner::IsOfCharset(std::uint32_t collate, std::uint32_t charset) {
  const auto charset_of = [&](const std::string& collation) {
    const auto* info = snapshot_.catalog->FindCollation(snapshot_.catalog->CollationId(collation));
    return info ? info->charset : "";
  };
  const std::string collation = Folded(collate);
  // Also BINARY in the type, which is of every character set.
  if (collation == "binary" || charset_of(collation) == charset_of(DefaultCollationOf(charset))) {
    return true;
  }
  return Refuse(
      TypeRefusal(1253, "42000", "the collation is not one of the character set" + At(collate)));
}

// The column's own, else the table's, else the schema's.
bool DefinitionPlanner::CollationOf(const TableCollation& table,
                                    const sql::ColumnDefinition& column, std::string& collation) {
  const auto from = [&](std::uint32_t collate, std::uint32_t charset) {
    const bool collates = collate != sql::kNoToken;
    if (!collates && charset == sql::kNoToken) return false;
    collation = collates ? Folded(collate) : DefaultCollationOf(charset);
    return true;
  };
  for (const auto& [collate, charset] : {std::pair(column.collation, column.character_set),
                                         std::pair(table.collation, table.charset)}) {
    const bool both = collate != sql::kNoToken && charset != sql::kNoToken;
    if (both && !IsOfCharset(collate, charset)) return false;
  }
  if (!from(column.collation, column.character_set) && !from(table.collation, table.charset)) {
    collation = table.otherwise;
  }
  if (!collation.empty()) return true;
  return Refuse(
      Unsupported("the character set of a protected column is not known; write it out "
                  "with CHARACTER SET and COLLATE" +
                  At(column.span.first)));
}

// The logical type, and behind it the comment that the column is given. A server would cut
// what is too long, or refuse it with an error about a length that nobody gave it.
bool DefinitionPlanner::EditCreatedComment(const CreatedColumn& column) {
  const std::uint32_t token = column.definition->comment;
  const std::string_view given = tokens_.Text(token);
  std::string text(1, given.front());
  text += policy::ToComment(column.type);
  if (given.size() > 2) text += policy::kOwnComment;
  text.append(given.substr(1));
  if (CountCharacters(text) > kMostOfComment) {
    return RefuseAt(token, snapshot_.policy->columns[column.protection].QualifiedName(),
                    "a COMMENT of so many characters, beside its type in it,");
  }
  edits_.Replace({token, token}, std::move(text));
  return true;
}

bool DefinitionPlanner::EditCreatedColumn(const CreatedColumn& column, std::string& key) {
  const sql::ColumnDefinition& definition = *column.definition;
  std::string type = policy::PhysicalType(column.type, column.mode);
  if (definition.comment != sql::kNoToken) {
    if (!EditCreatedComment(column)) return false;
  } else {
    const std::string comment = "COMMENT '" + policy::ToComment(column.type) + "'";
    // Nothing may come in front of the text's end: a comment could stand there.
    const std::uint32_t after = definition.span.last + 1;
    const sql::TokenKind next = tokens_.tokens[after].kind;
    // AFTER and FIRST are words like those before them.
    const bool word = next == sql::TokenKind::kWord;
    if (next == sql::TokenKind::kEnd) {
      type += " " + comment;
    } else {
      edits_.InsertBefore(after, word ? comment + " " : " " + comment);
    }
  }
  edits_.Replace(definition.type_span, std::move(type));
  if (definition.collate_attribute.first != sql::kNoToken &&
      definition.collate_attribute.last > definition.type_span.last) {
    edits_.Replace(definition.collate_attribute, "");
  }
  return TakeKey(column, key);
}

// The server stores a default for rows that name no value, so it is sealed once,
// here: such rows all hold the same envelope.
bool DefinitionPlanner::EditCreatedDefault(const CreatedColumn& column, std::uint32_t index) {
  const sql::Expr* value = column.definition->default_value;
  if (value == nullptr || IsNullLiteral(*value)) return true;
  return EditDefault(*value, TargetOf(*plan_.created, plan_.created->columns[index]));
}

bool DefinitionPlanner::EditDefault(const sql::Expr& value, std::uint32_t target) {
  const sql::Expr* core = nullptr;
  if (!IsValue(value, &core) || core->kind == sql::ExprKind::kParameter) {
    return RefuseAt(value.span.first, plan_.targets[target].protection->QualifiedName(),
                    "a DEFAULT other than a literal");
  }
  if (!MayWrite(target, value.span.first)) return false;
  // As an expression: MySQL shows a literal with a NUL in it only up to there,
  // and takes no literal for a BLOB.
  edits_.Replace(value.span, {{"(", SealAs::kEnvelope, core->span.first, core->span.last, target},
                              {")", SealAs::kPlain, 0, 0, 0}});
  return true;
}

}  // namespace sealgate::rewrite
