// Source: MySQL manual, "CREATE TABLE Statement"; MariaDB manual, "CREATE TABLE".
#include <algorithm>
#include <iterator>

#include "proxy/sql/lexer.h"
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

// False, and nothing consumed, when the statement is no CREATE TABLE.
bool Parser::ParseCreateTable(Statement* statement) {
  if (!IsWord("CREATE")) return false;
  const bool or_replace = IsWord("OR", 1) && IsWord("REPLACE", 2);
  const std::uint32_t after = or_replace ? 3 : 1;
  const bool temporary = IsWord("TEMPORARY", after);
  if (!IsWord("TABLE", after + (temporary ? 1 : 0))) return false;
  at_ += after + (temporary ? 2 : 1);
  statement->kind = StatementKind::kCreateTable;
  CreateTableStatement* table = arena_.New<CreateTableStatement>();
  statement->create_table = table;
  table->or_replace = or_replace;
  table->temporary = temporary;
  if (AcceptWord("IF")) {
    ExpectWord("NOT");
    ExpectWord("EXISTS");
  }
  table->table = ParseTableName();
  if (IsWord("LIKE") || (IsOp(Operator::kOpen) && IsWord("LIKE", 1))) {
    const bool open = Accept(Operator::kOpen);
    table->like = Take();
    table->like_table = ParseTableName();
    if (open) Expect(Operator::kClose);
    return true;
  }
  if (IsOp(Operator::kOpen) && !BeginsQuery(at_, QueryPlace::kTable)) {
    Take();
    std::vector<ColumnDefinition> columns;
    std::vector<KeyDefinition> keys;
    do {
      ParseTableElement(columns, keys);
    } while (Accept(Operator::kComma));
    table->columns = arena_.Copy(columns);
    table->keys = arena_.Copy(keys);
    table->body_close = Expect(Operator::kClose);
  }
  ParseTableOptions(table);
  if (IsWord("PARTITION")) {
    table->partition = at_;
    SkipPartitioning();
  }
  AcceptAnyWord({"IGNORE", "REPLACE"});
  const bool as = AcceptWord("AS");
  if (as || IsAnyWord({"SELECT", "WITH", "VALUES", "TABLE"}) || IsOp(Operator::kOpen)) {
    table->query = ParseQuery();
  }
  return true;
}

void Parser::ParseTableElement(std::vector<ColumnDefinition>& columns,
                               std::vector<KeyDefinition>& keys) {
  KeyDefinition key;
  if (IsWord("PERIOD") && IsWord("FOR", 1)) {
    ParsePeriod();
  } else if (ParseKey(key)) {
    keys.push_back(key);
  } else {
    columns.push_back(ParseColumnDefinition());
  }
}

// MariaDB: PERIOD FOR name (begin, end).
void Parser::ParsePeriod() {
  Beyond();
  at_ += 2;
  ParseNamePart();
  if (ParseNameList().empty()) Fail();
}

// False, and nothing consumed, at a column.
bool Parser::ParseKey(KeyDefinition& key) {
  const std::uint32_t first = at_;
  if (!IsAnyWord({"CONSTRAINT", "PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL",
                  "FOREIGN", "CHECK"})) {
    return false;
  }
  const bool constraint = AcceptWord("CONSTRAINT");
  if (constraint && !IsAnyWord({"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"})) {
    key.name = ParseNamePart();
  }
  if (AcceptWord("CHECK")) {
    key.kind = KeyKind::kCheck;
    Expect(Operator::kOpen);
    key.check_expr = ParseExpr();
    Expect(Operator::kClose);
    if (AcceptWord("NOT")) {
      ExpectWord("ENFORCED");
    } else {
      AcceptWord("ENFORCED");
    }
    key.span = SpanFrom(first);
    return true;
  }
  if (AcceptWord("PRIMARY")) {
    key.kind = KeyKind::kPrimary;
    ExpectWord("KEY");
  } else if (AcceptWord("FOREIGN")) {
    key.kind = KeyKind::kForeign;
    ExpectWord("KEY");
  } else if (AcceptWord("UNIQUE")) {
    key.kind = KeyKind::kUnique;
    AcceptAnyWord({"KEY", "INDEX"});
  } else if (!constraint && IsAnyWord({"FULLTEXT", "SPATIAL"})) {
    key.kind = IsWord("SPATIAL") ? KeyKind::kSpatial : KeyKind::kFulltext;
    Take();
    AcceptAnyWord({"KEY", "INDEX"});
  } else {
    if (constraint) Fail();
    key.kind = KeyKind::kIndex;
    ExpectAnyWord({"KEY", "INDEX"});
  }
  if (!IsOp(Operator::kOpen) && !IsWord("USING")) {
    if (AcceptWords("IF", "NOT")) ExpectWord("EXISTS");
    key.name = ParseNamePart();
  }
  if (AcceptAnyWord({"USING", "TYPE"})) ExpectAnyWord({"BTREE", "HASH", "RTREE"});
  if (constraint && key.kind == KeyKind::kForeign && key.name == kNoToken && IsName()) {
    key.name = ParseNamePart();
  }
  key.parts = ParseKeyParts();
  if (key.kind == KeyKind::kForeign) {
    key.reference = ParseReferences();
  } else {
    ParseKeyOptions();
  }
  key.span = SpanFrom(first);
  return true;
}

std::span<KeyPart> Parser::ParseKeyParts() {
  std::vector<KeyPart> parts;
  Expect(Operator::kOpen);
  do {
    KeyPart part;
    const std::uint32_t first = at_;
    if (Accept(Operator::kOpen)) {
      part.expr = ParseExpr();
      Expect(Operator::kClose);
    } else {
      part.column = ParseNamePart();
      if (Accept(Operator::kOpen)) {
        part.length = ExpectKind(TokenKind::kInteger);
        Expect(Operator::kClose);
      }
    }
    if (IsWord("WITHOUT")) {
      Beyond();
      Take();
      ExpectWord("OVERLAPS");
    }
    AcceptAnyWord({"ASC", "DESC"});
    part.span = SpanFrom(first);
    parts.push_back(part);
  } while (Accept(Operator::kComma));
  Expect(Operator::kClose);
  return arena_.Copy(parts);
}

void Parser::ParseKeyOptions() {
  for (;;) {
    if (AcceptWord("KEY_BLOCK_SIZE")) {
      Accept(Operator::kEqual);
      ExpectKind(TokenKind::kInteger);
    } else if (AcceptAnyWord({"USING", "TYPE"})) {
      ExpectAnyWord({"BTREE", "HASH", "RTREE"});
    } else if (AcceptWords("WITH", "PARSER")) {
      ParseNamePart();
    } else if (AcceptAnyWord({"COMMENT", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"})) {
      Accept(Operator::kEqual);
      ExpectKind(TokenKind::kString);
    } else if (!AcceptAnyWord({"VISIBLE", "INVISIBLE", "IGNORED"}) &&
               !AcceptWords("NOT", "IGNORED")) {
      // The last two are of CREATE INDEX itself.
      if (!IsName() || !IsOp(Operator::kEqual, 1) || IsAnyWord({"ALGORITHM", "LOCK"})) return;
      Beyond();
      ParseEngineOption();
    }
  }
}

Reference Parser::ParseReferences() {
  Reference reference;
  ExpectWord("REFERENCES");
  reference.table = ParseTableName();
  reference.names_columns = IsOp(Operator::kOpen);
  if (reference.names_columns) ParseKeyParts();
  if (AcceptWord("MATCH")) ExpectAnyWord({"FULL", "PARTIAL", "SIMPLE"});
  while (IsWord("ON") && IsAnyWord({"DELETE", "UPDATE"}, 1)) {
    at_ += 2;
    if (AcceptWord("SET")) {
      ExpectAnyWord({"NULL", "DEFAULT"});
    } else if (AcceptWord("NO")) {
      ExpectWord("ACTION");
    } else {
      ExpectAnyWord({"RESTRICT", "CASCADE"});
    }
  }
  return reference;
}

void Parser::ParseTableOptions(CreateTableStatement* table) {
  while (ParseTableOption(table)) Accept(Operator::kComma);
}

namespace {

// Options whose value is one word, string or number.
constexpr std::string_view kOptions[] = {
    "ENGINE",           "TYPE",
    "AUTO_INCREMENT",   "AVG_ROW_LENGTH",
    "CHECKSUM",         "COMMENT",
    "COMPRESSION",      "CONNECTION",
    "DELAY_KEY_WRITE",  "ENCRYPTION",
    "ENCRYPTED",        "ENCRYPTION_KEY_ID",
    "INSERT_METHOD",    "KEY_BLOCK_SIZE",
    "MAX_ROWS",         "MIN_ROWS",
    "PACK_KEYS",        "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",  "PAGE_COMPRESSION_LEVEL",
    "ROW_FORMAT",       "STATS_AUTO_RECALC",
    "STATS_PERSISTENT", "STATS_SAMPLE_PAGES",
    "TABLESPACE",       "TRANSACTIONAL",
    "SECONDARY_ENGINE", "AUTOEXTEND_SIZE",
    "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE",
    "TABLE_CHECKSUM",
};
// Those of them that MariaDB's SHOW CREATE TABLE puts in quotes.
constexpr std::string_view kQuotedOptions[] = {"`PAGE_COMPRESSED`", "`PAGE_COMPRESSION_LEVEL`",
                                               "`ENCRYPTED`", "`ENCRYPTION_KEY_ID`"};

bool IsQuotedOption(const Token& token, std::string_view text) {
  return token.kind == TokenKind::kQuotedIdentifier &&
         std::any_of(std::begin(kQuotedOptions), std::end(kQuotedOptions),
                     [text](std::string_view option) { return EqualsKeyword(text, option); });
}

}  // namespace

bool Parser::ParseTableOption(CreateTableStatement* table) {
  if (IsWord("DEFAULT")) {
    Take();
    if (!IsAnyWord({"CHARACTER", "CHARSET", "CHAR", "COLLATE"})) Fail();
  }
  if (AcceptCharacterSet()) {
    Accept(Operator::kEqual);
    Once(table->default_character_set != kNoToken);
    table->default_character_set = ParseCharacterSetName();
    return true;
  }
  if (AcceptWord("COLLATE")) {
    Accept(Operator::kEqual);
    Once(table->default_collation != kNoToken);
    table->default_collation = ParseCharacterSetName();
    return true;
  }
  if (IsAnyWord({"DATA", "INDEX"}) && IsWord("DIRECTORY", 1)) {
    at_ += 2;
    Accept(Operator::kEqual);
    ExpectKind(TokenKind::kString);
    return true;
  }
  if (IsWord("STORAGE") && IsAnyWord({"DISK", "MEMORY", "DEFAULT"}, 1)) {
    at_ += 2;
    return true;
  }
  if (IsWord("UNION")) {
    Once(table->merge != kNoToken);
    table->merge = Take();
    Accept(Operator::kEqual);
    Expect(Operator::kOpen);
    if (!IsOp(Operator::kClose)) {
      do {
        ParseTableName();
      } while (Accept(Operator::kComma));
    }
    Expect(Operator::kClose);
    return true;
  }
  if (IsWord("WITH") && IsWord("SYSTEM", 1) && IsWord("VERSIONING", 2)) {
    Beyond();
    at_ += 3;
    return true;
  }
  if (!IsAnyWord(kOptions) && !IsQuotedOption(Peek(), tokens_.Text(at_))) {
    if (!IsName() || !IsOp(Operator::kEqual, 1)) return false;
    Beyond();
    ParseEngineOption();
    return true;
  }
  const bool engine = IsAnyWord({"ENGINE", "TYPE"});
  Take();
  Accept(Operator::kEqual);
  if (engine) table->engine = at_;
  if (!Is(TokenKind::kInteger)) {
    ParseWordOrString();
  } else {
    Take();
  }
  return true;
}

// The definition of partitions is not looked into: names, expressions, numbers.
void Parser::SkipPartitioning() {
  ExpectWord("PARTITION");
  ExpectWord("BY");
  while (!AtEnd() && !Is(TokenKind::kSemicolon) &&
         !IsAnyWord({"AS", "SELECT", "WITH", "IGNORE", "REPLACE", "TABLE"})) {
    SkipBalanced();
  }
}

void Parser::SkipBalanced() {
  if (!IsOp(Operator::kOpen)) {
    if (IsOp(Operator::kClose)) Fail();
    Take();
    return;
  }
  const std::uint32_t close = CloseOf(at_);
  if (tokens_.tokens[close].op != Operator::kClose) {
    Fail();
    return;
  }
  at_ = close + 1;
}

}  // namespace sealgate::sql
