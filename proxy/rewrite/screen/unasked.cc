#include "proxy/rewrite/screen/unasked.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsAnyWord;
using sql::IsWord;
using sql::TokenKind;

enum Reading : std::uint8_t { kOther, kAlike, kQuote, kAt };

constexpr std::array<Reading, 256> MakeReadings() {
  std::array<Reading, 256> readings{};
  for (int c = 0; c < 128; ++c) {
    const char lower = ascii::ToLower(static_cast<char>(c));
    if ((lower >= 'a' && lower <= 'z') || ascii::IsDigit(lower)) readings[c] = kAlike;
  }
  for (const char c : std::string_view(" \t\n\r!#$%&'()*+,-./:;<=>?_")) {
    readings[static_cast<unsigned char>(c)] = kAlike;
  }
  readings['"'] = kQuote;
  readings['@'] = kAt;
  return readings;
}
constexpr std::array<Reading, 256> kReadings = MakeReadings();

bool IsNamePart(char c) {
  const char lower = ascii::ToLower(c);
  return (lower >= 'a' && lower <= 'z') || ascii::IsDigit(c) || c == '_' || c == '$' || c == '.';
}

// An @ that swe7 would take into the name before it, or a third in a row.
bool ExtendsName(std::string_view text, std::size_t at) {
  std::size_t name = at;
  while (name > 0 && IsNamePart(text[name - 1])) --name;
  if (name == 0 || text[name - 1] != '@') return false;
  return name < at || (name > 1 && text[name - 2] == '@');
}

bool AnyWord(const sql::TokenList& tokens, std::size_t from, const auto& words) {
  for (std::size_t i = from; i + 1 < tokens.tokens.size(); ++i) {
    for (const std::string_view word : words) {
      if (IsWord(tokens, i, word)) return true;
    }
  }
  return false;
}

bool MentionsInWord(const sql::TokenList& tokens, std::string_view folded) {
  for (std::size_t i = 1; i + 1 < tokens.tokens.size(); ++i) {
    if (ascii::Contains(tokens.Text(i), folded)) return true;
  }
  return false;
}

// Not for the next transaction, and not what the client's results look like, which is
// to be told from what the login set; nor the time zone, since whether SYSTEM is UTC can
// be seen only while it is the session's; nor profiling, which would list the question.
bool IsPlainSet(const sql::TokenList& tokens) {
  constexpr std::string_view kOthers[] = {"STATEMENT", "TRANSACTION", "NAMES", "CHARACTER",
                                          "CHARSET"};
  if (AnyWord(tokens, 1, kOthers)) return false;
  for (const std::string_view part :
       {"session_track", "character_set", "collation", "time_zone", "profiling"}) {
    if (MentionsInWord(tokens, part)) return false;
  }
  return true;
}

bool IsPlainKind(const sql::TokenList& tokens) {
  const std::size_t words = tokens.tokens.size() - 1;
  constexpr std::string_view kAsTheyAre[] = {"SELECT", "SHOW", "COMMIT", "ROLLBACK", "GET", "KILL"};
  for (const std::string_view verb : kAsTheyAre) {
    if (IsWord(tokens, 0, verb)) return true;
  }
  if (IsWord(tokens, 0, "SET")) return IsPlainSet(tokens);
  if (IsWord(tokens, 0, "START")) return IsWord(tokens, 1, "TRANSACTION");
  if (IsWord(tokens, 0, "BEGIN")) return words == 1 || (words == 2 && IsWord(tokens, 1, "WORK"));
  // With it, and with SET PASSWORD, an account whose password has expired goes on.
  return IsWord(tokens, 0, "ALTER") && IsWord(tokens, 1, "USER");
}

std::size_t FindFolded(std::string_view text, std::string_view folded, std::size_t from) {
  for (std::size_t at = from; at + folded.size() <= text.size(); ++at) {
    if (ascii::EqualsAnyCase(text.substr(at, folded.size()), folded)) return at;
  }
  return std::string_view::npos;
}

// Called: with a parenthesis behind it, or what may be a comment in between.
bool Calls(std::string_view text, std::string_view folded) {
  constexpr std::string_view kBlanks(" \t\n\v\f\r`\"", 8);
  std::size_t at = FindFolded(text, folded, 0);
  while (at != std::string_view::npos) {
    const std::size_t next = text.find_first_not_of(kBlanks, at + folded.size());
    if (next != std::string_view::npos &&
        std::string_view("(/-#").find(text[next]) != std::string_view::npos) {
      return true;
    }
    at = FindFolded(text, folded, at + 1);
  }
  return false;
}

bool AsksForDiagnostics(std::string_view text) {
  if (ascii::Contains(text, "diagnostics")) return true;
  if (text.find('@') != std::string_view::npos &&
      (ascii::Contains(text, "warning_count") || ascii::Contains(text, "error_count"))) {
    return true;
  }
  return ascii::Contains(text, "show") &&
         (ascii::Contains(text, "warnings") || ascii::Contains(text, "errors"));
}

}  // namespace

Alike ReadsAlike(std::string_view text) {
  bool quotes = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (kReadings[static_cast<unsigned char>(text[i])]) {
      case kAlike:
        break;
      case kQuote:
        quotes = true;
        break;
      case kAt:
        if (ExtendsName(text, i)) return Alike::kNo;
        break;
      case kOther:
        return Alike::kNo;
    }
  }
  return quotes ? Alike::kButQuotes : Alike::kYes;
}

bool MayGoUnasked(const sql::TokenList& tokens, bool schema_known) {
  if (tokens.has_executable_comment || tokens.has_illegal || tokens.has_inner_semicolon) {
    return false;
  }
  if (!IsPlainKind(tokens)) return false;
  constexpr std::string_view kBeforeTables[] = {"FROM", "JOIN", "TABLE", "IN"};
  return schema_known || !AnyWord(tokens, 1, kBeforeTables);
}

bool PreparesPassword(const sql::TokenList& tokens) {
  constexpr std::string_view kFree[] = {"DEALLOCATE", "DROP"};
  const std::size_t last = tokens.tokens.size() - 1;
  if (tokens.has_executable_comment || tokens.has_illegal) return false;
  if (IsWord(tokens, 0, "EXECUTE")) return last == 2 && !IsWord(tokens, 1, "IMMEDIATE");
  if (IsAnyWord(tokens, 0, kFree)) return last == 3 && IsWord(tokens, 1, "PREPARE");
  if (last != 4 || !IsWord(tokens, 0, "PREPARE") || !IsWord(tokens, 2, "FROM")) return false;
  std::string_view text = tokens.Text(3);
  if (tokens.tokens[3].kind != TokenKind::kString) return false;
  text.remove_prefix(1);
  constexpr std::string_view kSet = "set password";
  if (!ascii::EqualsAnyCase(text.substr(0, kSet.size()), kSet)) return false;
  const std::string_view rest = text.substr(kSet.size());
  // Nothing else is set with it.
  return rest.find_first_of(" =") == 0 && rest.find(',') == rest.npos &&
         !ascii::Contains(rest, "select");
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c != '$' && c != '.' && IsNamePart(c); });
}

bool AsksFor(std::string_view text, const Disturbed& disturbed) {
  return (disturbed.found_rows && Calls(text, "found_rows")) ||
         (disturbed.row_count && Calls(text, "row_count")) ||
         (disturbed.diagnostics && AsksForDiagnostics(text));
}

}  // namespace sealgate::rewrite
