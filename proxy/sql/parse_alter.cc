// Source: MySQL manual, "ALTER TABLE Statement", "CREATE INDEX Statement",
// "RENAME TABLE Statement"; MariaDB manual, the same.
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

// False, and nothing consumed, when the statement is no ALTER TABLE.
bool Parser::ParseAlterTable(Statement* statement) {
  if (!IsWord("ALTER")) return false;
  std::uint32_t after = 1;
  while (IsAnyWord({"ONLINE", "IGNORE"}, after)) ++after;
  if (!IsWord("TABLE", after)) return false;
  at_ += after + 1;
  statement->kind = StatementKind::kAlterTable;
  auto* alter = arena_.New<AlterTableStatement>();
  statement->alter_table = alter;
  if (AcceptWord("IF")) ExpectWord("EXISTS");
  alter->table = ParseTableName();
  while (AcceptAnyWord({"WAIT", "NOWAIT"})) {
    if (Is(TokenKind::kInteger)) Take();
  }
  std::vector<AlterAction> actions;
  while (!AtEnd() && !Is(TokenKind::kSemicolon)) {
    actions.push_back(ParseAlterAction());
    // Table options may follow each other without a comma.
    if (!Accept(Operator::kComma) && actions.back().kind != AlterKind::kOptions) break;
  }
  alter->actions = arena_.Copy(actions);
  return true;
}

AlterAction Parser::ParseAlterAction() {
  AlterAction action;
  const std::uint32_t first = at_;
  if (AcceptWord("ADD")) {
    ParseAlterAdd(action);
  } else if (IsAnyWord({"DROP", "MODIFY", "CHANGE"}) || (IsWord("ALTER") && !IsIndexWord(1))) {
    ParseAlterColumn(action);
  } else if (AcceptWord("RENAME")) {
    ParseAlterRename(action);
  } else if (AcceptWord("CONVERT")) {
    ExpectWord("TO");
    if (!AcceptCharacterSet()) Fail();
    action.kind = AlterKind::kConvert;
    ParseCharacterSetName();
    if (AcceptWord("COLLATE")) ParseCharacterSetName();
  } else if (AcceptWord("ALTER")) {
    action.kind = AlterKind::kNamesOnly;
    Take();  // INDEX or KEY
    if (AcceptWord("IF")) ExpectWord("EXISTS");
    ParseNamePart();
    if (!AcceptWords("NOT", "IGNORED")) ExpectAnyWord({"VISIBLE", "INVISIBLE", "IGNORED"});
  } else if (IsAnyWord({"ENABLE", "DISABLE"}) && IsWord("KEYS", 1)) {
    action.kind = AlterKind::kNamesOnly;
    at_ += 2;
  } else if (AcceptAnyWord({"ALGORITHM", "LOCK"})) {
    action.kind = AlterKind::kNamesOnly;
    Accept(Operator::kEqual);
    if (!Is(TokenKind::kWord)) Fail();
    Take();
  } else if (AcceptWord("FORCE")) {
    action.kind = AlterKind::kNamesOnly;
  } else {
    CreateTableStatement options;
    if (ParseTableOption(&options)) {
      action.kind = AlterKind::kOptions;
      action.merge = options.merge;
      action.engine = options.engine;
    } else {
      SkipAlterRest(action);
    }
  }
  action.span = SpanFrom(first);
  return action;
}

bool Parser::IsIndexWord(std::uint32_t ahead) const { return IsAnyWord({"INDEX", "KEY"}, ahead); }

// What is not followed: kept as one action that hides nothing from its reader.
void Parser::SkipAlterRest(AlterAction& action) {
  action.kind = AlterKind::kOther;
  if (!Is(TokenKind::kWord)) Fail();
  while (!AtEnd() && !Is(TokenKind::kSemicolon)) Take();
}

void Parser::ParseAlterAdd(AlterAction& action) {
  if (IsAnyWord({"PARTITION", "PERIOD", "SYSTEM"})) return SkipAlterRest(action);
  if (ParseKey(action.key)) {
    action.kind = AlterKind::kAddKey;
    return;
  }
  action.kind = AlterKind::kAddColumns;
  AcceptWord("COLUMN");
  action.if_exists = AcceptWords("IF", "NOT");
  if (action.if_exists) ExpectWord("EXISTS");
  std::vector<ColumnDefinition> columns;
  if (Accept(Operator::kOpen)) {
    do {
      columns.push_back(ParseColumnDefinition());
    } while (Accept(Operator::kComma));
    Expect(Operator::kClose);
  } else {
    columns.push_back(ParseColumnDefinition());
    ParseColumnPlace();
  }
  action.columns = arena_.Copy(columns);
}

void Parser::ParseColumnPlace() {
  if (AcceptWord("AFTER")) {
    ParseNamePart();
  } else {
    AcceptWord("FIRST");
  }
}

// DROP, MODIFY, CHANGE, ALTER [COLUMN].
void Parser::ParseAlterColumn(AlterAction& action) {
  if (AcceptWord("DROP")) return ParseAlterDrop(action);
  if (AcceptWord("ALTER")) return ParseAlterDefault(action);
  const bool change = IsWord("CHANGE");
  Take();
  AcceptWord("COLUMN");
  if (AcceptWord("IF")) ExpectWord("EXISTS");
  action.kind = change ? AlterKind::kChangeColumn : AlterKind::kModifyColumn;
  if (change) action.name = ParseNamePart();
  std::vector<ColumnDefinition> columns{ParseColumnDefinition()};
  if (!change) action.name = columns.front().name;
  ParseColumnPlace();
  action.columns = arena_.Copy(columns);
}

void Parser::ParseAlterDrop(AlterAction& action) {
  if (IsAnyWord({"PARTITION", "PERIOD", "SYSTEM"})) return SkipAlterRest(action);
  action.kind = AlterKind::kNamesOnly;
  if (AcceptWord("PRIMARY")) {
    ExpectWord("KEY");
    return;
  }
  if (AcceptWord("FOREIGN")) {
    ExpectWord("KEY");
  } else if (!AcceptAnyWord({"INDEX", "KEY", "CONSTRAINT", "CHECK"})) {
    action.kind = AlterKind::kDropColumn;
    AcceptWord("COLUMN");
  }
  action.if_exists = AcceptWord("IF");
  if (action.if_exists) ExpectWord("EXISTS");
  action.name = ParseNamePart();
  AcceptAnyWord({"RESTRICT", "CASCADE"});
}

void Parser::ParseAlterDefault(AlterAction& action) {
  action.kind = AlterKind::kColumnDefault;
  if (IsAnyWord({"CONSTRAINT", "CHECK"})) {
    action.kind = AlterKind::kNamesOnly;
    Take();
    ParseNamePart();
    if (!AcceptWords("NOT", "ENFORCED")) ExpectWord("ENFORCED");
    return;
  }
  AcceptWord("COLUMN");
  if (AcceptWord("IF")) ExpectWord("EXISTS");
  action.name = ParseNamePart();
  if (AcceptWord("DROP")) {
    ExpectWord("DEFAULT");
    return;
  }
  ExpectWord("SET");
  if (AcceptWord("DEFAULT")) {
    action.default_value = ParseColumnDefault();
  } else {
    ExpectAnyWord({"VISIBLE", "INVISIBLE"});
  }
}

void Parser::ParseAlterRename(AlterAction& action) {
  if (AcceptWord("COLUMN")) {
    action.kind = AlterKind::kRenameColumn;
    if (AcceptWord("IF")) ExpectWord("EXISTS");
    action.name = ParseNamePart();
    ExpectWord("TO");
    action.new_name = ParseNamePart();
  } else if (IsIndexWord(0)) {
    action.kind = AlterKind::kNamesOnly;
    Take();
    if (AcceptWord("IF")) ExpectWord("EXISTS");
    ParseNamePart();
    ExpectWord("TO");
    ParseNamePart();
  } else {
    action.kind = AlterKind::kRenameTable;
    if (!AcceptAnyWord({"TO", "AS"})) Accept(Operator::kEqual);
    action.table = ParseTableName();
  }
}

// CREATE [UNIQUE] INDEX. False, and nothing consumed, when it is none.
bool Parser::ParseCreateIndex(Statement* statement) {
  if (!IsWord("CREATE")) return false;
  std::uint32_t after = IsWord("OR", 1) && IsWord("REPLACE", 2) ? 3 : 1;
  const std::uint32_t kind = after;
  if (IsAnyWord({"UNIQUE", "FULLTEXT", "SPATIAL"}, after)) ++after;
  if (!IsWord("INDEX", after)) return false;
  auto* index = arena_.New<CreateIndexStatement>();
  statement->kind = StatementKind::kCreateIndex;
  statement->create_index = index;
  const std::uint32_t first = at_;
  index->key.kind = IsWord("UNIQUE", kind)     ? KeyKind::kUnique
                    : IsWord("FULLTEXT", kind) ? KeyKind::kFulltext
                    : IsWord("SPATIAL", kind)  ? KeyKind::kSpatial
                                               : KeyKind::kIndex;
  at_ += after + 1;
  if (AcceptWords("IF", "NOT")) ExpectWord("EXISTS");
  index->key.name = ParseNamePart();
  if (AcceptAnyWord({"USING", "TYPE"})) ExpectAnyWord({"BTREE", "HASH", "RTREE"});
  ExpectWord("ON");
  index->table = ParseTableName();
  index->key.parts = ParseKeyParts();
  ParseKeyOptions();
  while (AcceptAnyWord({"ALGORITHM", "LOCK"})) {
    Accept(Operator::kEqual);
    if (!Is(TokenKind::kWord)) Fail();
    Take();
  }
  index->key.span = SpanFrom(first);
  return true;
}

// False, and nothing consumed, when the statement is no RENAME TABLE.
bool Parser::ParseRenameTable(Statement* statement) {
  if (!IsWord("RENAME") || !IsAnyWord({"TABLE", "TABLES"}, 1)) return false;
  at_ += 2;
  statement->kind = StatementKind::kRenameTable;
  auto* rename = arena_.New<RenameTableStatement>();
  statement->rename_table = rename;
  if (AcceptWord("IF")) ExpectWord("EXISTS");
  std::vector<TableRename> renames;
  do {
    TableRename each;
    each.from = ParseTableName();
    ExpectWord("TO");
    each.to = ParseTableName();
    renames.push_back(each);
  } while (Accept(Operator::kComma));
  rename->renames = arena_.Copy(renames);
  return true;
}

}  // namespace sealgate::sql
