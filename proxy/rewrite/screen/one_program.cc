#include "proxy/rewrite/screen/one_program.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsAnyWord;
using sql::IsOperator;
using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// What begins a statement of a block, and can follow no name.
constexpr std::string_view kStatements[] = {
    "BEGIN", "DECLARE", "SET",      "SELECT", "IF",    "INSERT",  "UPDATE",     "DELETE", "CALL",
    "DROP",  "CREATE",  "PREPARE",  "RETURN", "WHILE", "EXECUTE", "DEALLOCATE", "OPEN",   "CASE",
    "GET",   "SIGNAL",  "RESIGNAL", "FETCH",  "SHOW",  "REPLACE", "LOOP",       "REPEAT"};
constexpr std::string_view kBeforeBlock[] = {"BEGIN", "THEN", "ELSE", "LOOP", "REPEAT"};
// END IF and the like; none of these words can stand behind an END of CASE. FOR can.
constexpr std::string_view kOtherEnds[] = {"IF", "WHILE", "LOOP", "REPEAT"};
constexpr std::string_view kBeforeBody[] = {
    "LANGUAGE", "SQL",      "NOT",      "DETERMINISTIC", "CONTAINS",  "NO",       "READS",
    "DATA",     "MODIFIES", "SECURITY", "DEFINER",       "INVOKER",   "COMMENT",  "RETURNS",
    "INT",      "INTEGER",  "BIGINT",   "TINYINT",       "SMALLINT",  "BOOLEAN",  "VARCHAR",
    "CHAR",     "TEXT",     "LONGTEXT", "DECIMAL",       "DOUBLE",    "DATE",     "DATETIME",
    "BLOB",     "UNSIGNED", "CHARSET",  "CHARACTER",     "UTF8",      "UTF8MB3",  "UTF8MB4",
    "ENUM",     "JSON",     "TIME",     "YEAR",          "VARBINARY", "TIMESTAMP"};

// What a handler's condition cannot end with.
constexpr std::string_view kInCondition[] = {"FOR", "NOT", "SQLSTATE", "VALUE"};
constexpr std::string_view kOtherKinds[] = {"VIEW", "TRIGGER", "EVENT", "TABLE", "PACKAGE", "AS"};

class Program {
 public:
  explicit Program(const sql::TokenList& tokens, std::size_t first = 0)
      : tokens_(tokens), at_(first), first_(first) {}

  bool IsOne() {
    at_ = first_;
    return TakeHead() && TakeName() && TakeParameters() && TakeCharacteristics() && TakeBody();
  }
  bool IsCompound() {
    at_ = first_;
    return IsWord(tokens_, at_ + 1, "NOT") && TakeBody();
  }
  bool IsTriggerOrEvent() {
    at_ = first_;
    return TakeHeadOfOther() && TakeBody();
  }

 private:
  bool Take(std::string_view word) {
    if (!IsWord(tokens_, at_, word)) return false;
    ++at_;
    return true;
  }

  bool IsName(std::size_t i) const {
    if (i + 1 >= tokens_.tokens.size()) return false;
    const TokenKind kind = tokens_.tokens[i].kind;
    return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier ||
           kind == TokenKind::kString;
  }

  // CREATE [OR REPLACE] [DEFINER = name[@host]] PROCEDURE | FUNCTION
  bool TakeHead() {
    if (!Take("CREATE")) return false;
    if (Take("OR") && !Take("REPLACE")) return false;
    if (Take("DEFINER")) {
      if (!IsOperator(tokens_, at_++, Operator::kEqual) || !IsName(at_++)) return false;
      while (!sql::EndsStatement(tokens_, at_) && !IsWord(tokens_, at_, "PROCEDURE") &&
             !IsWord(tokens_, at_, "FUNCTION")) {
        if (at_ > kLongestHead || IsAnyWord(tokens_, at_, kOtherKinds)) return false;
        ++at_;
      }
    }
    if (!Take("PROCEDURE") && !Take("FUNCTION")) return false;
    if (Take("IF") && !(Take("NOT") && Take("EXISTS"))) return false;
    return true;
  }

  // CREATE … TRIGGER … ROW [FOLLOWS name], CREATE or ALTER … EVENT … DO: up to BEGIN.
  bool TakeHeadOfOther() {
    if (!Take("CREATE") && !Take("ALTER")) return false;
    constexpr std::string_view kKinds[] = {"TRIGGER", "EVENT"};
    constexpr std::string_view kOthers[] = {"VIEW", "PROCEDURE", "FUNCTION", "TABLE", "PACKAGE"};
    while (!IsAnyWord(tokens_, at_, kKinds)) {
      if (sql::EndsStatement(tokens_, at_) || IsAnyWord(tokens_, at_, kOthers)) return false;
      if (++at_ > first_ + kLongestHead) return false;
    }
    const std::string_view before_body = IsWord(tokens_, at_, "EVENT") ? "DO" : "ROW";
    while (!IsWord(tokens_, at_, before_body)) {
      if (sql::EndsStatement(tokens_, at_++)) return false;
    }
    ++at_;
    if (before_body == "ROW" && (Take("FOLLOWS") || Take("PRECEDES"))) ++at_;
    return IsWord(tokens_, at_, "BEGIN");
  }

  bool TakeName() {
    if (!IsName(at_++)) return false;
    if (!IsOperator(tokens_, at_, Operator::kDot)) return true;
    ++at_;
    return IsName(at_++);
  }

  bool TakeParameters() {
    if (!IsOperator(tokens_, at_, Operator::kOpen)) return false;
    return TakeParentheses();
  }

  bool TakeParentheses() {
    int depth = 0;
    for (; !sql::EndsStatement(tokens_, at_); ++at_) {
      if (IsOperator(tokens_, at_, Operator::kOpen)) ++depth;
      if (IsOperator(tokens_, at_, Operator::kClose) && --depth == 0) {
        ++at_;
        return true;
      }
    }
    return false;
  }

  // Up to BEGIN. Nothing of these could have it for a name.
  bool TakeCharacteristics() {
    while (!IsWord(tokens_, at_, "BEGIN")) {
      if (sql::EndsStatement(tokens_, at_)) return false;
      if (IsOperator(tokens_, at_, Operator::kOpen)) {
        if (!TakeParentheses()) return false;
        continue;
      }
      const bool character_set =
          IsWord(tokens_, at_, "SET") && IsWord(tokens_, at_ - 1, "CHARACTER");
      const bool comment = tokens_.tokens[at_].kind == TokenKind::kString &&
                           (IsWord(tokens_, at_ - 1, "COMMENT") ||
                            tokens_.tokens[at_ - 1].kind == TokenKind::kString);
      if (!character_set && !comment && !IsAnyWord(tokens_, at_, kBeforeBody)) return false;
      ++at_;
    }
    return true;
  }

  bool BeginsBlock(std::size_t i) const {
    const bool not_atomic = IsWord(tokens_, i + 1, "NOT") && IsWord(tokens_, i + 2, "ATOMIC");
    const std::size_t first = i + (not_atomic ? 3 : 1);
    if (!IsWord(tokens_, i, "BEGIN") || !IsAnyWord(tokens_, first, kStatements)) return false;
    if (i == body_ || BeginsStatement(i) || IsHandlers(i)) return true;
    // Of a loop: behind the statement DO, it is a name.
    return IsWord(tokens_, i - 1, "DO") && !BeginsStatement(i - 1);
  }

  bool BeginsStatement(std::size_t i) const {
    return tokens_.tokens[i - 1].kind == TokenKind::kSemicolon ||
           IsAnyWord(tokens_, i - 1, kBeforeBlock) || IsOperator(tokens_, i - 1, Operator::kColon);
  }

  // DECLARE … HANDLER FOR condition, condition …: what stands there is a statement.
  bool IsHandlers(std::size_t i) const {
    if (IsOperator(tokens_, i - 1, Operator::kComma) || IsAnyWord(tokens_, i - 1, kInCondition)) {
      return false;
    }
    for (std::size_t at = i - 1; at > body_ + 2; --at) {
      const TokenKind kind = tokens_.tokens[at].kind;
      if (IsWord(tokens_, at, "FOR") && IsWord(tokens_, at - 1, "HANDLER")) {
        return IsWord(tokens_, at - 3, "DECLARE") && BeginsStatement(at - 3);
      }
      const bool listed = kind == TokenKind::kWord || kind == TokenKind::kString ||
                          kind == TokenKind::kInteger || IsOperator(tokens_, at, Operator::kComma);
      if (!listed) return false;
    }
    return false;
  }

  bool TakeBody() {
    body_ = at_;
    if (!BeginsBlock(at_)) return false;
    std::vector<bool> open;  // blocks, and CASE: true
    for (; at_ + 1 < tokens_.tokens.size(); ++at_) {
      const bool behind_dot = IsOperator(tokens_, at_ - 1, Operator::kDot);
      const bool cases = IsWord(tokens_, at_, "CASE") && !behind_dot && !EndsCase(at_);
      if (cases || BeginsBlock(at_)) open.push_back(cases);
      if (!IsWord(tokens_, at_, "END") || IsAnyWord(tokens_, at_ + 1, kOtherEnds)) continue;
      // Of a loop or, with FOR UPDATE behind it, of CASE.
      if (IsWord(tokens_, at_ + 1, "FOR")) return false;
      // A block's is behind a statement's end; else it is a name.
      const bool behind = tokens_.tokens[at_ - 1].kind == TokenKind::kSemicolon;
      if (!behind && !open.back()) return false;
      open.pop_back();
      if (open.empty()) return IsLast(at_);
    }
    return false;
  }

  bool EndsCase(std::size_t i) const { return IsWord(tokens_, i - 1, "END"); }

  bool IsLast(std::size_t end) const {
    std::size_t next = end + 1;
    if (tokens_.tokens[next].kind == TokenKind::kSemicolon) ++next;
    return tokens_.tokens[next].kind == TokenKind::kEnd;
  }

  static constexpr std::size_t kLongestHead = 12;
  const sql::TokenList& tokens_;
  std::size_t at_ = 0;
  std::size_t first_ = 0;
  std::size_t body_ = 0;
};

// What is ASCII reads the same in every superset of it.
bool IsReadable(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (tokens.has_illegal || tokens.has_executable_comment || facts.unsupported_mode) return false;
  return facts.asked &&
         (facts.client || (facts.client_extends_ascii && ascii::IsAscii(tokens.text)));
}

// Behind PREPARE name FROM text; and others of its kind.
std::size_t BehindPreparations(const sql::TokenList& tokens) {
  std::size_t at = 0;
  while (IsWord(tokens, at, "PREPARE") && tokens.tokens[at + 1].kind == TokenKind::kWord &&
         IsWord(tokens, at + 2, "FROM")) {
    const TokenKind text = tokens.tokens[at + 3].kind;
    if (text != TokenKind::kString && text != TokenKind::kUserVariable) break;
    if (tokens.tokens[at + 4].kind != TokenKind::kSemicolon) break;
    at += 5;
  }
  return at;
}

}  // namespace

bool MakesOneProgram(const SessionFacts& facts, const sql::TokenList& tokens) {
  return IsReadable(facts, tokens) && Program(tokens).IsOne();
}

bool IsOneCompound(const SessionFacts& facts, const sql::TokenList& tokens) {
  return IsReadable(facts, tokens) && Program(tokens).IsCompound();
}

bool IsReadAtOnce(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (!IsReadable(facts, tokens)) return false;
  Program last(tokens, BehindPreparations(tokens));
  return last.IsOne() || last.IsCompound() || last.IsTriggerOrEvent();
}

}  // namespace sealgate::rewrite
