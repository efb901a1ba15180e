#include "proxy/rewrite/screen/raw_text.h"

#include <algorithm>
#include <string>

#include "policy/ascii.h"
#include "policy/dynamic_guard.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/screen/loose_name.h"
#include "proxy/rewrite/screen/moved_event.h"
#include "proxy/rewrite/screen/variable_names.h"

namespace sealgate::rewrite {
namespace {

using sql::TokenKind;

// Characters that the server's lower-casing turns into ASCII letters.
constexpr std::string_view kFoldsToAscii[] = {"\xE2\x84\xAA", "\xC4\xB0", "\xC5\xBF"};

bool IsRoutine(const policy::HotName& hot) { return hot.kind == policy::NameKind::kRoutine; }

// A routine is found without regard to accents, its own ones too.
bool ContainsHotName(const policy::Catalog& catalog, std::string_view text) {
  return std::any_of(catalog.hot().begin(), catalog.hot().end(), [&](const auto& names) {
    const bool routine = std::any_of(names.second.begin(), names.second.end(), IsRoutine);
    return policy::StandsInAnyQuotes(names.first, [&](std::string_view name) {
      return ascii::Contains(text, name) ||
             (routine && !ascii::IsAscii(name) && MayHoldName(text, name));
    });
  });
}

bool IsNameLetter(char c) {
  const char lower = ascii::ToLower(c);
  return (lower >= 'a' && lower <= 'z') || c == '_' || c == '$';
}

// Where it stands next as a word of its own; npos if nowhere. Bytes above ASCII and
// digits before it are no part of it: some of them may be spaces and ends of numbers.
std::size_t FindKeyword(std::string_view text, std::string_view folded, std::size_t from) {
  for (std::size_t at = from; at + folded.size() <= text.size(); ++at) {
    const std::size_t end = at + folded.size();
    if (at > 0 && IsNameLetter(text[at - 1])) continue;
    if (end < text.size() && (IsNameLetter(text[end]) || ascii::IsDigit(text[end]))) {
      continue;
    }
    const auto same = [](char a, char b) { return ascii::ToLower(a) == b; };
    const std::string_view word = text.substr(at, folded.size());
    if (std::equal(word.begin(), word.end(), folded.begin(), same)) return at;
  }
  return std::string_view::npos;
}

// Whether BINLOG may go on so: with a string or a variable, or with something that
// hides what comes, such as a comment, a string's end, a byte that may be a space.
bool MayBeRowEvents(std::string_view text) {
  constexpr std::string_view kNone = "!%&()+,.:;<=>[]^`{|}~";
  if (text.empty()) return true;
  if (kNone.find(text[0]) != std::string_view::npos) return false;
  if (!IsNameLetter(text[0])) return true;
  const bool national =
      ascii::ToLower(text[0]) == 'n' && !(text.size() > 1 && IsNameLetter(text[1]));
  return national;
}

bool ContainsRowEvents(std::string_view text) {
  constexpr std::string_view kWord = "binlog";
  std::size_t at = FindKeyword(text, kWord, 0);
  while (at != std::string_view::npos) {
    std::size_t next = at + kWord.size();
    while (next < text.size() && static_cast<unsigned char>(text[next]) <= ' ') ++next;
    if (MayBeRowEvents(text.substr(next))) return true;
    at = FindKeyword(text, kWord, next);
  }
  return false;
}

// As mysqlbinlog writes it, at the end of the text, it keeps its value.
bool TextChangesDefaultCollation(std::string_view text) {
  constexpr std::string_view kKept = "default_collation_for_utf8mb4=255*/";
  if (text.ends_with(kKept)) text.remove_suffix(kKept.size());
  return MayNameDefaultCollation(text);
}

// What is the servers' own, and would blind the proxy or run what it does not see.
bool BytesNameServersOwn(const policy::Catalog& catalog, std::string_view text) {
  return MayNameTracking(text) || MayNameServerSql(text) || MayNameTextRunner(text) ||
         ContainsRowEvents(text) || (!catalog.is_mariadb && TextChangesDefaultCollation(text));
}

// In ASCII's letters, whatever the other bytes are.
bool BytesNameProtected(const policy::Catalog& catalog, std::string_view text) {
  return BytesNameServersOwn(catalog, text) || ContainsHotName(catalog, text);
}

std::string WithoutHigh(std::string_view text) {
  std::string ascii(text);
  std::replace_if(ascii.begin(), ascii.end(), ascii::IsHigh, '\x01');
  return ascii;
}

}  // namespace

bool RawTextNamesProtected(const policy::Catalog& catalog, std::string_view text) {
  for (const std::string_view odd : kFoldsToAscii) {
    if (text.find(odd) != std::string_view::npos) return true;
  }
  return BytesNameProtected(catalog, text);
}

// EXECUTE without IMMEDIATE runs what has been looked at already.
bool RawTextNamesHot(const policy::Catalog& catalog, std::string_view text) {
  return RawTextNamesProtected(catalog, text) || policy::MayPrepare(text);
}

bool RawTextHidesSql(const policy::Catalog& catalog, std::string_view text) {
  return BytesNameServersOwn(catalog, text) || policy::MayPrepare(text);
}

bool NamesHotLoosely(const policy::Catalog& catalog, std::string_view text) {
  const auto& hot = catalog.hot();
  return std::any_of(hot.begin(), hot.end(), [&](const auto& names) {
    return policy::StandsInAnyQuotes(
        names.first, [&](std::string_view name) { return MayHoldName(text, name, "kis"); });
  });
}

bool StringsNameHot(const policy::Catalog& catalog, const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    const bool string = kind == TokenKind::kString || kind == TokenKind::kNationalString;
    if (string && ContainsHotName(catalog, tokens.Text(i))) return true;
  }
  return false;
}

bool IsColdInSuperset(const policy::Catalog& catalog, std::string_view text, bool latin_is_ascii) {
  if (latin_is_ascii) return IsColdInSuperset(catalog, WithoutHigh(text), false);
  return !policy::MayPrepare(text) && !BytesNameProtected(catalog, text) &&
         !NamesHotLoosely(catalog, text) && !MayMoveEvent(text);
}

}  // namespace sealgate::rewrite
