#include "proxy/rewrite/screen/high_names.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/screen/loose_name.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::TokenKind;

// What swe7 has letters for, and these as the servers compare them, without accents.
constexpr std::string_view kSignsOfSwe7 = "@[\\]^`{|}~";
constexpr std::string_view kLettersOfSwe7 = "EAOAUeaoau";
static_assert(kSignsOfSwe7.size() == kLettersOfSwe7.size());

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

bool AnyHotRoutine(const policy::Catalog& catalog, const auto& fits) {
  if (!catalog.has_hot_routines()) return false;
  return std::any_of(catalog.hot().begin(), catalog.hot().end(), [&](const auto& names) {
    const bool routine = std::any_of(
        names.second.begin(), names.second.end(),
        [](const policy::HotName& hot) { return hot.kind == policy::NameKind::kRoutine; });
    return routine && policy::StandsInAnyQuotes(names.first, fits);
  });
}

bool BytesMayHoldHotRoutine(const policy::Catalog& catalog, std::string_view text) {
  return AnyHotRoutine(catalog, [text](std::string_view name) { return MayHoldName(text, name); });
}

bool IsUtf8(const SessionFacts& facts) {
  return facts.client == policy::Charset::kUtf8mb4 || facts.client == policy::Charset::kUtf8mb3;
}

}  // namespace

bool MayNameHotRoutine(const policy::Catalog& catalog, std::string_view text) {
  return !ascii::IsAscii(text) && AnyHotRoutine(catalog, [text](std::string_view name) {
    return ascii::IsAscii(name) ? MayNameVariable(text, name) : MayHoldName(text, name);
  });
}

bool CommentsHideHotName(const policy::Catalog& catalog, sql::LexMode mode,
                         const sql::TokenList& tokens) {
  if (!tokens.has_executable_comment || ascii::IsAscii(tokens.text)) return false;
  if (!catalog.has_high_names() && !catalog.has_hot_routines()) return false;
  const std::string open = WithoutMarks(tokens.text);
  sql::TokenList inside;
  sql::Lex(open, mode, inside);
  if (inside.has_illegal) return catalog.has_high_names() || BytesMayHoldHotRoutine(catalog, open);
  for (std::size_t i = 0; i + 1 < inside.tokens.size(); ++i) {
    if (!IsName(inside, i) || ascii::IsAscii(inside.Text(i))) continue;
    if (catalog.has_high_names()) return true;
    if (MayNameHotRoutine(catalog, inside.Text(i))) return true;
  }
  return false;
}

bool BytesHideHotName(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens) {
  if (ascii::IsAscii(tokens.text)) return false;
  if (tokens.has_illegal) {
    return catalog.has_high_names() || BytesMayHoldHotRoutine(catalog, tokens.text) ||
           BytesMayHoldServersOwn(tokens.text) || NamesHotLoosely(catalog, tokens.text);
  }
  if (IsUtf8(facts)) return false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const std::string_view name = tokens.Text(i);
    if (tokens.tokens[i].kind == TokenKind::kString || !IsName(tokens, i)) continue;
    if (ascii::IsAscii(name)) continue;
    if (BytesMayHoldServersOwn(name)) return true;
    if (BytesMayHoldHotRoutine(catalog, name)) return true;
  }
  return false;
}

bool MayHoldHotRoutine(const policy::Catalog& catalog, const SessionFacts& facts,
                       std::string_view text) {
  if (IsUtf8(facts)) return MayNameHotRoutine(catalog, text);
  return !ascii::IsAscii(text) && BytesMayHoldHotRoutine(catalog, text);
}

bool SignsMayBeLetters(const SessionFacts& facts, std::string_view text) {
  if (facts.client || facts.client_extends_ascii) return false;
  const bool quoted = text.find('"') != std::string_view::npos;
  return std::any_of(text.begin(), text.end(), [quoted](char sign) {
    return kSignsOfSwe7.find(sign) != std::string_view::npos && (sign != '@' || quoted);
  });
}

bool SignsHideHotName(const policy::Catalog& catalog, std::string_view text) {
  std::string letters(text);
  for (char& sign : letters) {
    const std::size_t at = kSignsOfSwe7.find(sign);
    if (at != std::string_view::npos) sign = kLettersOfSwe7[at];
  }
  return letters != text && (catalog.has_high_names() || RawTextNamesHot(catalog, letters));
}

}  // namespace sealgate::rewrite
