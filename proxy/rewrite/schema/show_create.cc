// SHOW CREATE TABLE: the server's own text, edited where it speaks of the
// stored form.
#include <algorithm>

#include "crypto/column_cipher.h"
#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/schema/rows.h"
#include "proxy/sql/edit.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"

namespace sealgate::rewrite {
namespace {

// TEXT and BLOB of every size.
bool IsLong(policy::TypeKind kind) {
  using policy::TypeKind;
  const bool is_short = kind == TypeKind::kChar || kind == TypeKind::kVarchar ||
                        kind == TypeKind::kBinary || kind == TypeKind::kVarbinary;
  return (policy::IsText(kind) || policy::IsBinary(kind)) && !is_short;
}

struct Change {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string with;
};

// The text with blanks in the place of the marks of executable comments ("/*!80023", "*/"): what
// stands in them is the server's own, of which it runs all.
std::string WithoutMarks(std::string_view text, sql::LexMode mode) {
  std::string open(text);
  sql::Lexer lexer(text, mode);
  for (sql::Token token = lexer.Next(); token.kind != sql::TokenKind::kEnd; token = lexer.Next()) {
    if (token.kind != sql::TokenKind::kExecutableComment || token.end - token.begin < 5) continue;
    std::size_t body = text.find('!', token.begin) + 1;
    while (body < token.end && ascii::IsDigit(text[body])) ++body;
    std::fill(open.begin() + token.begin, open.begin() + static_cast<std::ptrdiff_t>(body), ' ');
    std::fill_n(open.begin() + token.end - 2, 2, ' ');
  }
  return open;
}

class CreateText {
 public:
  CreateText(const policy::Snapshot& snapshot, const SessionFacts& facts, const Plan& plan)
      : snapshot_(snapshot), facts_(facts), plan_(plan) {}

  bool Edit(std::string& text) {
    const std::string open = WithoutMarks(text, LexModeOf(facts_));
    // The server writes strings for the session's modes.
    sql::Lex(open, LexModeOf(facts_), tokens_);
    const auto tree = sql::Parse(tokens_, LexModeOf(facts_), arena_);
    if (!tree || (*tree)->create_table == nullptr) return false;
    const sql::CreateTableStatement& create = *(*tree)->create_table;
    for (const sql::ColumnDefinition& column : create.columns) {
      if (const Target* target = TargetOf(column.name)) EditColumn(column, *target);
    }
    for (const sql::KeyDefinition& key : create.keys) EditKey(key);
    return !lost_default_ && Apply(text);
  }

 private:
  const Target* TargetOf(std::uint32_t name) const {
    if (name == sql::kNoToken) return nullptr;
    std::string unquoted;
    sql::UnquoteIdentifier(tokens_.Text(name), unquoted);
    const std::string folded = policy::FoldName(unquoted);
    for (const Target& target : plan_.targets) {
      const bool logical = target.rule->reveal != policy::Reveal::kCiphertext || IsPlain(target);
      if (logical && policy::FoldName(target.column->name) == folded) return &target;
    }
    return nullptr;
  }

  void Replace(sql::Span span, std::string with) {
    changes_.push_back(
        {tokens_.tokens[span.first].begin, tokens_.tokens[span.last].end, std::move(with)});
  }

  // With the blank before it.
  void Remove(sql::Span span) {
    std::uint32_t begin = tokens_.tokens[span.first].begin;
    while (begin > 0 && tokens_.text[begin - 1] == ' ') --begin;
    changes_.push_back({begin, tokens_.tokens[span.last].end, ""});
  }

  static bool IsPlain(const Target& target) {
    return target.column->state == policy::ColumnState::kPlaintext;
  }

  void EditColumn(const sql::ColumnDefinition& column, const Target& target) {
    if (IsPlain(target)) {
      const sql::Expr* value = column.default_value;
      const bool shown =
          value != nullptr && !sql::EqualsKeyword(tokens_.Text(value->span.first), "NULL");
      if (shown) Replace(value->span, Quoted(kSealedDefault));
      return;
    }
    const policy::LogicalType& type = target.column->type;
    std::string text = ShownType(type, snapshot_.catalog->is_mariadb);
    if (policy::IsText(type.kind) && !IsTablesOwn(target)) {
      text.append(" CHARACTER SET ").append(policy::CharsetName(type.charset));
      text.append(" COLLATE ").append(type.collation);
    }
    // A TIMESTAMP may be NOT NULL without saying so.
    if (type.kind == policy::TypeKind::kTimestamp && !column.not_null) text += " NULL";
    Replace(column.type_span, std::move(text));
    if (column.comment_span.first != sql::kNoToken) EditComment(column);
    if (column.default_value == nullptr) return;
    const sql::Span value = column.default_value->span;
    if (!snapshot_.catalog->is_mariadb && IsLong(type.kind) &&
        sql::EqualsKeyword(tokens_.Text(value.first), "NULL")) {
      // MySQL writes no DEFAULT NULL for them.
      return Remove({value.first - 1, value.last});
    }
    EditDefault(value, target);
  }

  void EditComment(const sql::ColumnDefinition& column) {
    const std::string_view own = policy::OwnComment(tokens_.Text(column.comment));
    if (own.empty()) return Remove(column.comment_span);
    Replace({column.comment, column.comment}, "'" + std::string(own));
  }

  // MariaDB leaves out a collation that is the table's. (MySQL does not, where it
  // was given for the column; whether it was is not stored.)
  bool IsTablesOwn(const Target& target) const {
    return snapshot_.catalog->is_mariadb && target.table != nullptr &&
           target.table->collation == target.column->type.collation;
  }

  // MariaDB writes numbers without quotes.
  bool IsBareNumber(const Target& target) const {
    const policy::TypeKind kind = target.column->type.kind;
    return snapshot_.catalog->is_mariadb &&
           (policy::IsInteger(kind) || kind == policy::TypeKind::kDecimal ||
            kind == policy::TypeKind::kYear);
  }

  // '…' with the bytes, or an expression with a hexadecimal literal. MariaDB escapes NUL
  // and the like by a backslash in each sql_mode, and loses bytes where it converts what it
  // shows into a smaller character set.
  void EditDefault(sql::Span span, const Target& target) {
    sql::LexMode mode = facts_.lex;
    if (snapshot_.catalog->is_mariadb) mode.no_backslash_escapes = false;
    for (std::uint32_t i = span.first; i <= span.last; ++i) {
      const sql::TokenKind kind = tokens_.tokens[i].kind;
      std::string shown(tokens_.Text(i));
      if (kind == sql::TokenKind::kString) {
        std::string bytes;
        sql::UnescapeString(shown, mode, bytes);
        shown = std::move(bytes);
      } else if (kind == sql::TokenKind::kHex && shown.size() > 3 && shown[1] == '\'') {
        shown = "0x" + shown.substr(2, shown.size() - 3);
      } else if (kind != sql::TokenKind::kHex) {
        continue;
      }
      const auto opened = OpenDefault(facts_, target, shown);
      if (!opened) {
        const bool clear = target.rule->reveal == policy::Reveal::kClear;
        lost_default_ = lost_default_ || (clear && target.cipher != nullptr);
        return Replace(span, Quoted(kSealedDefault));
      }
      Replace(span, IsBareNumber(target) ? *opened : Quoted(*opened));
      return;
    }
  }

  // The servers double a backslash under NO_BACKSLASH_ESCAPES, too.
  static std::string Quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') quoted += c;
      quoted += c;
    }
    return quoted + "'";
  }

  void EditKey(const sql::KeyDefinition& key) {
    for (const sql::KeyPart& part : key.parts) {
      const Target* target = TargetOf(part.column);
      if (target == nullptr || part.length == sql::kNoToken || target->cipher == nullptr ||
          IsPlain(*target)) {
        continue;
      }
      const bool ours = crypto::ModeOf(*target->cipher) == crypto::Mode::kSearchable &&
                        tokens_.Text(part.length) == std::to_string(crypto::kEqualityPrefixBytes);
      if (ours) Replace({part.length - 1, part.length + 1}, "");
    }
  }

  bool Apply(std::string& text) {
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.begin < b.begin; });
    std::vector<sql::Edit> edits;
    for (const Change& change : changes_) edits.push_back({change.begin, change.end, change.with});
    std::string edited;
    if (!sql::ApplyEdits(text, edits, edited)) return false;
    text = std::move(edited);
    return true;
  }

  const policy::Snapshot& snapshot_;
  const SessionFacts& facts_;
  const Plan& plan_;
  sql::TokenList tokens_;
  sql::Arena arena_;
  std::vector<Change> changes_;
  bool lost_default_ = false;
};

}  // namespace

bool MakeCreateTableLogical(const policy::Snapshot& snapshot, const SessionFacts& facts,
                            const Plan& plan, std::string& text) {
  return CreateText(snapshot, facts, plan).Edit(text);
}

}  // namespace sealgate::rewrite
