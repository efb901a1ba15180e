#include "proxy/sql/parser.h"

#include "proxy/sql/parser_state.h"

namespace sealgate::sql {

// ---------------------------------------------------------------- cursor

const Token& Parser::Peek(std::uint32_t ahead) const {
  const std::size_t last = tokens_.tokens.size() - 1;
  return tokens_.tokens[std::min<std::size_t>(std::size_t{at_} + ahead, last)];
}

bool Parser::IsWord(std::string_view upper, std::uint32_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind != TokenKind::kWord) return false;
  return EqualsKeyword(tokens_.text.substr(token.begin, token.end - token.begin), upper);
}

bool Parser::IsAnyWord(std::span<const std::string_view> words, std::uint32_t ahead) const {
  if (!Is(TokenKind::kWord, ahead)) return false;
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return IsWord(word, ahead); });
}

std::uint32_t Parser::Take() {
  const std::uint32_t index = at_;
  if (!AtEnd()) ++at_;
  return index;
}

bool Parser::Accept(Operator op) {
  if (!IsOp(op)) return false;
  ++at_;
  return true;
}

bool Parser::AcceptWord(std::string_view upper) {
  if (!IsWord(upper)) return false;
  ++at_;
  return true;
}

bool Parser::AcceptWords(std::string_view first, std::string_view second) {
  if (!IsWord(first) || !IsWord(second, 1)) return false;
  at_ += 2;
  return true;
}

bool Parser::AcceptAnyWord(std::initializer_list<std::string_view> words) {
  if (!IsAnyWord(words)) return false;
  ++at_;
  return true;
}

std::uint32_t Parser::Expect(Operator op) {
  if (!IsOp(op)) Fail();
  return Take();
}

std::uint32_t Parser::ExpectWord(std::string_view upper) {
  if (!IsWord(upper)) Fail();
  return Take();
}

std::uint32_t Parser::ExpectAnyWord(std::initializer_list<std::string_view> words) {
  if (!IsAnyWord(words)) Fail();
  return Take();
}

std::uint32_t Parser::ExpectKind(TokenKind kind) {
  if (!Is(kind)) Fail();
  return Take();
}

void Parser::Fail(ParseErrorCode code) {
  if (error_) return;
  error_ = ParseError{code, at_};
  at_ = static_cast<std::uint32_t>(tokens_.tokens.size() - 1);
}

void Parser::Beyond() {
  if (beyond_ == kNoToken && !error_) beyond_ = at_;
}

Span Parser::SpanFrom(std::uint32_t first) const { return {first, at_ > first ? at_ - 1 : first}; }

std::uint32_t Parser::CloseOf(std::uint32_t open) {
  if (closes_.empty()) {
    const auto last = static_cast<std::uint32_t>(tokens_.tokens.size() - 1);
    closes_.assign(tokens_.tokens.size(), last);
    std::vector<std::uint32_t> opens;
    for (std::uint32_t i = 0; i < tokens_.tokens.size(); ++i) {
      const Operator op = tokens_.tokens[i].op;
      if (op == Operator::kOpen) opens.push_back(i);
      if (op == Operator::kClose && !opens.empty()) {
        closes_[opens.back()] = i;
        opens.pop_back();
      }
    }
  }
  return closes_[open];
}

// ---------------------------------------------------------------- nodes

Expr* Parser::NewExpr(ExprKind kind) {
  Expr* expr = arena_.New<Expr>();
  expr->kind = kind;
  expr->span = {at_, at_};
  return expr;
}

void Parser::CheckHeight(std::uint16_t height) {
  tallest_ = std::max(tallest_, height);
  if (height > kMaxDepth) Fail(ParseErrorCode::kTooDeep);
}

Expr* Parser::Finish(Expr* expr, std::uint32_t first, const std::vector<Expr*>& args) {
  expr->span = SpanFrom(first);
  expr->args = arena_.Copy(args);
  std::uint16_t below = expr->query != nullptr ? expr->query->height : 0;
  for (const Expr* arg : args) below = std::max(below, arg->height);
  expr->height = static_cast<std::uint16_t>(below + 1);
  CheckHeight(expr->height);
  return expr;
}

Expr* Parser::Binary(ExprKind kind, Op op, std::uint32_t op_token, Expr* left, Expr* right) {
  Expr* expr = NewExpr(kind);
  expr->op = op;
  expr->op_token = op_token;
  return Finish(expr, left->span.first, {left, right});
}

// ---------------------------------------------------------------- statements

namespace {

constexpr std::string_view kOtherVerbs[] = {
    "ALTER",    "ANALYZE",   "BACKUP",  "BEGIN",   "BINLOG",   "CACHE",      "CALL",     "CHANGE",
    "CHECK",    "CHECKSUM",  "CLONE",   "COMMIT",  "CREATE",   "DEALLOCATE", "DESC",     "DESCRIBE",
    "DO",       "DROP",      "EXECUTE", "EXPLAIN", "FLUSH",    "GET",        "GRANT",    "HANDLER",
    "HELP",     "IMPORT",    "INSTALL", "KILL",    "LOAD",     "LOCK",       "OPTIMIZE", "PREPARE",
    "PURGE",    "RELEASE",   "RENAME",  "REPAIR",  "RESET",    "RESIGNAL",   "RESTART",  "REVOKE",
    "ROLLBACK", "SAVEPOINT", "SET",     "SHOW",    "SHUTDOWN", "SIGNAL",     "START",    "STOP",
    "TRUNCATE", "UNINSTALL", "UNLOCK",  "USE",     "XA",
};

}  // namespace

// EXPLAIN [options] before a statement. Nothing is consumed when no statement
// follows: "DESCRIBE t", "ANALYZE TABLE t".
bool Parser::AcceptExplain() {
  const std::uint32_t first = at_;
  const bool analyze = IsWord("ANALYZE");
  if (!AcceptAnyWord({"EXPLAIN", "DESCRIBE", "DESC", "ANALYZE"})) return false;
  if (!analyze && !AcceptWord("ANALYZE")) AcceptAnyWord({"EXTENDED", "PARTITIONS"});
  if (IsWord("FORMAT") && IsOp(Operator::kEqual, 1)) {
    at_ += 2;
    ParseNamePart();
  }
  const bool begins = IsAnyWord({"SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH"}) ||
                      (!analyze && IsAnyWord({"TABLE", "VALUES"})) || IsOp(Operator::kOpen);
  if (!begins) at_ = error_ ? at_ : first;
  return begins;
}

Statement* Parser::ParseStatement() {
  Statement* statement = arena_.New<Statement>();
  const std::uint32_t first = at_;
  statement->explain = AcceptExplain();
  const std::uint32_t body = at_;
  if (Is(TokenKind::kWord)) statement->verb = at_;
  if (IsAnyWord({"INSERT", "REPLACE"})) {
    ParseInsert(statement);
  } else if (IsWord("UPDATE")) {
    ParseUpdate(statement, {});
  } else if (IsWord("DELETE")) {
    ParseDelete(statement, {});
  } else if (IsWord("WITH")) {
    const std::span<CommonTable> with = ParseWith();
    if (IsWord("UPDATE")) {
      ParseUpdate(statement, with);
    } else if (IsWord("DELETE")) {
      ParseDelete(statement, with);
    } else {
      at_ = error_ ? at_ : body;
      statement->query = ParseQuery();
    }
  } else if (IsAnyWord({"SELECT", "VALUES", "TABLE"}) || IsOp(Operator::kOpen)) {
    statement->kind = StatementKind::kSelect;
    statement->query = ParseQuery();
  } else if (!ParseCreateTable(statement) && !ParseAlterTable(statement) &&
             !ParseCreateIndex(statement) && !ParseRenameTable(statement) &&
             !ParseView(statement) && !ParseLoad(statement)) {
    if (!IsAnyWord(kOtherVerbs)) Fail();
    statement->kind = StatementKind::kOther;
    while (!AtEnd() && !Is(TokenKind::kSemicolon)) Take();
  }
  statement->span = SpanFrom(first);
  if (Is(TokenKind::kSemicolon)) {
    while (Is(TokenKind::kSemicolon)) Take();
    if (!AtEnd()) Fail(ParseErrorCode::kSecondStatement);
  }
  if (!AtEnd()) Fail();
  return statement;
}

namespace {

std::optional<ParseError> CheckTokens(const TokenList& tokens) {
  if (tokens.tokens.empty()) return ParseError{ParseErrorCode::kUnexpectedToken, 0};
  if (tokens.has_executable_comment) return ParseError{ParseErrorCode::kExecutableComment, 0};
  if (!tokens.has_illegal) return std::nullopt;
  const auto illegal =
      std::find_if(tokens.tokens.begin(), tokens.tokens.end(),
                   [](const Token& token) { return token.kind == TokenKind::kIllegal; });
  return ParseError{ParseErrorCode::kIllegalToken,
                    static_cast<std::uint32_t>(illegal - tokens.tokens.begin())};
}

}  // namespace

tl::expected<Statement*, ParseError> Parse(const TokenList& tokens, LexMode mode, Arena& arena) {
  if (const auto error = CheckTokens(tokens)) return tl::unexpected(*error);
  Parser parser(tokens, mode, arena);
  Statement* statement = parser.ParseStatement();
  if (parser.error()) return tl::unexpected(*parser.error());
  if (parser.beyond() != kNoToken) {
    return tl::unexpected(ParseError{ParseErrorCode::kBeyond, parser.beyond()});
  }
  return statement;
}

tl::expected<StatementKind, ParseError> Understands(const TokenList& tokens, LexMode mode,
                                                    Arena& arena) {
  if (const auto error = CheckTokens(tokens)) return tl::unexpected(*error);
  Parser parser(tokens, mode, arena);
  const Statement* statement = parser.ParseStatement();
  if (parser.error()) return tl::unexpected(*parser.error());
  return statement->kind;
}

}  // namespace sealgate::sql
