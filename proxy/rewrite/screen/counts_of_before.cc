#include "proxy/rewrite/screen/counts_of_before.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

bool IsName(const sql::TokenList& tokens, std::size_t i, std::string_view lower) {
  const TokenKind kind = tokens.tokens[i].kind;
  if (kind != TokenKind::kWord && kind != TokenKind::kQuotedIdentifier) return false;
  std::string name;
  sql::UnquoteIdentifier(tokens.Text(i), name);
  return ascii::EqualsAnyCase(name, lower);
}

// Follows the blocks of a body, to tell what runs whatever happens.
class Body {
 public:
  Body(const sql::TokenList& tokens, const Disturbed& disturbed)
      : tokens_(tokens), disturbed_(disturbed) {}

  bool ReadsCounts() {
    for (std::size_t i = 0; i + 1 < tokens_.tokens.size(); ++i) {
      if (disturbed_.found_rows && Reads(i, "found_rows")) return true;
      if (disturbed_.row_count && Reads(i, "row_count")) return true;
      if (tokens_.tokens[i].kind == TokenKind::kSemicolon) {
        EndStatement();
      } else {
        OnToken(i);
      }
    }
    return false;
  }

 private:
  enum class Block { kPlain, kConditional };

  // ROW_COUNT(), GET DIAGNOSTICS a = ROW_COUNT. Not a variable that is called so.
  bool Reads(std::size_t i, std::string_view lower) const {
    if (!IsName(tokens_, i, lower)) return false;
    return sql::IsOperator(tokens_, i + 1, Operator::kOpen) ||
           (IsWord(tokens_, head_, "GET") && sql::IsOperator(tokens_, i - 1, Operator::kEqual));
  }

  bool BeginsStatement(std::size_t i) const {
    if (i == 0 || tokens_.tokens[i - 1].kind == TokenKind::kSemicolon) return true;
    constexpr std::string_view kBefore[] = {"BEGIN", "ATOMIC", "THEN",  "ELSE",
                                            "DO",    "LOOP",   "REPEAT"};
    return tokens_.tokens[i - 1].op == Operator::kColon ||
           (sql::IsAnyWord(tokens_, i - 1, kBefore) && !IsCalled(i - 1));
  }

  // REPEAT('x', 2), REPLACE(a, 'b', 'c')
  bool IsCalled(std::size_t i) const {
    return sql::EndsStatement(tokens_, i) || tokens_.tokens[i + 1].op == Operator::kOpen;
  }

  // A block too few that ends leaves too much conditional.
  void OnToken(std::size_t i) {
    const bool begins = BeginsStatement(i);
    if (begins) head_ = i;
    constexpr std::string_view kBranches[] = {"IF", "LOOP", "WHILE", "REPEAT", "FOR"};
    constexpr std::string_view kJumps[] = {"GOTO", "EXCEPTION"};
    const bool is_case = IsWord(tokens_, i, "CASE") && (i == 0 || !IsWord(tokens_, i - 1, "END"));
    if (is_case || (begins && sql::IsAnyWord(tokens_, i, kBranches))) {
      blocks_.push_back(Block::kConditional);
    } else if (IsWord(tokens_, i, "BEGIN") && (begins || in_handler_)) {
      blocks_.push_back(in_handler_ ? Block::kConditional : Block::kPlain);
      in_handler_ = false;
    } else if (IsWord(tokens_, i, "END")) {
      if (blocks_.empty()) jumps_ = true;
      if (!blocks_.empty()) blocks_.pop_back();
    } else if (IsWord(tokens_, i, "HANDLER") && IsWord(tokens_, head_, "DECLARE")) {
      OnHandler();
    } else if (sql::IsAnyWord(tokens_, i, kJumps)) {
      jumps_ = true;
    }
  }

  // It may leave an inner block early.
  void OnHandler() {
    in_handler_ = true;
    if (blocks_.size() > 1) blocks_.back() = Block::kConditional;
  }

  void EndStatement() {
    const bool always =
        !jumps_ && std::count(blocks_.begin(), blocks_.end(), Block::kConditional) == 0;
    constexpr std::string_view kCounted[] = {"INSERT", "UPDATE", "DELETE", "REPLACE"};
    const bool selects = IsWord(tokens_, head_, "SELECT");
    if (always && selects) disturbed_.found_rows = false;
    if (always && (selects || (sql::IsAnyWord(tokens_, head_, kCounted) && !IsCalled(head_)))) {
      disturbed_.row_count = false;
    }
    in_handler_ = false;
  }

  const sql::TokenList& tokens_;
  Disturbed disturbed_;  // what the body has not made anew
  std::vector<Block> blocks_;
  std::size_t head_ = 0;
  bool in_handler_ = false;
  bool jumps_ = false;
};

bool LiteralsReadCounts(KnownNames& names, const policy::Snapshot& snapshot,
                        const SessionFacts& facts, const sql::TokenList& tokens,
                        const Disturbed& disturbed) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kString) continue;
    std::string text;
    sql::UnescapeString(tokens.Text(i), facts.lex, text);
    if (AsksFor(text, disturbed)) return true;
    if (ProgramsReadCounts(names, snapshot, facts, text, disturbed)) return true;
  }
  return false;
}

}  // namespace

bool BodyReadsCounts(std::string_view body, const Disturbed& disturbed) {
  if (body.empty()) return true;
  if (!ascii::Contains(body, "found_rows") && !ascii::Contains(body, "row_count")) return false;
  sql::TokenList tokens;
  sql::Lex(body, {.ansi_quotes = true}, tokens);
  // The modes that it was made with are not known.
  const bool unclear = body.find('\\') != std::string_view::npos || tokens.has_illegal ||
                       tokens.has_executable_comment;
  return unclear ? AsksFor(body, disturbed) : Body(tokens, disturbed).ReadsCounts();
}

bool ProgramsReadCounts(KnownNames& names, const policy::Snapshot& snapshot,
                        const SessionFacts& facts, std::string_view text,
                        const Disturbed& disturbed) {
  if (!snapshot.catalog->programs_read_counts) return false;
  sql::TokenList tokens;
  std::string opened;
  sql::Lex(text, LexModeOf(facts), tokens);
  if (tokens.has_executable_comment) {
    OpenCommentsOf(*snapshot.catalog, facts, text, opened);
    sql::Lex(opened, LexModeOf(facts), tokens);
  }
  if (tokens.has_illegal || tokens.has_executable_comment) return true;
  for (const policy::ProgramText* program : names.ProgramsOf(snapshot, facts, tokens)) {
    if (BodyReadsCounts(program->text, disturbed)) return true;
  }
  if (snapshot.objects != nullptr && !names.KnowsPrograms()) return true;
  return IsWord(tokens, 0, "EXECUTE") &&
         LiteralsReadCounts(names, snapshot, facts, tokens, disturbed);
}

}  // namespace sealgate::rewrite
