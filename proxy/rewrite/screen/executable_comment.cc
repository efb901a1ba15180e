#include "proxy/rewrite/screen/executable_comment.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "policy/ascii.h"
#include "proxy/rewrite/screen/one_program.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

constexpr std::size_t kLeastDigits = 5;
constexpr std::size_t kMostDigits = 6;
// MariaDB takes these for comments of a MySQL that it does not follow.
constexpr std::uint32_t kOtherMySqlFirst = 50700;
constexpr std::uint32_t kOtherMySqlLast = 99999;

// "10.11.6-MariaDB" is 101106, as the comments write it.
std::uint32_t VersionNumber(std::string_view version) {
  std::uint32_t number = 0;
  for (int part = 0; part < 3; ++part) {
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), value);
    if (error != std::errc{}) value = 0;
    number = number * 100 + value;
    const auto used = static_cast<std::size_t>(end - version.data());
    version.remove_prefix(used < version.size() ? used + 1 : version.size());
  }
  return number;
}

struct Opening {
  std::size_t size = 0;  // of the mark with its version
  bool runs = false;
};

// How many digits from `at` on are the version: five or six. Fewer are a number in the
// comment, and so is a sixth one to MySQL where no blank follows it.
std::size_t VersionDigits(const policy::Catalog& server, std::string_view comment, std::size_t at) {
  std::size_t digits = 0;
  while (digits < kMostDigits && at + digits < comment.size() &&
         ascii::IsDigit(comment[at + digits])) {
    ++digits;
  }
  if (digits < kLeastDigits) return 0;
  if (server.is_mariadb || digits == kLeastDigits) return digits;
  const char next = at + digits < comment.size() ? comment[at + digits] : '*';
  return next == ' ' || (next >= '\t' && next <= '\r') ? digits : kLeastDigits;
}

Opening ReadOpening(const policy::Catalog& server, std::string_view comment) {
  const bool for_mariadb = comment.size() > 2 && comment[2] != '!';
  Opening opening{static_cast<std::size_t>(for_mariadb ? 4 : 3), server.is_mariadb || !for_mariadb};
  const std::size_t digits = VersionDigits(server, comment, opening.size);
  if (digits == 0) return opening;
  std::uint32_t version = 0;
  std::from_chars(comment.data() + opening.size, comment.data() + opening.size + digits, version);
  opening.size += digits;
  const bool other = server.is_mariadb && !for_mariadb && version >= kOtherMySqlFirst &&
                     version <= kOtherMySqlLast;
  opening.runs = opening.runs && !other && version <= VersionNumber(server.server_version);
  return opening;
}

bool IsTrivia(sql::TokenKind kind) {
  return kind == sql::TokenKind::kWhitespace || kind == sql::TokenKind::kComment;
}

// Whether the servers end it where its first "*/" is, and nothing in it reaches over its end.
// A comment within it is one of its own to them, and begins with the end's star behind a
// slash, too.
bool EndsAtItsFirstEnd(std::string_view body, sql::LexMode mode, bool runs, bool of_program) {
  if (body.find("/*") != std::string_view::npos || body.ends_with('/')) return false;
  if (!runs) return true;
  sql::TokenList tokens;
  sql::Lex(body, mode, tokens);
  // In it the servers end no statement.
  const auto ends = [](const sql::Token& token) {
    return token.kind == sql::TokenKind::kSemicolon;
  };
  if (tokens.has_illegal) return false;
  if (!of_program && std::any_of(tokens.tokens.begin(), tokens.tokens.end(), ends)) return false;
  const std::size_t count = tokens.tokens.size();
  const std::string_view rest = body.substr(count < 2 ? 0 : tokens.tokens[count - 2].end);
  return rest.find('#') == std::string_view::npos && rest.find("--") == std::string_view::npos;
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool IsOfName(char c) {
  return ascii::IsDigit(c) || (ascii::ToLower(c) >= 'a' && ascii::ToLower(c) <= 'z') || c == '_' ||
         c == '$' || c == '`' || c == '"' || ascii::IsHigh(c);
}

// Whether the servers, which look at the byte behind a word, see what the bytes would not be:
// two words, a name that is no function's, or no column's in front of a dot.
bool NeedBlank(char before, char next) {
  if (before == '.' || next == '.' || before == '@') return true;
  return IsOfName(before) && (IsOfName(next) || next == '(');
}

// A text that is written without its marks.
class Opener {
 public:
  Opener(bool blanks, std::string& out, std::vector<RemovedText>& removed)
      : blanks_(blanks), out_(out), removed_(removed) {}

  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    const bool apart = out_.empty() || IsBlank(out_.back()) || IsBlank(bytes.front());
    if (pending_ != 0 && !apart && (blanks_ || NeedBlank(out_.back(), bytes.front()))) {
      out_ += ' ';
      --pending_;
    }
    Flush();
    out_ += bytes;
  }
  void Remove(std::size_t bytes) { pending_ += bytes; }
  /// The mark at the end of what runs, for which MySQL has a blank in names.
  void RemoveEnd(std::size_t bytes, bool is_mariadb) {
    Remove(bytes);
    if (is_mariadb || out_.empty() || IsBlank(out_.back())) return;
    out_ += ' ';
    --pending_;
  }
  void Flush() {
    if (pending_ == 0) return;
    removed_.push_back({out_.size(), pending_});
    pending_ = 0;
  }

 private:
  bool blanks_;  // wherever a mark was
  std::string& out_;
  std::vector<RemovedText>& removed_;
  std::size_t pending_ = 0;  // bytes of marks since the last text
};

void AppendTokens(std::string_view text, sql::LexMode mode, std::vector<std::string_view>& to) {
  sql::TokenList list;
  sql::Lex(text, mode, list);
  for (const sql::Token& token : list.tokens) {
    if (token.kind != sql::TokenKind::kEnd) {
      to.push_back(text.substr(token.begin, token.end - token.begin));
    }
  }
}

// "5--/*! 2 */": without the mark, the rest would be a comment.
bool HasTokens(std::string_view text, sql::LexMode mode,
               const std::vector<std::string_view>& expected) {
  std::vector<std::string_view> tokens;
  AppendTokens(text, mode, tokens);
  return tokens == expected;
}

struct Opened {
  bool all_run = true;
  bool all_opened = true;
  bool same_tokens = true;  // as between the marks
};

struct Way {
  bool blanks = false;      // in place of each mark
  bool of_program = false;  // semicolons are within one program
};

Opened Open(const policy::Catalog& server, sql::LexMode mode, std::string_view text, Way way,
            std::string& out, std::vector<RemovedText>& marks) {
  out.clear();
  marks.clear();
  Opener opener(way.blanks, out, marks);
  std::vector<std::string_view> tokens;
  Opened opened;
  sql::Lexer lexer(text, mode);
  for (sql::Token token = lexer.Next(); token.kind != sql::TokenKind::kEnd; token = lexer.Next()) {
    const std::string_view bytes = text.substr(token.begin, token.end - token.begin);
    if (token.kind != sql::TokenKind::kExecutableComment) {
      opener.Append(bytes);
      if (!IsTrivia(token.kind)) tokens.push_back(bytes);
      continue;
    }
    const Opening opening = ReadOpening(server, bytes);
    const std::size_t close = bytes.size() >= opening.size + 2 ? bytes.size() - 2 : opening.size;
    opened.all_run = opened.all_run && opening.runs;
    const std::string_view body = bytes.substr(opening.size, close - opening.size);
    if (!EndsAtItsFirstEnd(body, mode, opening.runs, way.of_program)) {
      opened.all_opened = false;
      opener.Append(bytes);
      continue;
    }
    opener.Remove(opening.size);
    if (opening.runs) {
      opener.Append(body);
      AppendTokens(body, mode, tokens);
      opener.RemoveEnd(bytes.size() - close, server.is_mariadb);
    } else {
      opener.Remove(body.size() + bytes.size() - close);
    }
  }
  opener.Flush();
  opened.same_tokens = HasTokens(out, mode, tokens);
  return opened;
}

Opened OpenEither(const policy::Catalog& server, sql::LexMode mode, std::string_view text,
                  bool of_program, std::string& out, std::vector<RemovedText>& marks) {
  const Opened opened = Open(server, mode, text, {false, of_program}, out, marks);
  return opened.same_tokens ? opened : Open(server, mode, text, {true, of_program}, out, marks);
}

}  // namespace

bool OpenCommentsOf(const policy::Catalog& server, const SessionFacts& facts, std::string_view text,
                    std::string& out, std::vector<RemovedText>* removed) {
  const sql::LexMode mode = LexModeOf(facts);
  if (text.find(';') == std::string_view::npos) {
    return OpenExecutableComments(server, mode, text, out, removed);
  }
  std::vector<RemovedText> own;
  std::vector<RemovedText>& marks = removed != nullptr ? *removed : own;
  const Opened opened = OpenEither(server, mode, text, true, out, marks);
  sql::TokenList tokens;
  sql::Lex(out, mode, tokens);
  const bool program = opened.same_tokens && opened.all_opened && IsReadAtOnce(facts, tokens);
  return program ? opened.all_run : OpenExecutableComments(server, mode, text, out, removed);
}

bool OpenExecutableComments(const policy::Catalog& server, sql::LexMode mode, std::string_view text,
                            std::string& out, std::vector<RemovedText>* removed) {
  std::vector<RemovedText> own;
  std::vector<RemovedText>& marks = removed != nullptr ? *removed : own;
  Opened opened = OpenEither(server, mode, text, false, out, marks);
  if (!opened.same_tokens) {
    out = text;
    marks.clear();
    opened.all_opened = false;
  }
  return opened.all_run && opened.all_opened;
}

std::size_t PlaceInText(const std::vector<RemovedText>& removed, std::size_t place) {
  std::size_t before = 0;
  for (const RemovedText& each : removed) {
    if (each.at <= place) before += each.size;
  }
  return place + before;
}

}  // namespace sealgate::rewrite
