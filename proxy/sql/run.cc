#include "proxy/sql/run.h"

#include <algorithm>
#include <utility>

#include "proxy/sql/lexer.h"
#include "proxy/sql/shape.h"

namespace sealgate::sql {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
// Lists in lists are read once for each level: the work in all, as a multiple of
// the statement's tokens.
constexpr std::size_t kMostWork = 8;

class Finder {
 public:
  Finder(const TokenList& tokens, std::vector<Run>& runs)
      : list_(tokens),
        tokens_(tokens.tokens),
        runs_(runs),
        work_left_(tokens_.size() * kMostWork) {}

  void Find() {
    const std::uint32_t rows = FindRows();
    if (rows == kNone && !list_.has_in_list) return;
    std::uint32_t at = list_.has_in_list ? 0 : rows;
    while (at + 2 < tokens_.size() && runs_.size() < kMaxRuns && work_left_ > 0) {
      const bool in = tokens_[at + 1].op == Operator::kOpen && IsWord(at, "IN");
      const std::size_t before = runs_.size();
      std::uint32_t end = at;
      if (in) end = ReadList(at + 2, false);
      if (at == rows) end = ReadList(at + 1, true);
      if (!list_.has_in_list && at == rows) return;
      at = runs_.size() > before ? end : at + 1;
    }
  }

 private:
  bool IsOperator(std::uint32_t at, Operator op) const {
    return at < tokens_.size() && tokens_[at].kind == TokenKind::kOperator && tokens_[at].op == op;
  }

  bool IsWord(std::uint32_t at, std::string_view upper) const {
    return at < tokens_.size() && tokens_[at].kind == TokenKind::kWord &&
           tokens_[at].end - tokens_[at].begin == upper.size() &&
           EqualsKeyword(list_.Text(at), upper);
  }

  // The VALUES of INSERT … VALUES. VALUES(column) is a function elsewhere.
  std::uint32_t FindRows() const {
    if (!IsWord(0, "INSERT") && !IsWord(0, "REPLACE")) return kNone;
    std::uint32_t depth = 0;
    for (std::uint32_t at = 1; at < tokens_.size(); ++at) {
      if (IsOperator(at, Operator::kOpen)) ++depth;
      if (IsOperator(at, Operator::kClose) && depth > 0) --depth;
      if (depth > 0 || tokens_[at].kind != TokenKind::kWord) continue;
      if (IsWord(at, "VALUES") || IsWord(at, "VALUE")) return at;
      for (const std::string_view other : {"SELECT", "SET", "WITH", "TABLE"}) {
        if (IsWord(at, other)) return kNone;
      }
    }
    return kNone;
  }

  // Adds the list's runs. Returns the token behind the list.
  std::uint32_t ReadList(std::uint32_t at, bool rows) {
    Run run;
    for (;;) {
      bool fixed = false;
      const std::uint32_t end = ItemEnd(at, rows, fixed);
      if (end == at) break;
      const std::uint32_t size = end - at;
      if (!fixed && run.count > 0 && size == run.size && Alike(run.first, at, size)) {
        ++run.count;
      } else {
        Add(run);
        run = {at, size, fixed ? 0u : 1u};
      }
      at = end;
      if (!IsOperator(at, Operator::kComma)) break;
      ++at;
    }
    Add(run);
    return at;
  }

  void Add(const Run& run) {
    if (run.count > 1 && runs_.size() < kMaxRuns) runs_.push_back(run);
  }

  // The token behind the item at `at`; `at` itself when there is none. `fixed`:
  // it has a parameter.
  std::uint32_t ItemEnd(std::uint32_t at, bool row, bool& fixed) {
    std::uint32_t depth = 0;
    const std::uint32_t first = row && IsWord(at, "ROW") ? at + 1 : at;
    if (row && !IsOperator(first, Operator::kOpen)) return at;
    for (std::uint32_t i = first; i < tokens_.size(); ++i) {
      if (work_left_ == 0) return at;
      --work_left_;
      const Token& token = tokens_[i];
      switch (token.kind) {
        case TokenKind::kEnd:
        case TokenKind::kSemicolon:
        case TokenKind::kIllegal:
        case TokenKind::kExecutableComment:
          return at;
        case TokenKind::kParameter:
          fixed = true;
          break;
        default:
          break;
      }
      if (token.op == Operator::kOpen) ++depth;
      if (token.op == Operator::kClose) {
        if (depth == 0) return i;  // the list's own
        --depth;
        if (row && depth == 0) return i + 1;
      }
      if (token.op == Operator::kComma && depth == 0) return i;
    }
    return at;
  }

  bool Alike(std::uint32_t a, std::uint32_t b, std::uint32_t size) const {
    for (std::uint32_t i = 0; i < size; ++i) {
      // Whether a space stands before an item means nothing.
      if (!SameInShape(list_, a + i, b + i, i > 0)) return false;
    }
    return true;
  }

  const TokenList& list_;
  const std::vector<Token>& tokens_;
  std::vector<Run>& runs_;
  std::size_t work_left_;
};

}  // namespace

void FindRuns(const TokenList& tokens, std::vector<Run>& runs) {
  runs.clear();
  Finder(tokens, runs).Find();
}

void MakeSample(const TokenList& tokens, std::span<const Run> runs, TokenList& sample,
                std::vector<Run>& sample_runs) {
  sample = TokenList{.text = tokens.text,
                     .tokens = std::move(sample.tokens),
                     .has_executable_comment = tokens.has_executable_comment,
                     .has_illegal = tokens.has_illegal,
                     .has_inner_semicolon = tokens.has_inner_semicolon,
                     .has_double_quoted = tokens.has_double_quoted,
                     .has_in_list = tokens.has_in_list,
                     .parameters = tokens.parameters};
  sample.tokens.clear();
  sample_runs.clear();
  const auto copy = [&](std::uint32_t from, std::uint32_t to) {
    sample.tokens.insert(sample.tokens.end(), tokens.tokens.begin() + from,
                         tokens.tokens.begin() + to);
  };
  std::uint32_t at = 0;
  for (const Run& run : runs) {
    copy(at, run.first);
    sample_runs.push_back(
        {static_cast<std::uint32_t>(sample.tokens.size()), run.size, kSampleItems});
    const std::uint32_t whole = std::min(run.count, kSampleItems);
    copy(run.first, run.Item(whole) - 1);
    for (std::uint32_t i = whole; i < kSampleItems; ++i) {
      copy(run.Item(1) - 1, run.Item(2) - 1);  // with its comma
    }
    at = run.end();
  }
  copy(at, static_cast<std::uint32_t>(tokens.tokens.size()));
}

}  // namespace sealgate::sql
