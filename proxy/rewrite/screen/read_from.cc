#include "proxy/rewrite/screen/read_from.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// They take names, literals and options.
constexpr std::string_view kNamesOnly[] = {
    "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "START",      "STOP",  "USE",       "DROP",
    "RENAME", "TRUNCATE", "FLUSH",     "LOCK",    "UNLOCK",     "CHECK", "CHECKSUM",  "REPAIR",
    "GRANT",  "REVOKE",   "XA",        "INSTALL", "DEALLOCATE", "RESET", "UNINSTALL", "OPTIMIZE",
    "CACHE",  "HELP",     "SIGNAL",    "GET",     "BINLOG",     "CLONE", "SHUTDOWN",  "RESIGNAL",
    "BACKUP", "RESTART",  "CHANGE",    "IMPORT"};
// CREATE and ALTER of these: no stored function can be called in them, and no body.
constexpr std::string_view kMadeOfNames[] = {
    "INDEX",  "UNIQUE",   "FULLTEXT",   "SPATIAL", "DATABASE", "SCHEMA",   "USER",    "ROLE",
    "SERVER", "SEQUENCE", "TABLESPACE", "LOGFILE", "UNDO",     "RESOURCE", "INSTANCE"};
constexpr std::string_view kAltersNames[] = {"TABLE",  "ONLINE",    "OFFLINE",
                                             "IGNORE", "PROCEDURE", "FUNCTION"};
constexpr std::string_view kBeginsQuery[] = {"SELECT", "WITH", "VALUES", "TABLE"};
constexpr std::string_view kExplains[] = {"EXPLAIN", "DESCRIBE", "DESC"};
constexpr std::string_view kSchemas[] = {"SCHEMA", "DATABASE"};
constexpr std::string_view kHasBody[] = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"};

template <std::size_t N>
bool IsAny(const sql::TokenList& tokens, std::size_t index, const std::string_view (&words)[N]) {
  if (index >= tokens.tokens.size() || tokens.tokens[index].kind != TokenKind::kWord) return false;
  return std::any_of(
      std::begin(words), std::end(words),
      [text = tokens.Text(index)](std::string_view word) { return EqualsKeyword(text, word); });
}

std::optional<std::size_t> Next(const sql::TokenList& tokens, std::size_t from,
                                const auto& predicate) {
  for (std::size_t i = from; i + 1 < tokens.tokens.size(); ++i) {
    if (predicate(i)) return i;
  }
  return std::nullopt;
}

// What CREATE makes is not there yet; what its query reads may be.
std::optional<std::size_t> OfCreate(const sql::TokenList& tokens, std::size_t first) {
  std::size_t kind = first + 1;
  if (IsWord(tokens, kind, "OR")) kind += 2;
  if (IsAny(tokens, kind, kMadeOfNames)) return std::nullopt;
  if (IsWord(tokens, kind, "TEMPORARY")) ++kind;
  if (!IsWord(tokens, kind, "TABLE")) return first;
  return Next(tokens, kind + 1, [&](std::size_t i) {
    return IsAny(tokens, i, kBeginsQuery) || IsCopiedFrom(tokens, i);
  });
}

std::optional<std::size_t> OfAlter(const sql::TokenList& tokens, std::size_t first) {
  const std::size_t kind = first + 1;
  if (IsAny(tokens, kind, kMadeOfNames) || IsAny(tokens, kind, kAltersNames)) return std::nullopt;
  return first;
}

}  // namespace

std::optional<std::size_t> ReadFrom(const sql::TokenList& tokens, std::size_t first) {
  if (tokens.has_inner_semicolon) return 0;
  if (IsAny(tokens, first, kNamesOnly)) return std::nullopt;
  if (IsWord(tokens, first, "CREATE")) return OfCreate(tokens, first);
  if (IsWord(tokens, first, "ALTER")) return OfAlter(tokens, first);
  if (IsWord(tokens, first, "SHOW")) {
    return Next(tokens, first, [&](std::size_t i) { return IsWord(tokens, i, "WHERE"); });
  }
  return 0;
}

bool IsCopiedFrom(const sql::TokenList& tokens, std::size_t like) {
  if (!IsWord(tokens, like, "LIKE") || like < 2) return false;
  std::size_t name = like - 1;
  if (sql::IsOperator(tokens, name, Operator::kOpen)) --name;
  if (name > 2 && sql::IsOperator(tokens, name - 1, Operator::kDot)) {
    // MariaDB takes .t for t.
    const bool alone = IsWord(tokens, name - 2, "TABLE") || IsWord(tokens, name - 2, "EXISTS");
    name -= alone ? 1 : 2;
  }
  if (name > 3 && IsWord(tokens, name - 1, "EXISTS")) name -= 3;
  return name > 0 && IsWord(tokens, name - 1, "TABLE");
}

std::optional<std::size_t> SchemaOfNames(const sql::TokenList& tokens, std::size_t first) {
  if (IsAny(tokens, first, kExplains)) {
    const auto word = Next(tokens, first + 1, [&](std::size_t i) {
      return IsAny(tokens, i, kSchemas) && IsWord(tokens, i - 1, "FOR");
    });
    return word ? std::optional(*word + 1) : std::nullopt;
  }
  if (!IsWord(tokens, first, "CREATE") && !IsWord(tokens, first, "ALTER")) return std::nullopt;
  // DEFINER = event
  const auto named = Next(tokens, first + 1, [&](std::size_t i) {
    return IsAny(tokens, i, kHasBody) && tokens.tokens[i - 1].op != Operator::kEqual;
  });
  if (!named) return std::nullopt;
  std::size_t at = *named + 1;
  if (IsWord(tokens, at, "BODY")) ++at;
  if (IsWord(tokens, at, "IF")) ++at;
  if (IsWord(tokens, at, "NOT")) ++at;
  if (IsWord(tokens, at, "EXISTS")) ++at;
  const bool qualified =
      at + 2 < tokens.tokens.size() && tokens.tokens[at + 1].op == Operator::kDot;
  return qualified ? std::optional(at) : std::nullopt;
}

}  // namespace sealgate::rewrite
