#include "proxy/rewrite/screen/screen.h"

#include <algorithm>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/screen/high_names.h"
#include "proxy/rewrite/screen/linked_table.h"
#include "proxy/rewrite/screen/moved_event.h"
#include "proxy/rewrite/screen/one_program.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/rewrite/screen/servers_programs.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/rewrite/screen/variable_names.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::TokenKind;

// A text inside a text inside a text: nobody needs it deeper.
constexpr int kMaxDynamicDepth = 2;

// What clients track for themselves; the rewriting needs nothing of it.
bool IsHarmlessTracker(const sql::TokenList& tokens, std::size_t i) {
  return IsWord(tokens, i, "SESSION_TRACK_GTIDS") ||
         IsWord(tokens, i, "SESSION_TRACK_STATE_CHANGE") ||
         IsWord(tokens, i, "SESSION_TRACK_TRANSACTION_INFO");
}

// BINLOG '…': row events as base64.
bool AppliesRowEvents(const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind next = tokens.tokens[i + 1].kind;
    const bool text = next == TokenKind::kString || next == TokenKind::kNationalString ||
                      next == TokenKind::kUserVariable;
    if (text && IsWord(tokens, i, "BINLOG")) return true;
  }
  return false;
}

// As the whole text, it may be what a role of the policy's is trusted with. Inside
// a routine or a text of dynamic SQL it would be run by others, or later.
bool MayApplyRowEvents(const SessionFacts& facts, const sql::TokenList& tokens) {
  return facts.role->replication && IsWord(tokens, 0, "BINLOG");
}

bool IsEnd(const sql::Token& token) {
  return token.kind == TokenKind::kEnd || token.kind == TokenKind::kSemicolon;
}

// Whether the variable gets another value than the one it has from the start.
bool ChangesDefaultCollation(const sql::TokenList& tokens, std::size_t name) {
  if (!MayNameDefaultCollation(tokens.Text(name))) return false;
  const std::size_t end = name + 3;
  if (end >= tokens.tokens.size()) return true;
  // mysqlbinlog writes its number.
  const bool same =
      IsWord(tokens, name + 2, "UTF8MB4_0900_AI_CI") || tokens.Text(name + 2) == "255";
  const sql::Token& next = tokens.tokens[end];
  return !same || !(IsEnd(next) || next.op == sql::Operator::kComma);
}

// DROP PROCEDURE [IF EXISTS] [schema.]name
bool DropsOneProcedure(const sql::TokenList& tokens) {
  if (!IsWord(tokens, 0, "DROP") || !IsWord(tokens, 1, "PROCEDURE")) return false;
  const std::size_t words = tokens.tokens.size() - 1 - (IsWord(tokens, 2, "IF") ? 2 : 0);
  return !tokens.has_executable_comment && !tokens.has_illegal && !tokens.has_inner_semicolon &&
         words <= 6;
}

// CALL mysql.AddGeometryColumn('', 'schema', 'table', 'column', 10): a text of plain names,
// which runs as it would alone.
bool ChangesGeometryByNames(const policy::Catalog& catalog, const sql::TokenList& tokens) {
  const bool qualified =
      IsWord(tokens, 1, "MYSQL") && sql::IsOperator(tokens, 2, sql::Operator::kDot);
  const std::size_t name = qualified ? 3 : 1;
  constexpr std::string_view kBoth[] = {"ADDGEOMETRYCOLUMN", "DROPGEOMETRYCOLUMN"};
  if (!IsWord(tokens, 0, "CALL") || !sql::IsAnyWord(tokens, name, kBoth) ||
      tokens.has_executable_comment || tokens.has_illegal || StringsNameHot(catalog, tokens)) {
    return false;
  }
  for (std::size_t i = name + 1; tokens.tokens[i].kind != TokenKind::kEnd; ++i) {
    const sql::Token& token = tokens.tokens[i];
    const bool sign = token.op == sql::Operator::kOpen || token.op == sql::Operator::kClose ||
                      token.op == sql::Operator::kComma;
    const std::string_view text = tokens.Text(i);
    const bool quoted = text.front() == '\'' || text.front() == '"';
    const bool literal = token.kind == TokenKind::kString && quoted &&
                         (text.size() == 2 || IsPlainName(text.substr(1, text.size() - 2)));
    if (!sign && !literal && token.kind != TokenKind::kInteger) return false;
  }
  return true;
}

// One statement, which gives no user variable a value.
bool OnlyReadsVariables(const sql::TokenList& tokens) {
  constexpr std::string_view kVerbs[] = {"SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH"};
  if (!sql::IsAnyWord(tokens, 0, kVerbs) || tokens.has_executable_comment || tokens.has_illegal ||
      tokens.has_inner_semicolon) {
    return false;
  }
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].op == sql::Operator::kAssign) return false;
    const bool into = IsWord(tokens, i, "INTO");
    if (into && tokens.tokens[i + 1].kind == TokenKind::kUserVariable) return false;
  }
  return true;
}

// MySQL makes each character outside of the Basic Multilingual Plane in a name a "?".
bool NamesBeyondBmp(const policy::Catalog& catalog, const sql::TokenList& tokens) {
  const auto beyond = [](char c) { return static_cast<unsigned char>(c) >= 0xF0; };
  const auto has_any = [&](std::string_view text) {
    return std::any_of(text.begin(), text.end(), beyond);
  };
  if (!has_any(tokens.text)) return false;
  if (tokens.has_executable_comment || tokens.has_illegal) {
    return std::any_of(catalog.hot().begin(), catalog.hot().end(), [](const auto& names) {
      return names.first.find('?') != std::string::npos;
    });
  }
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    const bool name = kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
    if (name && has_any(tokens.Text(i))) return true;
  }
  return false;
}

Screening Refuse(Refusal refusal) { return {Verdict::kRefuse, std::move(refusal)}; }

}  // namespace

std::string_view Screen::Fold(std::string_view token_text, TokenKind kind) {
  folded_.clear();
  const bool quoted = kind == TokenKind::kQuotedIdentifier || kind == TokenKind::kString;
  if (quoted) {
    unquoted_.clear();
    sql::UnquoteIdentifier(token_text, unquoted_);
    token_text = unquoted_;
  }
  policy::FoldName(token_text, folded_);
  return folded_;
}

bool Screen::NamesSchema(const sql::TokenList& tokens, std::string_view schema) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    const bool quoted = kind == TokenKind::kString && tokens.Text(i).front() == '"';
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier && !quoted) continue;
    if (Fold(tokens.Text(i), kind) == schema) return true;
  }
  return false;
}

// A hot name counts only when its schema is the default one or is named too.
bool Screen::NamesHot(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const TokenKind kind = tokens.tokens[i].kind;
    // "customers" may be meant as a name although ANSI_QUOTES is off: the
    // server would refuse the statement, but would have read its values.
    const bool quoted = kind == TokenKind::kString && tokens.Text(i).front() == '"';
    if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier && !quoted) continue;
    if (!quoted && MayNameHotRoutine(catalog, tokens.Text(i))) return true;
    const auto* entries = catalog.FindHot(Fold(tokens.Text(i), kind));
    if (entries == nullptr) continue;
    if (!facts.asked) return true;
    for (const policy::HotName& hot : *entries) {
      schema_.clear();
      policy::FoldName(hot.schema, schema_);
      if (Fold(facts.schema, TokenKind::kWord) == schema_) return true;
      if (NamesSchema(tokens, schema_)) return true;
    }
  }
  return false;
}

// PREPARE s FROM …, EXECUTE IMMEDIATE …: what runs is a text that the server
// reads itself. A literal is looked at as a statement of its own; anything else
// is unknown.
Screening Screen::LookAtDynamicSql(const policy::Catalog& catalog, const SessionFacts& facts,
                                   const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    std::size_t source = 0;
    if (IsWord(tokens, i, "PREPARE") && IsWord(tokens, i + 2, "FROM")) source = i + 3;
    if (IsWord(tokens, i, "EXECUTE") && IsWord(tokens, i + 1, "IMMEDIATE")) source = i + 2;
    // Without a text it is a syntax error.
    if (source == 0 || IsEnd(tokens.tokens[source])) continue;
    // EXPLAIN has no such statement, as the server will say.
    const bool first = i == 0 || (i == 1 && IsWord(tokens, 0, "EXPLAIN"));
    const bool literal = first && tokens.tokens[source].kind == TokenKind::kString;
    const bool alone =
        literal && (IsEnd(tokens.tokens[source + 1]) || IsWord(tokens, source + 1, "USING"));
    if (!alone || depth_ >= kMaxDynamicDepth) {
      Screening unknown = Refuse(DynamicSql(
          "dynamic SQL is refused unless its text is one string literal, because what it would "
          "run cannot be checked for protected columns; send the statement itself or prepare it "
          "through the driver"));
      if (depth_ == 0 && !NamesHot(catalog, facts, tokens)) {
        unknown.source = FindDynamicSource(tokens);
      }
      return unknown;
    }
    std::string inner;
    sql::UnescapeString(tokens.Text(source), facts.lex, inner);
    if (!LiteralReadsTheSame(inner, facts, catalog.is_mariadb)) {
      return Refuse(RefuseReadOtherwise());
    }
    Screening inside = LookInside(catalog, facts, inner);
    if (inside.verdict != Verdict::kCold) return inside;
  }
  return {};
}

Screening Screen::RefuseServerSql() {
  return Refuse(Unsupported(
      "init_connect, init_replica and init_slave are set only to one string, with nothing in it "
      "that could be a protected table, because the server runs it without Sealgate"));
}

Screening Screen::LookInsideSource(const policy::Catalog& catalog, const SessionFacts& facts,
                                   const sql::TokenList& tokens, std::string_view text) {
  if (!FindServerSqlSource(tokens)) return LookInside(catalog, facts, text);
  return IsColdAnywhere(catalog, facts, text) ? Screening{} : RefuseServerSql();
}

Screening Screen::LookInside(const policy::Catalog& catalog, const SessionFacts& facts,
                             std::string_view text) {
  sql::TokenList tokens;
  sql::Lex(text, LexModeOf(facts), tokens);
  if (MakesLinkedTable(catalog, facts, tokens)) return Refuse(RefuseLinkedTable());
  ++depth_;
  const Screening inside = Look(catalog, facts, tokens);
  --depth_;
  if (inside.verdict == Verdict::kCold) return {};
  return Refuse(DynamicSql(
      "dynamic SQL over a protected table is refused; send the statement itself or prepare "
      "it through the driver"));
}

Screening Screen::Look(const policy::Catalog& catalog, const SessionFacts& facts,
                       const sql::TokenList& tokens) {
  if (!catalog.has_hot_names()) return {};
  // In a character set such as gbk a byte that looks like a backslash or a
  // quote may be half of a character; only ASCII reads the same in all.
  if (!facts.client && (!ascii::IsAscii(tokens.text) || SignsMayBeLetters(facts, tokens.text))) {
    const bool letters = !facts.client_latin_is_ascii && BytesHideHotName(catalog, facts, tokens);
    const bool readable = facts.client_extends_ascii && !catalog.has_high_names() && !letters;
    if (readable && IsColdInSuperset(catalog, tokens.text, facts.client_latin_is_ascii)) return {};
    return Refuse(SessionRefusal(
        "statements with non-ASCII characters are refused while character_set_client is one that "
        "Sealgate cannot read; use SET NAMES utf8mb4"));
  }
  // The tokens of a program are what the server reads.
  const bool program = tokens.has_inner_semicolon && IsReadAtOnce(facts, tokens) &&
                       !RawTextHidesSql(catalog, tokens.text);
  const bool opaque = tokens.has_executable_comment || tokens.has_illegal ||
                      (tokens.has_inner_semicolon && !program);
  // A program that runs them is hot by that.
  const bool defines = MayNameTextRunner(tokens.text) &&
                       (MayDefineTextRunner(facts, tokens) || DropsOneProcedure(tokens) ||
                        ChangesGeometryByNames(catalog, tokens));
  const std::string others = defines ? WithoutTextRunners(tokens.text) : "";
  const std::string_view own = defines ? std::string_view(others) : tokens.text;
  const bool hidden = CommentsHideHotName(catalog, LexModeOf(facts), tokens) ||
                      BytesHideHotName(catalog, facts, tokens) ||
                      (tokens.has_illegal && SignsHideHotName(catalog, own));
  if (hidden || (opaque && RawTextNamesHot(catalog, own))) {
    const char* what = tokens.has_executable_comment
                           ? "an executable comment (/*! … */)"
                           : (tokens.has_illegal ? "an unterminated or unreadable token"
                                                 : "more than one statement");
    return Refuse(Unsupported(std::string("a text with ") + what +
                              " that may name a protected table is refused; send it without"));
  }
  const bool one_byte = facts.client == policy::Charset::kLatin1;
  if (!catalog.is_mariadb && !one_byte && NamesBeyondBmp(catalog, tokens)) {
    return Refuse(Unsupported(
        "names with characters outside of the Basic Multilingual Plane are refused, because MySQL "
        "takes each of these for a ?"));
  }
  const bool unclear = tokens.has_executable_comment || tokens.has_illegal;
  if (MovesEvent(catalog, facts, tokens) || (unclear && MayMoveEvent(tokens.text))) {
    return Refuse(Unsupported(
        "an event is not moved into a schema with protected tables, because what its body names "
        "would be another thing there; create it there"));
  }
  // Only reading them is harmless: SET may quote the name, and a routine or a
  // compound statement may set it later.
  const bool reads = IsWord(tokens, 0, "SELECT") || IsWord(tokens, 0, "SHOW");
  bool user_variable = false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind == TokenKind::kUserVariable) user_variable = true;
    const bool name = tokens.tokens[i].kind == TokenKind::kWord ||
                      tokens.tokens[i].kind == TokenKind::kQuotedIdentifier;
    if (name && !reads && MayNameTracking(tokens.Text(i)) && !IsHarmlessTracker(tokens, i)) {
      return Refuse(SessionRefusal(
          "session tracking is how Sealgate knows the session's modes, so its variables cannot "
          "be set"));
    }
    if (name && !reads && !defines && MayNameTextRunner(tokens.Text(i))) {
      return Refuse(DynamicSql(
          "procedures of the server's own that run any text (execute_prepared_stmt, "
          "statement_performance_analyzer, AddGeometryColumn) are refused, because it cannot be "
          "checked for protected columns"));
    }
    if (name && !reads && !catalog.is_mariadb && ChangesDefaultCollation(tokens, i)) {
      return Refuse(SessionRefusal(
          "default_collation_for_utf8mb4 cannot be set to anything but utf8mb4_0900_ai_ci, because "
          "definitions of protected columns would mean another collation"));
    }
  }
  if (AppliesRowEvents(tokens) && (depth_ > 0 || opaque || !MayApplyRowEvents(facts, tokens))) {
    return Refuse(Unsupported(
        "BINLOG is refused, because it writes rows to tables that nobody can see in its text; "
        "apply it at the server, or send it alone and as a role with 'replication: true'"));
  }
  if (user_variable && !OnlyReadsVariables(tokens) && StringsNameHot(catalog, tokens)) {
    return Refuse(DynamicSql(
        "a user variable is not given a text that names a protected table, because it could "
        "become dynamic SQL"));
  }
  if (SetsServerSql(catalog, facts, tokens)) {
    Screening refused = RefuseServerSql();
    if (depth_ == 0) refused.source = FindServerSqlSource(tokens);
    return refused;
  }
  Screening dynamic = LookAtDynamicSql(catalog, facts, tokens);
  if (dynamic.verdict != Verdict::kCold) return dynamic;
  if (NamesHot(catalog, facts, tokens)) return {Verdict::kHot, std::nullopt};
  return {};
}

}  // namespace sealgate::rewrite
