#include "proxy/rewrite/screen/schema_change.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "policy/storage_engines.h"
#include "proxy/rewrite/screen/program_readings.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::Operator;
using sql::TokenKind;

constexpr std::size_t kMostMentioned = 4'096;
// With one of them, columns may bring a comment, or the table more than its own.
constexpr std::string_view kBringsMore[] = {"SELECT", "LIKE",   "COMMENT", "TABLE",
                                            "WITH",   "VALUES", "UNION"};

// Behind the columns, and what these take for a value has no part in what the table is.
// ENGINE is looked at.
constexpr std::string_view kOwnOptions[] = {"ENGINE",   "DEFAULT",        "CHARSET",
                                            "SET",      "CHARACTER",      "COLLATE",
                                            "CHECKSUM", "AUTO_INCREMENT", "ROW_FORMAT"};

// What actions of ALTER TABLE may begin with.
constexpr std::string_view kKeepsNames[] = {"ADD",   "DROP",      "MODIFY",  "CHANGE",
                                            "ALTER", "FORCE",     "DISABLE", "ENABLE",
                                            "ORDER", "ALGORITHM", "LOCK"};

// In a comment that only another version runs, too.
constexpr std::string_view kTakesNames[] = {"database", "schema", "sealgate:", "import",
                                            "drop",     "rename", "temporary", "replace"};

/// Reads one statement's tokens.
class Statement {
 public:
  Statement(const SessionFacts& facts, const sql::TokenList& tokens)
      : facts_(facts), tokens_(tokens) {}

  bool Is(std::size_t index, std::string_view upper) const {
    return sql::IsWord(tokens_, index, upper);
  }
  /// CREATE [OR REPLACE] TRIGGER, ALTER DATABASE.
  bool IsKind(std::string_view upper) const { return Is(Is(1, "OR") ? 3 : 1, upper); }
  bool Holds(std::string_view folded) const { return ascii::Contains(tokens_.text, folded); }

  /// "a" or "s.a" at `at`, which is moved behind it.
  std::optional<policy::TableName> ReadName(std::size_t& at) const {
    policy::TableName name{facts_.schema, {}};
    if (!ReadPart(at, name.table)) return std::nullopt;
    if (tokens_.tokens[++at].op == Operator::kDot) {
      name.schema = std::move(name.table);
      if (!ReadPart(++at, name.table)) return std::nullopt;
      ++at;
    }
    return name;
  }

  /// CREATE [OR REPLACE] [DEFINER = account] EVENT, ALTER …, DROP EVENT. An account has no
  /// more tokens than that.
  bool IsOfEvent() const { return IsOf({"EVENT"}); }
  /// Likewise of a routine or trigger.
  bool IsOfProgram() const { return IsOf({"PROCEDURE", "FUNCTION", "TRIGGER", "PACKAGE"}); }
  bool IsOf(std::initializer_list<std::string_view> kinds) const {
    constexpr std::size_t kLongestHead = 12;
    for (std::size_t i = 1; i < kLongestHead && i + 1 < tokens_.tokens.size(); ++i) {
      if (sql::IsAnyWord(tokens_, i, kinds)) return true;
    }
    return false;
  }

  /// Every name of the statement, folded.
  std::vector<std::string> Mentioned() const { return Mentioned(0, tokens_.tokens.size() - 1); }

  /// The same of tokens `from` up to `to`.
  std::vector<std::string> Mentioned(std::size_t from, std::size_t to) const {
    std::vector<std::string> names;
    std::string name;
    for (std::size_t i = from; i < to; ++i) {
      const sql::Token& token = tokens_.tokens[i];
      const bool quoted = token.kind == TokenKind::kQuotedIdentifier ||
                          (token.kind == TokenKind::kString && tokens_.Text(i).front() == '"');
      const bool word = token.kind == TokenKind::kWord &&
                        sql::ReservedBy(tokens_.Text(i)) != sql::Reserved::kByBoth;
      if (!quoted && !word) continue;
      name.clear();
      if (quoted) sql::UnquoteIdentifier(tokens_.Text(i), name);
      names.emplace_back();
      policy::FoldName(quoted ? std::string_view(name) : tokens_.Text(i), names.back());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  /// CREATE TABLE name (…: there was none before, and it is a table now.
  std::optional<policy::TableName> MadeTable() const {
    std::size_t at = Is(1, "OR") && Is(2, "REPLACE") ? 3 : 1;
    if (!Is(0, "CREATE") || !Is(at, "TABLE") || facts_.unsupported_mode) return std::nullopt;
    std::optional<policy::TableName> name = ReadName(++at);
    if (!name || tokens_.tokens[at].op != Operator::kOpen) return std::nullopt;
    for (; at + 1 < tokens_.tokens.size(); ++at) {
      const bool word = tokens_.tokens[at].kind == TokenKind::kWord;
      if (word && std::any_of(std::begin(kBringsMore), std::end(kBringsMore),
                              [&](std::string_view each) { return Is(at, each); })) {
        return std::nullopt;
      }
    }
    return IsAscii(*name) && KeepsItsRows() ? name : std::nullopt;
  }

  /// ALTER TABLE that changes columns, keys and rows alone: no name is another's, and the
  /// table stands for no other.
  bool KeepsNames() const {
    constexpr std::string_view kMayLink[] = {"rename", "comment", "connection", "union"};
    for (const std::string_view word : kMayLink) {
      if (Holds(word)) return false;
    }
    std::size_t at = 1;
    while (Is(at, "ONLINE") || Is(at, "OFFLINE") || Is(at, "IGNORE")) ++at;
    if (!Is(0, "ALTER") || !Is(at, "TABLE") || !ReadName(++at)) return false;
    std::size_t depth = 0;
    for (bool begins = true; at + 1 < tokens_.tokens.size(); ++at) {
      if (Is(at, "ENGINE")) {
        if (!begins || !IsStoringEngine(at + 1)) return false;
        at += tokens_.tokens[at + 1].op == Operator::kEqual ? 2 : 1;
        begins = false;
        continue;
      }
      const Operator op = tokens_.tokens[at].op;
      if (op == Operator::kEqual || (begins && !sql::IsAnyWord(tokens_, at, kKeepsNames))) {
        return false;
      }
      if (op == Operator::kOpen) ++depth;
      if (op == Operator::kClose) --depth;
      begins = op == Operator::kComma && depth == 0;
    }
    return true;
  }

 private:
  // CREATE TABLE name (…) and options.
  bool KeepsItsRows() const {
    std::size_t at = BehindColumns();
    for (bool value = false; at + 1 < tokens_.tokens.size(); ++at) {
      if (tokens_.tokens[at].op == Operator::kEqual || tokens_.tokens[at].op == Operator::kComma) {
        continue;
      }
      const bool option = IsOwnOption(at);
      if (!option && !value) return false;
      value = option;
      if (Is(at, "ENGINE") && !IsStoringEngine(at + 1)) return false;
    }
    return true;
  }

  std::size_t BehindColumns() const {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < tokens_.tokens.size(); ++at) {
      if (tokens_.tokens[at].op == Operator::kOpen) ++depth;
      if (tokens_.tokens[at].op == Operator::kClose && --depth == 0) return at + 1;
    }
    return tokens_.tokens.size();
  }

  bool IsOwnOption(std::size_t at) const {
    return std::any_of(std::begin(kOwnOptions), std::end(kOwnOptions),
                       [&](std::string_view each) { return Is(at, each); });
  }

  bool IsStoringEngine(std::size_t at) const {
    if (tokens_.tokens[at].op == Operator::kEqual) ++at;
    return policy::StoresItsRows(tokens_.Text(at));
  }

  static bool IsAscii(const policy::TableName& name) {
    return ascii::IsAscii(name.schema) && ascii::IsAscii(name.table);
  }

  bool ReadPart(std::size_t at, std::string& out) const {
    if (at + 1 >= tokens_.tokens.size()) return false;
    const TokenKind kind = tokens_.tokens[at].kind;
    out.clear();
    if (kind == TokenKind::kWord) out = tokens_.Text(at);
    if (kind == TokenKind::kQuotedIdentifier) sql::UnquoteIdentifier(tokens_.Text(at), out);
    return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
  }

  const SessionFacts& facts_;
  const sql::TokenList& tokens_;
};

bool Contains(const std::vector<std::string>& sorted, const std::string& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

bool AnyHot(const policy::Catalog& catalog, const auto& predicate) {
  for (const auto& [name, entries] : catalog.hot()) {
    if (std::any_of(entries.begin(), entries.end(), predicate)) return true;
  }
  return false;
}

// CREATE, ALTER or DROP DATABASE: default collations change, names go. ALTER may
// leave the name out and mean the default one.
SchemaEffect OfDatabase(const policy::Catalog& catalog, const std::string& fallback,
                        std::vector<std::string> mentioned) {
  if (!fallback.empty()) mentioned.push_back(policy::FoldName(fallback));
  std::sort(mentioned.begin(), mentioned.end());
  SchemaEffect effect;
  effect.whole = AnyHot(catalog, [&](const policy::HotName& hot) {
    return Contains(mentioned, policy::FoldName(hot.schema));
  });
  effect.change.schemas = std::move(mentioned);
  return effect;
}

constexpr SchemaEffect Whole() { return {true, {}}; }

// In a program's body, what is said of temporary tables is not.
bool ChangesNames(const sql::TokenList& body, std::size_t i) {
  if (sql::IsWord(body, i, "ALTER") || sql::IsWord(body, i, "RENAME")) return true;
  if (sql::IsWord(body, i, "DROP")) return !sql::IsWord(body, i + 1, "TEMPORARY");
  if (!sql::IsWord(body, i, "CREATE")) return false;
  return !sql::IsWord(body, sql::IsWord(body, i + 1, "OR") ? i + 3 : i + 1, "TEMPORARY");
}

bool HasAnyWord(const sql::TokenList& body, std::initializer_list<std::string_view> words) {
  for (std::size_t i = 0; i + 1 < body.tokens.size(); ++i) {
    if (sql::IsAnyWord(body, i, words)) return true;
  }
  return false;
}

// Behind the names that the definition at `first` changes.
std::size_t EndOfNames(const sql::TokenList& body, std::size_t first) {
  constexpr std::string_view kOthers[] = {"SELECT", "AS", "LIKE", "WITH"};
  const bool creates = sql::IsWord(body, first, "CREATE");
  std::size_t end = first + 1;
  while (!sql::EndsStatement(body, end)) {
    const bool others =
        body.tokens[end].op == Operator::kOpen || sql::IsAnyWord(body, end, kOthers);
    if (creates && others) break;
    ++end;
  }
  return end;
}

// ALTER, CREATE or DROP DATABASE; IMPORT TABLESPACE.
bool ChangesMore(const sql::TokenList& body, std::size_t first, std::size_t end) {
  constexpr std::string_view kSchemas[] = {"DATABASE", "SCHEMA"};
  for (std::size_t i = first + 1; i < end; ++i) {
    if (sql::IsAnyWord(body, i, kSchemas)) return true;
    if (sql::IsWord(body, i, "IMPORT")) return true;
  }
  return false;
}

bool AddEffectOfBody(const SessionFacts& facts, const sql::TokenList& body, SchemaEffect& effect) {
  if (HasAnyWord(body, {"PREPARE", "EXECUTE"}) || body.has_executable_comment) return false;
  for (std::size_t i = 0; i + 1 < body.tokens.size(); ++i) {
    if (!ChangesNames(body, i)) continue;
    const std::size_t end = EndOfNames(body, i);
    if (ChangesMore(body, i, end)) return false;
    policy::NameChange change;
    change.mentioned = Statement(facts, body).Mentioned(i, end);
    change.by_event = HasAnyWord(body, {"EVENT"});
    effect.change.Add(change);
  }
  return true;
}

}  // namespace

SchemaEffect EffectOfPrograms(const std::vector<const policy::ProgramText*>& programs) {
  SchemaEffect effect;
  const SessionFacts any;
  for (const policy::ProgramText* program : programs) {
    if (program->is_view) continue;
    const bool known = AllReadings(program->text, [&](const sql::TokenList& body) {
      return AddEffectOfBody(any, body, effect);
    });
    if (!known) return Whole();
  }
  return effect.change.mentioned.size() > kMostMentioned ? Whole() : effect;
}

SchemaEffect EffectOf(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens) {
  // Without a character set that is read, ASCII is still ASCII in most of them.
  const bool readable = facts.client || (facts.client_extends_ascii && ascii::IsAscii(tokens.text));
  if (!readable || tokens.has_inner_semicolon || tokens.has_illegal ||
      tokens.has_executable_comment) {
    return Whole();
  }
  const Statement statement(facts, tokens);
  const bool alters = statement.Is(0, "ALTER");
  const bool drops = statement.Is(0, "DROP");
  if (!alters && !drops && !statement.Is(0, "CREATE") && !statement.Is(0, "RENAME")) {
    return Whole();
  }
  // Files may bring any table; a comment of ours makes one that is not passed.
  if (statement.Holds("import") || statement.Holds("sealgate:")) return Whole();
  std::vector<std::string> mentioned = statement.Mentioned();
  if (mentioned.size() > kMostMentioned) return Whole();
  if (statement.IsKind("DATABASE") || statement.IsKind("SCHEMA")) {
    return OfDatabase(catalog, alters ? facts.schema : "", std::move(mentioned));
  }
  const auto is_triggered = [](const policy::HotName& hot) {
    return hot.kind == policy::NameKind::kTriggered;
  };
  // Its table is not named.
  if (drops && statement.IsKind("TRIGGER") && AnyHot(catalog, is_triggered)) return Whole();
  SchemaEffect effect;
  if (!statement.KeepsNames()) effect.change.mentioned = std::move(mentioned);
  effect.change.made = statement.MadeTable();
  effect.change.by_event = statement.IsOfEvent();
  effect.change.by_program = statement.IsOfProgram();
  return effect;
}

SchemaEffect EffectOfOpened(const policy::Catalog& catalog, const SessionFacts& facts,
                            std::string_view text, const sql::TokenList& opened) {
  const bool takes_names =
      std::any_of(std::begin(kTakesNames), std::end(kTakesNames),
                  [text](std::string_view each) { return ascii::Contains(text, each); });
  if (takes_names) return Whole();
  if (!TraitsOf(opened).changes_schema) return {};
  return EffectOf(catalog, facts, opened);
}

std::string TemporaryTableOf(const SessionFacts& facts, const sql::TokenList& tokens,
                             bool exact_case) {
  const Statement statement(facts, tokens);
  if (!statement.Is(0, "CREATE") || tokens.has_inner_semicolon || tokens.has_executable_comment) {
    return "";
  }
  std::size_t at = statement.Is(1, "OR") ? 3 : 1;
  if (!statement.Is(at, "TEMPORARY") || !statement.Is(at + 1, "TABLE")) return "";
  at += 2;
  if (statement.Is(at, "IF")) at += 3;
  const std::optional<policy::TableName> name = statement.ReadName(at);
  if (!name) return "";
  std::string key;
  if (exact_case) {
    policy::ObjectNames::KeyOf(name->schema, name->table, key);
  } else {
    policy::ObjectNames::KeyOf(policy::FoldName(name->schema), policy::FoldName(name->table), key);
  }
  return key;
}

}  // namespace sealgate::rewrite
