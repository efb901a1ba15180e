// CREATE VIEW and ALTER VIEW.
// Sources: MySQL manual, "CREATE VIEW Statement"; MariaDB manual, "CREATE VIEW".
#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

// Index of the word VIEW, if the options before it are those of a view; else kNoToken.
std::uint32_t Parser::FindView() const {
  constexpr std::uint32_t kMostOptionTokens = 16;
  for (std::uint32_t ahead = 1; ahead <= kMostOptionTokens; ++ahead) {
    if (IsWord("VIEW", ahead)) return at_ + ahead;
    const TokenKind kind = Peek(ahead).kind;
    const bool known = ahead > 1 ? kind != TokenKind::kEnd && kind != TokenKind::kSemicolon
                                 : IsAnyWord({"OR", "ALGORITHM", "DEFINER", "SQL"}, ahead);
    if (!known || IsAnyWord({"AS", "TABLE", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"}, ahead)) {
      break;
    }
  }
  return kNoToken;
}

// DEFINER = user: `a`@`b`, 'a'@'b', a@b, a role, CURRENT_USER().
void Parser::ParseDefiner() {
  Expect(Operator::kEqual);
  if (AcceptAnyWord({"CURRENT_USER", "CURRENT_ROLE"})) {
    if (Accept(Operator::kOpen)) Expect(Operator::kClose);
    return;
  }
  if (!IsName() && !Is(TokenKind::kString)) Fail();
  Take();
  if (Is(TokenKind::kUserVariable)) Take();
}

// False, and nothing consumed, when the statement is neither.
bool Parser::ParseView(Statement* statement) {
  if (!IsAnyWord({"CREATE", "ALTER"})) return false;
  const std::uint32_t word = FindView();
  if (word == kNoToken) return false;
  auto* view = arena_.New<ViewStatement>();
  statement->kind = StatementKind::kView;
  statement->view = view;
  view->alters = IsWord("ALTER");
  Take();
  if (AcceptWord("OR")) ExpectWord("REPLACE");
  if (AcceptWord("ALGORITHM")) {
    Expect(Operator::kEqual);
    ExpectAnyWord({"UNDEFINED", "MERGE", "TEMPTABLE"});
  }
  if (AcceptWord("DEFINER")) ParseDefiner();
  if (AcceptWord("SQL")) {
    ExpectWord("SECURITY");
    ExpectAnyWord({"DEFINER", "INVOKER"});
  }
  ExpectWord("VIEW");
  if (AcceptWords("IF", "NOT")) ExpectWord("EXISTS");
  view->name = ParseTableName();
  if (IsOp(Operator::kOpen)) view->columns = ParseNameList();
  ExpectWord("AS");
  view->query = ParseQuery();
  if (IsWord("WITH")) {
    view->check_option = Take();
    AcceptAnyWord({"CASCADED", "LOCAL"});
    ExpectWord("CHECK");
    ExpectWord("OPTION");
  }
  return true;
}

}  // namespace sealgate::sql
