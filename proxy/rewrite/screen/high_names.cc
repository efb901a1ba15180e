#include "proxy/rewrite/screen/high_names.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/loose_name.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::TokenKind;

void Blank(std::string& text, std::string_view mark) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), mark.size(), ' ');
  }
}

// Whatever versions they are for.
std::string WithoutMarks(std::string_view text) {
  std::string open(text);
  for (const std::string_view mark : {"/*!", "/*M!", "/*m!", "*/"}) Blank(open, mark);
  return open;
}

bool IsName(const sql::TokenList& tokens, std::size_t index) {
  switch (tokens.tokens[index].kind) {
    case TokenKind::kWord:
    case TokenKind::kQuotedIdentifier:
      return true;
    case TokenKind::kString:
      return tokens.Text(index).front() == '"';
    default:
      return false;
  }
}

bool MayBeCalled(const sql::TokenList& tokens, std::size_t index) {
  return tokens.tokens[index + 1].op == sql::Operator::kOpen ||
         (index > 0 && (tokens.tokens[index - 1].op == sql::Operator::kDot ||
                        sql::IsWord(tokens, index - 1, "CALL")));
}

// `fits` tells of an ASCII name; of another one nobody knows.
bool AnyHotRoutine(const policy::Catalog& catalog, const auto& fits) {
  if (!catalog.has_hot_routines()) return false;
  return std::any_of(catalog.hot().begin(), catalog.hot().end(), [&](const auto& names) {
    const bool routine = std::any_of(
        names.second.begin(), names.second.end(),
        [](const policy::HotName& hot) { return hot.kind == policy::NameKind::kRoutine; });
    return routine && (!ascii::IsAscii(names.first) || fits(names.first));
  });
}

bool MayHoldHotRoutine(const policy::Catalog& catalog, std::string_view text) {
  return AnyHotRoutine(catalog, [text](std::string_view name) { return MayHoldName(text, name); });
}

}  // namespace

bool MayNameHotRoutine(const policy::Catalog& catalog, std::string_view text) {
  return !ascii::IsAscii(text) && AnyHotRoutine(catalog, [text](std::string_view name) {
    return MayNameVariable(text, name);
  });
}

bool CommentsHideHotName(const policy::Catalog& catalog, sql::LexMode mode,
                         const sql::TokenList& tokens) {
  if (!tokens.has_executable_comment || ascii::IsAscii(tokens.text)) return false;
  if (!catalog.has_high_names() && !catalog.has_hot_routines()) return false;
  const std::string open = WithoutMarks(tokens.text);
  sql::TokenList inside;
  sql::Lex(open, mode, inside);
  if (inside.has_illegal) return catalog.has_high_names() || MayHoldHotRoutine(catalog, open);
  for (std::size_t i = 0; i + 1 < inside.tokens.size(); ++i) {
    if (!IsName(inside, i) || ascii::IsAscii(inside.Text(i))) continue;
    if (catalog.has_high_names()) return true;
    if (MayBeCalled(inside, i) && MayNameHotRoutine(catalog, inside.Text(i))) return true;
  }
  return false;
}

bool IllegalHidesHotName(const policy::Catalog& catalog, const sql::TokenList& tokens) {
  return tokens.has_illegal && !ascii::IsAscii(tokens.text) &&
         (catalog.has_high_names() || MayHoldHotRoutine(catalog, tokens.text));
}

bool SignsMayBeLetters(const SessionFacts& facts, std::string_view text) {
  constexpr std::string_view kLetters = "#$@[\\]^`{|}~";
  return !facts.client && !facts.client_extends_ascii &&
         text.find_first_of(kLetters) != std::string_view::npos;
}

}  // namespace sealgate::rewrite
