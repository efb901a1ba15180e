#include "proxy/rewrite/screen/moved_event.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::TokenKind;

bool Ends(const sql::TokenList& tokens, std::size_t index) {
  return index + 1 >= tokens.tokens.size() || tokens.tokens[index].kind == TokenKind::kSemicolon;
}

// ALTER [DEFINER = account] EVENT: the token behind it; 0 for anything else.
std::size_t EventOf(const sql::TokenList& tokens, std::size_t alter) {
  if (IsWord(tokens, alter + 1, "EVENT")) return alter + 2;
  if (!IsWord(tokens, alter + 1, "DEFINER")) return 0;
  for (std::size_t i = alter + 2; !Ends(tokens, i); ++i) {
    const bool account = tokens.tokens[i - 1].op == sql::Operator::kEqual;
    if (!account && IsWord(tokens, i, "EVENT")) return i + 1;
  }
  return 0;
}

// Of the name that begins at this token, folded.
std::string SchemaOf(const SessionFacts& facts, const sql::TokenList& tokens, std::size_t name) {
  const bool qualified =
      name + 1 < tokens.tokens.size() && tokens.tokens[name + 1].op == sql::Operator::kDot;
  if (!qualified) return policy::FoldName(facts.schema);
  if (tokens.tokens[name].kind != TokenKind::kQuotedIdentifier) {
    return policy::FoldName(tokens.Text(name));
  }
  std::string unquoted;
  sql::UnquoteIdentifier(tokens.Text(name), unquoted);
  return policy::FoldName(unquoted);
}

bool HasHotNames(const policy::Catalog& catalog, const std::string& schema) {
  return std::any_of(catalog.hot().begin(), catalog.hot().end(), [&](const auto& named) {
    return std::any_of(named.second.begin(), named.second.end(), [&](const policy::HotName& hot) {
      return policy::FoldName(hot.schema) == schema;
    });
  });
}

}  // namespace

bool MovesEvent(const policy::Catalog& catalog, const SessionFacts& facts,
                const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const std::size_t event = IsWord(tokens, i, "ALTER") ? EventOf(tokens, i) : 0;
    if (event == 0) continue;
    const std::string from = SchemaOf(facts, tokens, event);
    for (std::size_t at = event + 1; !Ends(tokens, at); ++at) {
      if (!IsWord(tokens, at, "RENAME") || !IsWord(tokens, at + 1, "TO")) continue;
      const std::string to = SchemaOf(facts, tokens, at + 2);
      if (from != to && HasHotNames(catalog, to)) return true;
    }
  }
  return false;
}

bool MayMoveEvent(std::string_view text) {
  return ascii::Contains(text, "alter") && ascii::Contains(text, "event") &&
         ascii::Contains(text, "rename");
}

}  // namespace sealgate::rewrite
