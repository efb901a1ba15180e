#include "proxy/rewrite/edited_text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Done = tl::expected<void, Refusal>;

// Calls `append(each, shift)` for every one of `all`; those of a run's second
// item once for each of its further items, and moved to it.
template <typename Element, typename Append>
Done Repeated(const std::vector<Element>& all, std::span<const sql::Run> runs, std::uint32_t shift,
              Append append) {
  for (std::size_t begin = 0; begin < all.size();) {
    const std::uint16_t run = all[begin].run;
    std::size_t end = begin + 1;
    while (run != kNoRun && end < all.size() && all[end].run == run) ++end;
    const std::uint32_t rounds = run == kNoRun ? 1 : runs[run].count - 1;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      const std::uint32_t moved = run == kNoRun ? shift : shift + round * runs[run].stride();
      for (std::size_t i = begin; i < end; ++i) {
        if (auto done = append(all[i], moved); !done) return done;
      }
    }
    begin = end;
  }
  return {};
}

// What names do not begin with. In no character set, a letter is one of ASCII.
std::size_t BlanksBefore(std::string_view text, bool is_binary) {
  const auto is_letter = [&](unsigned char c) { return c > ' ' && (c < 0x7F || !is_binary); };
  return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_letter) - text.begin());
}

// As names have them: MariaDB's as \x00, MySQL's end there.
std::string WithoutNuls(std::string_view text, bool is_mariadb) {
  if (!is_mariadb) return std::string(text.substr(0, text.find('\0')));
  std::string without;
  for (const char c : text) {
    if (c == '\0') {
      without += "\\x00";
    } else {
      without += c;
    }
  }
  return without;
}

}  // namespace

// The plan's tokens are those of a sample with three items in every run.
std::uint32_t EditedText::PlaceOf(std::uint32_t token) const {
  std::uint32_t place = token;
  for (std::size_t r = 0; r < runs_.size() && token >= plan_->runs[r].end(); ++r) {
    place += (runs_[r].count - sql::kSampleItems) * runs_[r].stride();  // wraps back for two items
  }
  return place;
}

// Of an expression of several words MariaDB names all that follows a comma, comments, too.
std::uint32_t EditedText::BeginOfName(std::uint32_t first, std::uint32_t last) const {
  const std::uint32_t begin = tokens_->tokens[first].begin;
  const bool behind = plan_->snapshot.catalog->is_mariadb && first != last && first > 0 &&
                      tokens_->tokens[first - 1].op == sql::Operator::kComma;
  if (!behind) return begin;
  std::uint32_t at = tokens_->tokens[first - 1].end;
  while (at < begin && static_cast<unsigned char>(tokens_->text[at]) <= ' ') ++at;
  return at;
}

// The name that the servers give an expression: its text, or what a string says.
void EditedText::AppendName(const Piece& piece, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t begin = BeginOfName(first, last);
  std::string_view text = tokens_->text.substr(begin, tokens_->tokens[last].end - begin);
  std::string said;
  if (first == last && tokens_->tokens[first].kind == sql::TokenKind::kString) {
    sql::UnescapeString(text, facts_->lex, said);
    text = said;
    text.remove_prefix(BlanksBefore(text, facts_->client == policy::Charset::kBinary));
  }
  std::string escaped;
  if (text.find('\0') != std::string_view::npos) {
    escaped = WithoutNuls(text, plan_->snapshot.catalog->is_mariadb);
    text = escaped;
  }
  scratch_.clear();
  if (piece.hidden) {
    const auto hidden = names_.Hide(*facts_, plan_->snapshot.catalog->is_mariadb, text);
    if (!hidden) return;  // the server takes the changed text for a name
    scratch_ = *hidden;
  } else {
    if (!plan_->snapshot.catalog->is_mariadb) text = ExpressionNames::Longest(*facts_, text);
    if (first == last) {
      sql::UnquoteIdentifier(text, scratch_);
    } else {
      scratch_ = text;
    }
  }
  replacements_ += piece.text;
  sql::AppendQuotedIdentifier(scratch_, replacements_);
}

// WHERE'b' = email: the X of a hex literal would be one word with the one before it.
bool EditedText::IsGlued(std::uint32_t token) const {
  if (token == 0 || tokens_->tokens[token - 1].kind != sql::TokenKind::kWord) return false;
  return tokens_->tokens[token - 1].end == tokens_->tokens[token].begin;
}

Done EditedText::AppendPiece(const Piece& piece, std::uint32_t shift) {
  if (!piece.name) replacements_ += piece.text;
  if (!piece.name && piece.seal == SealAs::kPlain) return {};
  const std::uint32_t first = PlaceOf(piece.value_first) + shift;
  const std::uint32_t last = PlaceOf(piece.value_last) + shift;
  if (piece.name) AppendName(piece, first, last);
  if (piece.seal == SealAs::kPlain) return {};
  if (auto done = SealValue(piece, first, last); !done) return done;
  if (piece.text.empty() && IsGlued(first)) replacements_ += ' ';
  sql::AppendHexLiteral(sealed_, replacements_);
  return {};
}

// The two ends of a range come one after the other and differ little.
Done EditedText::SealValue(const Piece& piece, std::uint32_t first, std::uint32_t last) {
  const Sealed value{first, last, piece.target};
  if (piece.seal == SealAs::kHigh && lower_ == value) {
    lower_.reset();
    MakeUpperEnd(sealed_);
    return {};
  }
  lower_.reset();
  const Target& target = plan_->targets[piece.target];
  scratch_.clear();
  const auto source = FromLiteral(*tokens_, first, last, facts_->lex, scratch_);
  if (!source) return tl::unexpected(RefuseValue(target, source.error()));
  sealed_.clear();
  if (auto done = sealer_.Seal(*facts_, target, piece.seal, *source, sealed_); !done) return done;
  if (piece.seal == SealAs::kLow) lower_ = value;
  return {};
}

Done EditedText::AppendEdit(const PlannedEdit& edit, std::uint32_t shift) {
  auto done = Repeated(edit.pieces, runs_, shift, [&](const Piece& piece, std::uint32_t moved) {
    return AppendPiece(piece, moved);
  });
  if (!done) return done;
  const std::uint32_t end = tokens_->tokens[PlaceOf(edit.last) + shift].end;
  const std::uint32_t from = edit.after ? end : tokens_->tokens[PlaceOf(edit.first) + shift].begin;
  const std::uint32_t to = edit.insert ? from : end;
  ends_.push_back(replacements_.size());
  edits_.push_back({from, to, {}});
  return {};
}

Done EditedText::AppendEdits() {
  replacements_.clear();
  lower_.reset();
  ends_.clear();
  edits_.clear();
  auto done = Repeated(plan_->edits, runs_, 0, [&](const PlannedEdit& edit, std::uint32_t shift) {
    return AppendEdit(edit, shift);
  });
  // Views only now that the replacements stay where they are.
  std::size_t begin = 0;
  for (std::size_t i = 0; i < edits_.size(); ++i) {
    edits_[i].with = std::string_view(replacements_).substr(begin, ends_[i] - begin);
    begin = ends_[i];
  }
  return done;
}

tl::expected<std::string_view, Refusal> EditedText::Make(const SessionFacts& facts,
                                                         const Plan& plan,
                                                         const sql::TokenList& tokens,
                                                         std::span<const sql::Run> runs) {
  facts_ = &facts;
  plan_ = &plan;
  tokens_ = &tokens;
  runs_ = runs;
  const bool fits = plan.runs.size() == runs.size();
  if (fits) {
    if (auto done = AppendEdits(); !done) return tl::unexpected(std::move(done.error()));
  }
  text_.clear();
  if (!fits || !sql::ApplyEdits(tokens.text, edits_, text_) || !StillOneStatement()) {
    return tl::unexpected(SyntaxRefusal("the rewritten statement did not pass its own check"));
  }
  if (!names_.empty() && ascii::Contains(tokens.text, ExpressionNames::kPrefix)) {
    names_ = {};
    return tl::unexpected(Unsupported(
        "a statement that uses the names that Sealgate gives expressions is not supported"));
  }
  return text_;
}

std::shared_ptr<const ExpressionNames> EditedText::TakeNames() {
  if (names_.empty()) return nullptr;
  return std::make_shared<const ExpressionNames>(std::exchange(names_, {}));
}

// The last look before the text leaves: it must still read as one statement.
bool EditedText::StillOneStatement() {
  sql::Lex(text_, LexModeOf(*facts_), check_);
  return !check_.has_illegal && !check_.has_executable_comment && !check_.has_inner_semicolon;
}

}  // namespace sealgate::rewrite
