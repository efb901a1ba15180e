// The columns of CREATE TABLE. Source: MySQL manual, "Data Types", "CREATE
// TABLE Statement"; MariaDB manual, "Data Types".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

ColumnDefinition Parser::ParseColumnDefinition() {
  ColumnDefinition column;
  column.collate_attribute = {kNoToken, kNoToken};
  column.key_attribute_span = {kNoToken, kNoToken};
  column.comment_span = {kNoToken, kNoToken};
  const std::uint32_t first = at_;
  column.name = ParseNamePart();
  // MariaDB takes the table's name before it, and the schema's.
  for (int parts = 0; parts < 2 && Accept(Operator::kDot); ++parts) column.name = ParseNamePart();
  ParseDataType(column);
  while (ParseColumnAttribute(column)) continue;
  column.span = SpanFrom(first);
  return column;
}

namespace {

constexpr std::string_view kTypes[] = {
    "BIT",
    "BOOL",
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "MIDDLEINT",
    "INT",
    "INTEGER",
    "BIGINT",
    "INT1",
    "INT2",
    "INT3",
    "INT4",
    "INT8",
    "DECIMAL",
    "DEC",
    "NUMERIC",
    "FIXED",
    "FLOAT",
    "FLOAT4",
    "FLOAT8",
    "DOUBLE",
    "REAL",
    "DATE",
    "TIME",
    "DATETIME",
    "TIMESTAMP",
    "YEAR",
    "CHAR",
    "CHARACTER",
    "NCHAR",
    "VARCHAR",
    "NVARCHAR",
    "NATIONAL",
    "VARCHARACTER",
    "BINARY",
    "VARBINARY",
    "TINYBLOB",
    "BLOB",
    "MEDIUMBLOB",
    "LONGBLOB",
    "TINYTEXT",
    "TEXT",
    "MEDIUMTEXT",
    "LONGTEXT",
    "LONG",
    "ENUM",
    "SET",
    "JSON",
    "SERIAL",
    "GEOMETRY",
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
    "GEOMCOLLECTION",
    "NUMBER",
    "VARCHAR2",
    "RAW",
    "CLOB",
    "UUID",
    "INET4",
    "INET6",
    "VECTOR",
};

}  // namespace

void Parser::ParseDataType(ColumnDefinition& column) {
  const std::uint32_t first = at_;
  if (IsWord("MARIADB_SCHEMA") && IsOp(Operator::kDot, 1)) at_ += 2;
  if (!IsAnyWord(kTypes)) Fail();
  column.type = at_;
  if (AcceptWord("DOUBLE")) {
    AcceptWord("PRECISION");
  } else if (AcceptWord("LONG")) {
    if (AcceptAnyWord({"CHAR", "CHARACTER"})) {
      ExpectWord("VARYING");
    } else {
      AcceptAnyWord({"VARCHAR", "VARBINARY", "VARCHARACTER"});
    }
  } else if (AcceptWord("NATIONAL")) {
    const bool plain = IsAnyWord({"CHAR", "CHARACTER"});
    ExpectAnyWord({"CHAR", "CHARACTER", "VARCHAR", "VARCHARACTER"});
    if (plain) AcceptWord("VARYING");
  } else if (AcceptAnyWord({"CHAR", "CHARACTER"})) {
    AcceptWord("VARYING");
  } else if (AcceptWord("NCHAR")) {
    AcceptAnyWord({"VARYING", "VARCHAR", "VARCHARACTER"});
  } else {
    Take();
  }
  if (Accept(Operator::kOpen)) {
    std::vector<std::uint32_t> arguments;
    do {
      if (!Is(TokenKind::kInteger) && !Is(TokenKind::kString) && !Is(TokenKind::kHex)) Fail();
      arguments.push_back(Take());
    } while (Accept(Operator::kComma));
    Expect(Operator::kClose);
    column.type_arguments = arena_.Copy(arguments);
  }
  while (ParseTypeAttribute(column)) continue;
  column.type_span = SpanFrom(first);
}

bool Parser::ParseTypeAttribute(ColumnDefinition& column) {
  if (AcceptWord("UNSIGNED")) {
    column.is_unsigned = true;
  } else if (AcceptWord("ZEROFILL")) {
    column.zerofill = true;
  } else if (AcceptCharacterSet()) {
    CharacterSetOnce(column);
    column.character_set = ParseCharacterSetName();
  } else if (IsAnyWord({"ASCII", "UNICODE", "BYTE"})) {
    CharacterSetOnce(column);
    column.character_set = Take();
  } else if (IsAnyWord({"COLLATE", "BINARY"})) {
    Once(column.collation != kNoToken);
    column.collation = AcceptWord("COLLATE") ? ParseCharacterSetName() : Take();
  } else if (!ParseCompressed(column)) {
    return AcceptWord("SIGNED");
  }
  return true;
}

// The server takes it in front of COLLATE, and on either side of BINARY.
void Parser::CharacterSetOnce(const ColumnDefinition& column) {
  Once(column.character_set != kNoToken);
  Once(column.collation != kNoToken && !EqualsKeyword(tokens_.Text(column.collation), "BINARY"));
}

// MariaDB: COMPRESSED [= method].
bool Parser::ParseCompressed(ColumnDefinition& column) {
  if (!IsWord("COMPRESSED")) return false;
  Once(column.compressed != kNoToken);
  column.compressed = Take();
  if (Accept(Operator::kEqual)) ParseNamePart();
  return true;
}

bool Parser::ParseKeyAttribute(ColumnDefinition& column) {
  if (!IsAnyWord({"UNIQUE", "PRIMARY", "KEY"})) return false;
  Once(column.key_attribute != kNoToken);
  column.key_attribute = Take();
  if (EqualsKeyword(tokens_.Text(column.key_attribute), "PRIMARY")) {
    ExpectWord("KEY");
  } else if (EqualsKeyword(tokens_.Text(column.key_attribute), "UNIQUE")) {
    AcceptWord("KEY");
  }
  column.key_attribute_span = SpanFrom(column.key_attribute);
  return true;
}

bool Parser::ParseColumnAttribute(ColumnDefinition& column) {
  if (ParseKeyAttribute(column)) return true;
  const std::uint32_t first = at_;
  if (AcceptWords("NOT", "NULL")) {
    column.not_null = true;
  } else if (AcceptWord("DEFAULT")) {
    Once(column.default_value != nullptr);
    column.default_value = ParseColumnDefault();
  } else if (AcceptWords("ON", "UPDATE")) {
    Once(column.on_update != nullptr);
    column.on_update = ParseColumnDefault();
  } else if (AcceptWord("AUTO_INCREMENT")) {
    column.auto_increment = true;
  } else if (AcceptWord("INVISIBLE")) {
    column.invisible = true;
  } else if (AcceptWord("COMMENT")) {
    Once(column.comment != kNoToken);
    column.comment = ExpectKind(TokenKind::kString);
    column.comment_span = SpanFrom(first);
  } else if (AcceptWord("COLLATE")) {
    Once(column.collation != kNoToken);
    column.collation = ParseCharacterSetName();
    column.collate_attribute = SpanFrom(first);
  } else if (AcceptAnyWord({"COLUMN_FORMAT", "STORAGE"})) {
    ExpectAnyWord({"FIXED", "DYNAMIC", "DEFAULT", "DISK", "MEMORY"});
  } else if (AcceptAnyWord({"ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"})) {
    Accept(Operator::kEqual);
    ExpectKind(TokenKind::kString);
  } else if (AcceptWord("SRID")) {
    ExpectKind(TokenKind::kInteger);
  } else if (IsWord("AS") || (IsWord("GENERATED") && IsWord("ALWAYS", 1))) {
    Once(column.generated != kNoToken);
    column.generated = first;
    if (AcceptWord("GENERATED")) ExpectWord("ALWAYS");
    ExpectWord("AS");
    if (IsWord("ROW") && IsAnyWord({"START", "END"}, 1)) {  // of system versioning
      Beyond();
      at_ += 2;
      return true;
    }
    Expect(Operator::kOpen);
    column.generated_expr = ParseExpr();
    Expect(Operator::kClose);
    AcceptAnyWord({"VIRTUAL", "STORED", "PERSISTENT"});
  } else if (IsWord("CONSTRAINT") && IsWord("REFERENCES", 2)) {
    at_ += 2;
  } else if (IsWord("CHECK") || IsWord("CONSTRAINT")) {
    if (AcceptWord("CONSTRAINT") && !IsWord("CHECK")) ParseNamePart();
    Once(column.check != kNoToken);
    column.check = ExpectWord("CHECK");
    Expect(Operator::kOpen);
    column.check_expr = ParseExpr();
    Expect(Operator::kClose);
    if (!AcceptWords("NOT", "ENFORCED")) AcceptWord("ENFORCED");
  } else if (IsWord("REFERENCES")) {
    Once(column.references != kNoToken);
    column.references = at_;
    column.reference = ParseReferences();
  } else {
    return AcceptAnyWord({"NULL", "VISIBLE"}) || ParseCompressed(column) || ParseFurtherAttribute();
  }
  return true;
}

// MariaDB's: system versioning, options of a storage engine.
bool Parser::ParseFurtherAttribute() {
  const bool versioning =
      IsAnyWord({"WITH", "WITHOUT"}) && IsWord("SYSTEM", 1) && IsWord("VERSIONING", 2);
  const bool option = (IsName() || Is(TokenKind::kQuotedIdentifier)) && IsOp(Operator::kEqual, 1);
  if (!versioning && !option) return false;
  Beyond();
  if (versioning) {
    at_ += 3;
  } else {
    ParseEngineOption();
  }
  return true;
}

// name = word, string or number
void Parser::ParseEngineOption() {
  at_ += 2;
  if (Is(TokenKind::kInteger) || Is(TokenKind::kHex)) {
    Take();
  } else {
    ParseWordOrString();
  }
}

// A literal with an optional sign, a call, or an expression in parentheses. A
// COLLATE behind it is the column's.
Expr* Parser::ParseColumnDefault() {
  if (IsOp(Operator::kMinus) || IsOp(Operator::kPlus)) {
    const Op op = IsOp(Operator::kMinus) ? Op::kNegate : Op::kPlus;
    const std::uint32_t op_token = Take();
    Expr* operand = ParseOperand();
    Expr* sign = NewExpr(ExprKind::kUnary);
    sign->op = op;
    sign->op_token = op_token;
    return Finish(sign, op_token, {operand});
  }
  return ParseOperand();
}

}  // namespace sealgate::sql
