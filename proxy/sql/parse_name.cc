#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

bool Parser::IsName(std::uint32_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind == TokenKind::kQuotedIdentifier) return true;
  if (token.kind != TokenKind::kWord) return false;
  const std::string_view word = tokens_.text.substr(token.begin, token.end - token.begin);
  return ReservedBy(word) != Reserved::kByBoth;
}

std::uint32_t Parser::ParseNamePart() {
  // Directly behind a dot the servers take any word for a name.
  const bool after_dot = at_ > 0 && tokens_.tokens[at_ - 1].op == Operator::kDot;
  const bool any_word = after_dot && Peek().adjacent && Is(TokenKind::kWord);
  if (!any_word && !IsName()) Fail();
  return Take();
}

Name Parser::ParseTableName() {
  Name name;
  if (IsWord("DUAL")) {
    name.table = Take();
    return name;
  }
  name.table = ParseNamePart();
  if (IsOp(Operator::kDot) && !IsOp(Operator::kStar, 1)) {
    Take();
    name.schema = name.table;
    name.table = ParseNamePart();
  }
  return name;
}

Name Parser::ParseColumnName() {
  Name name;
  name.column = ParseNamePart();
  for (int parts = 1; parts < 3 && Accept(Operator::kDot); ++parts) {
    name.schema = name.table;
    name.table = name.column;
    name.column = ParseNamePart();
  }
  return name;
}

std::span<std::uint32_t> Parser::ParseNameList() {
  std::vector<std::uint32_t> names;
  Expect(Operator::kOpen);
  if (!IsOp(Operator::kClose)) {
    do {
      names.push_back(ParseNamePart());
    } while (Accept(Operator::kComma));
  }
  Expect(Operator::kClose);
  return arena_.Copy(names);
}

std::uint32_t Parser::ParseOptionalAlias(bool strings) {
  if (AcceptWord("AS")) {
    if (strings && Is(TokenKind::kString)) return Take();
    return ParseNamePart();
  }
  if (strings && Is(TokenKind::kString)) return Take();
  if (Is(TokenKind::kQuotedIdentifier)) return Take();
  if (!Is(TokenKind::kWord)) return kNoToken;
  // A word that one of the servers takes for a keyword here is no alias.
  if (ReservedBy(tokens_.Text(at_)) != Reserved::kNot) return kNoToken;
  return Take();
}

std::uint32_t Parser::ParseWordOrString() {
  if (!Is(TokenKind::kWord) && !Is(TokenKind::kQuotedIdentifier) && !Is(TokenKind::kString)) {
    Fail();
  }
  return Take();
}

std::uint32_t Parser::ParseCharacterSetName() {
  if (!IsWord("BINARY") && !IsWord("DEFAULT") && !Is(TokenKind::kString) && !IsName()) Fail();
  return Take();
}

bool Parser::AcceptCharacterSet() {
  return AcceptWord("CHARSET") || AcceptWords("CHARACTER", "SET") || AcceptWords("CHAR", "SET");
}

}  // namespace sealgate::sql
