// LOAD DATA. Source: MySQL manual, "LOAD DATA Statement"; MariaDB manual, "LOAD
// DATA INFILE". LOAD XML, and MySQL's bulk load from elsewhere, have no node.
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

bool Parser::ParseLoad(Statement* statement) {
  if (!IsWord("LOAD") || !IsWord("DATA", 1)) return false;
  LoadStatement* load = arena_.New<LoadStatement>();
  statement->kind = StatementKind::kLoad;
  statement->load = load;
  at_ += 2;
  AcceptAnyWord({"LOW_PRIORITY", "CONCURRENT"});
  load->local = AcceptWord("LOCAL");
  ExpectWord("INFILE");
  ExpectKind(TokenKind::kString);
  AcceptAnyWord({"REPLACE", "IGNORE"});
  ExpectWord("INTO");
  ExpectWord("TABLE");
  load->table = ParseTableName();
  SkipPartitionList();
  if (AcceptCharacterSet()) load->character_set = ParseCharacterSetName();
  load->head_last = SpanFrom(0).last;
  ParseLoadFormat(load);
  ParseLoadFields(load);
  if (AcceptWord("SET")) load->set = ParseAssignments();
  return true;
}

void Parser::ParseLoadFormat(LoadStatement* load) {
  const std::uint32_t first = at_;
  if (AcceptAnyWord({"FIELDS", "COLUMNS"})) {
    if (!ParseFieldOption(load)) Fail();
    while (ParseFieldOption(load)) continue;
  }
  if (AcceptWord("LINES")) {
    if (!ParseLineOption(load)) Fail();
    while (ParseLineOption(load)) continue;
  }
  if (AcceptWord("IGNORE")) {
    load->skip_lines = ExpectKind(TokenKind::kInteger);
    ExpectAnyWord({"LINES", "ROWS"});
  }
  load->has_format = at_ > first;
  load->format_span = SpanFrom(first);
}

bool Parser::ParseFieldOption(LoadStatement* load) {
  if (AcceptWord("TERMINATED")) {
    load->field_end = ParseDelimiter();
  } else if (AcceptWord("OPTIONALLY")) {
    ExpectWord("ENCLOSED");
    load->enclosed = ParseDelimiter();
  } else if (AcceptWord("ENCLOSED")) {
    load->enclosed = ParseDelimiter();
  } else if (AcceptWord("ESCAPED")) {
    load->escape = ParseDelimiter();
  } else {
    return false;
  }
  return true;
}

bool Parser::ParseLineOption(LoadStatement* load) {
  if (AcceptWord("TERMINATED")) {
    load->line_end = ParseDelimiter();
  } else if (AcceptWord("STARTING")) {
    load->line_start = ParseDelimiter();
  } else {
    return false;
  }
  return true;
}

// BY and one literal, without an introducer or another one behind it.
std::uint32_t Parser::ParseDelimiter() {
  ExpectWord("BY");
  if (!Is(TokenKind::kString) && !Is(TokenKind::kHex) && !Is(TokenKind::kBit)) Fail();
  return Take();
}

void Parser::ParseLoadFields(LoadStatement* load) {
  if (!IsOp(Operator::kOpen)) return;
  load->has_fields = true;
  const std::uint32_t open = Take();
  std::vector<LoadField> fields;
  if (!IsOp(Operator::kClose)) {
    do {
      LoadField field;
      const std::uint32_t first = at_;
      if (Is(TokenKind::kUserVariable)) {
        field.variable = Take();
      } else {
        field.column = ParseColumnName();
      }
      field.span = SpanFrom(first);
      fields.push_back(field);
    } while (Accept(Operator::kComma));
  }
  Expect(Operator::kClose);
  load->fields = arena_.Copy(fields);
  load->fields_span = SpanFrom(open);
}

}  // namespace sealgate::sql
