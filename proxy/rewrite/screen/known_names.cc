#include "proxy/rewrite/screen/known_names.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/high_names.h"
#include "proxy/rewrite/screen/modes_after.h"
#include "proxy/rewrite/screen/program_readings.h"
#include "proxy/rewrite/screen/read_from.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::IsOperator;
using sql::MayBeName;
using sql::Operator;
using sql::TokenKind;

// In whatever case, nothing can be made in them.
constexpr std::string_view kServerSchemas[] = {"information_schema", "performance_schema"};

template <std::size_t N>
bool IsAny(const std::string_view (&words)[N], std::string_view text) {
  return std::any_of(std::begin(words), std::end(words),
                     [text](std::string_view word) { return EqualsKeyword(text, word); });
}

// Not by letters that look alike: somebody may have made the other one.
bool IsServerSchema(std::string_view written) {
  return std::any_of(
      std::begin(kServerSchemas), std::end(kServerSchemas),
      [written](std::string_view name) { return ascii::EqualsAnyCase(written, name); });
}

}  // namespace

bool KnownNames::IsKeyword(std::string_view upper, std::size_t index) const {
  return sql::IsWord(*tokens_, index, upper);
}

void KnownNames::Write(std::size_t index, std::string& out) const {
  out.clear();
  sql::UnquoteIdentifier(tokens_->Text(index), out);
}

void KnownNames::Fold(std::size_t index, std::string& out) {
  Write(index, key_);
  out.clear();
  policy::FoldName(key_, out);
}

// Of tables, schemas and common tables.
void KnownNames::AsListed(std::string& name) {
  if (objects_->exact_case()) return;
  key_.clear();
  policy::FoldName(name, key_);
  name.swap(key_);
}

bool KnownNames::HasAll(const policy::Snapshot& snapshot, const SessionFacts& facts,
                        const sql::TokenList& tokens, policy::UnknownNames& unknown) {
  programs_.clear();
  accented_ = false;
  incomplete_ = snapshot.objects == nullptr;
  if (!snapshot.catalog->has_hot_names() || incomplete_) return true;
  incomplete_ = true;
  snapshot_ = &snapshot;
  objects_ = snapshot.objects.get();
  facts_ = &facts;
  tokens_ = &tokens;
  unknown_ = &unknown;
  std::size_t first = 0;
  while (IsOperator(*tokens_, first, Operator::kOpen)) ++first;
  if (tokens.has_executable_comment || tokens.has_illegal ||
      SignsMayBeLetters(facts, tokens.text)) {
    unknown.whole = true;
    return false;
  }
  unknown.whole = unknown.whole || ChangesSchema();
  if (IsKeyword("PREPARE", first) || IsKeyword("EXECUTE", first)) ReadPrepared();
  const std::optional<std::size_t> from = ReadFrom(tokens, first);
  if (from) {
    at_ = *from;
    const std::optional<std::size_t> schema = SchemaOfNames(tokens, first);
    if (schema) {
      Write(*schema, default_schema_);
    } else {
      default_schema_ = facts.schema;
    }
    common_tables_.Find(tokens, objects_->exact_case());
    Walk();
    WalkPrograms();
  }
  incomplete_ = unknown.whole;
  return unknown.empty();
}

const std::vector<const policy::ProgramText*>& KnownNames::ProgramsOf(
    const policy::Snapshot& snapshot, const SessionFacts& facts, const sql::TokenList& tokens) {
  policy::UnknownNames unknown;
  HasAll(snapshot, facts, tokens, unknown);
  return programs_;
}

bool KnownNames::UsesModeSetter() const {
  return !KnowsPrograms() ||
         std::any_of(programs_.begin(), programs_.end(),
                     [](const policy::ProgramText* program) { return SetsModes(*program); });
}

void KnownNames::UsePrograms(std::size_t index) {
  Fold(index, name_);
  const std::vector<policy::ProgramText>* programs = objects_->ProgramsOf(name_);
  if (programs == nullptr) return;
  for (const policy::ProgramText& each : *programs) {
    if (std::find(programs_.begin(), programs_.end(), &each) == programs_.end()) {
      programs_.push_back(&each);
    }
  }
}

// `programs_` grows while it is walked.
void KnownNames::WalkPrograms() {
  in_program_ = true;
  for (std::size_t i = 0; i < programs_.size() && !unknown_->whole; ++i) {
    const policy::ProgramText& program = *programs_[i];
    const bool read = AllReadings(program.text, [&](const sql::TokenList& body) {
      WalkProgram(program, body);
      return !unknown_->whole;
    });
    unknown_->whole = unknown_->whole || !read;
  }
  in_program_ = in_view_ = false;
}

void KnownNames::WalkProgram(const policy::ProgramText& program, const sql::TokenList& body) {
  tokens_ = &body;
  if (body.has_executable_comment) {
    sql::LexMode mode;
    mode.ansi_quotes = true;
    OpenExecutableComments(*snapshot_->catalog, mode, program.text, opened_);
    sql::Lex(opened_, mode, body_);
    tokens_ = &body_;
    // Of other modes, what is between the marks may be something else.
    const bool by_mode = program.text.find_first_of("\\\"") != std::string::npos;
    if (by_mode || body_.has_executable_comment || body_.has_illegal) unknown_->whole = true;
  }
  in_view_ = program.is_view;
  at_ = 0;
  default_schema_ = program.schema;
  common_tables_.Find(*tokens_, objects_->exact_case());
  Walk();
}

// USE in front of other statements of a text, or what may be one.
bool KnownNames::ChangesSchema() const {
  if (!tokens_->has_inner_semicolon) return false;
  for (std::size_t i = 0; i + 1 < tokens_->tokens.size(); ++i) {
    const bool first = i == 0 || tokens_->tokens[i - 1].kind == TokenKind::kSemicolon;
    if (first && (IsKeyword("USE", i) || IsKeyword("EXECUTE", i))) return true;
  }
  return false;
}

// PREPARE s FROM '…': the screen lets nothing but literals through, and of those
// not many in each other.
void KnownNames::ReadPrepared() {
  std::string text;
  sql::TokenList inside;
  for (std::size_t i = 0; i + 1 < tokens_->tokens.size(); ++i) {
    if (tokens_->tokens[i].kind != TokenKind::kString) continue;
    text.clear();
    sql::UnescapeString(tokens_->Text(i), facts_->lex, text);
    sql::Lex(text, LexModeOf(*facts_), inside);
    KnownNames().HasAll(*snapshot_, *facts_, inside, *unknown_);
  }
}

void KnownNames::ReadCall(std::size_t first, std::size_t last) {
  if (IsMade(first) || IsServersOwn(first, last)) return;
  Fold(last, name_);
  UseRoutine(first, last);
}

// What is not there yet, or the statement's own: CREATE PROCEDURE IF NOT EXISTS p (…),
// CREATE VIEW v (…), WITH c (…) AS, AS d (…), WINDOW w AS (…). No call has such a word
// before it.
bool KnownNames::IsMade(std::size_t index) const {
  if (common_tables_.IsMadeAt(index)) return true;
  if (index == 0) return false;
  // PATH '$' COLUMNS (…)
  if (tokens_->tokens[index - 1].kind == TokenKind::kString) return IsKeyword("COLUMNS", index);
  if (tokens_->tokens[index - 1].kind != TokenKind::kWord) return false;
  constexpr std::string_view kBefore[] = {"AS", "PROCEDURE", "FUNCTION", "VIEW", "EXISTS"};
  return IsAny(kBefore, tokens_->Text(index - 1));
}

// Of a function's name; a routine may have the name of one of the server's, and is
// meant where its schema is named, or the name is quoted and that of a keyword.
bool KnownNames::IsServersOwn(std::size_t first, std::size_t last) {
  if (first < last) {
    Write(first, name_);
    return IsServerSchema(name_);
  }
  if (tokens_->tokens[last].kind == TokenKind::kQuotedIdentifier) return false;
  Fold(last, name_);
  return IsNativeFunction(name_, *snapshot_->catalog) &&
         (tokens_->tokens[last + 1].adjacent || !IsNativeOnlyAdjacent(name_));
}

void KnownNames::ReadTable() {
  const std::size_t schema = at_;
  const std::size_t end = tokens_->tokens.size() - 1;
  const bool qualified = IsOperator(*tokens_, at_ + 1, Operator::kDot) && at_ + 2 < end;
  if (qualified) at_ += 2;
  const std::size_t table = at_++;
  const bool target = std::exchange(target_, false);
  // EXECUTE s USING f(x)
  if (!target && IsOperator(*tokens_, at_, Operator::kOpen)) ReadCall(schema, table);
  if (qualified) {
    Write(schema, schema_);
  } else {
    schema_ = default_schema_;
    if (IsKeyword("DUAL", table) || (IsKeyword("JSON_TABLE", table) && IsDerived(table))) return;
  }
  if (IsServerSchema(schema_)) return;
  AsListed(schema_);
  if (!qualified && !target && common_tables_.IsMeantAt(table)) return;
  Write(table, name_);
  AsListed(name_);
  policy::ObjectNames::KeyOf(schema_, name_, key_);
  const auto& own = facts_->temporary_tables;
  if (!in_view_ && std::find(own.begin(), own.end(), key_) != own.end()) return;
  if (objects_->HasTable(key_)) return UsePrograms(table);
  AddUnknownTable(qualified ? schema : end, table);
}

void KnownNames::ReadRoutine() {
  const std::size_t first = at_;
  while (IsOperator(*tokens_, at_ + 1, Operator::kDot) && at_ + 2 < tokens_->tokens.size() - 1) {
    Write(at_, schema_);
    at_ += 2;
    if (IsServerSchema(schema_)) {
      ++at_;
      return;
    }
  }
  Fold(at_, name_);
  const std::size_t last = at_++;
  UseRoutine(first, last);
}

// `name_` is its name, folded.
void KnownNames::UseRoutine(std::size_t first, std::size_t last) {
  if (first < last) {
    Write(last - 2, schema_);
  } else {
    schema_ = default_schema_;
  }
  AsListed(schema_);
  const bool known = objects_->HasRoutine(schema_, name_);
  // What stands before a dot may be a package, which is not listed as a routine.
  for (std::size_t part = first; part <= last; part += 2) UsePrograms(part);
  if (!known) AddUnknownRoutine(first, last);
}

// `schema` is the end when there is none. Beyond ASCII the session's character
// set would have to be known.
void KnownNames::AddUnknownTable(std::size_t schema, std::size_t table) {
  policy::TableName name;
  if (schema + 1 < tokens_->tokens.size()) {
    Write(schema, name.schema);
  } else {
    name.schema = default_schema_;
  }
  Write(table, name.table);
  if (!ascii::IsAscii(name.schema) || !ascii::IsAscii(name.table)) unknown_->whole = true;
  unknown_->AddTable(std::move(name));
}

// What stands before a dot may be a package, whose text is listed under its name.
void KnownNames::AddUnknownRoutine(std::size_t first, std::size_t last) {
  for (std::size_t part = first; part <= last; part += 2) {
    std::string name;
    Fold(part, name);
    // The servers find routines without regard to accents.
    accented_ = accented_ || objects_->has_high_routines() || !ascii::IsAscii(tokens_->Text(part));
    unknown_->whole = unknown_->whole || accented_;
    unknown_->AddRoutine(std::move(name));
  }
}

}  // namespace sealgate::rewrite
