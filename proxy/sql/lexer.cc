#include "proxy/sql/lexer.h"

#include <algorithm>
#include <cstddef>

#include "proxy/sql/scanner.h"

namespace sealgate::sql {
namespace {

// "IN" before a parenthesis.
bool IsIn(std::string_view text, const Token& token) {
  return token.kind == TokenKind::kWord && token.end - token.begin == 2 &&
         EqualsKeyword(text.substr(token.begin, 2), "IN");
}

bool HasMoreThanSemicolons(const TokenList& list, std::size_t from) {
  return std::any_of(list.tokens.begin() + static_cast<std::ptrdiff_t>(from), list.tokens.end(),
                     [](const Token& token) { return token.kind != TokenKind::kSemicolon; });
}

}  // namespace

Token Lexer::Next() {
  const auto size = static_cast<std::uint32_t>(text_.size());
  if (at_ >= size) return Token{at_, at_, TokenKind::kEnd, Operator::kNone, false};
  const Reading read = Scanner(text_, mode_).Read(at_, follows_);
  const Token token{at_, read.end, read.kind, read.op, false};
  at_ = read.end;
  follows_ = read.next;
  return token;
}

void Lex(std::string_view text, LexMode mode, TokenList& out) {
  out.text = text;
  out.tokens.clear();
  out.has_executable_comment = out.has_illegal = out.has_inner_semicolon = false;
  out.has_double_quoted = out.has_in_list = false;
  out.parameters = 0;
  const Scanner scanner(text, mode);
  Follows follows = Follows::kOther;
  bool adjacent = false;
  constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t semicolon = kNone;  // the first
  std::uint32_t at = 0;
  while (at < scanner.size()) {
    if (scanner.IsSpace(at)) {
      at = scanner.SpaceEnd(at + 1);
      adjacent = false;
      follows = Follows::kOther;
      continue;
    }
    const Reading token = scanner.Read(at, follows);
    const std::uint32_t begin = at;
    at = token.end;
    follows = token.next;
    switch (token.kind) {
      case TokenKind::kComment:
        adjacent = false;
        continue;
      case TokenKind::kExecutableComment:
        out.has_executable_comment = true;
        adjacent = false;
        continue;
      case TokenKind::kOperator:
        if (token.op == Operator::kOpen && !out.tokens.empty()) {
          out.has_in_list = out.has_in_list || IsIn(text, out.tokens.back());
        }
        break;
      case TokenKind::kString:
        out.has_double_quoted = out.has_double_quoted || text[begin] == '"';
        break;
      case TokenKind::kIllegal:
        out.has_illegal = true;
        break;
      case TokenKind::kParameter:
        ++out.parameters;
        break;
      case TokenKind::kSemicolon:
        if (semicolon == kNone) semicolon = out.tokens.size();
        break;
      default:
        break;
    }
    out.tokens.emplace_back(begin, token.end, token.kind, token.op, adjacent);
    adjacent = true;
  }
  out.has_inner_semicolon = semicolon != kNone && HasMoreThanSemicolons(out, semicolon);
  out.tokens.emplace_back(at, at, TokenKind::kEnd, Operator::kNone, adjacent);
}

}  // namespace sealgate::sql
