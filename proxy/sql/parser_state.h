// The parser's state and productions; internal to proxy/sql.
//
// Errors are sticky: the first one is kept and the cursor jumps to the end of
// the tokens, where every production fails and returns quickly. So productions
// always return a node, and only Parse() asks whether there was an error.
#ifndef SEALGATE_PROXY_SQL_PARSER_STATE_H_
#define SEALGATE_PROXY_SQL_PARSER_STATE_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"
#include "proxy/sql/reserved_words.h"

namespace sealgate::sql {

class Parser {
 public:
  Parser(const TokenList& tokens, LexMode mode, Arena& arena)
      : tokens_(tokens), mode_(mode), arena_(arena) {}

  Statement* ParseStatement();
  const std::optional<ParseError>& error() const { return error_; }
  /// The first token of a construct without a node, or kNoToken.
  std::uint32_t beyond() const { return beyond_; }

 private:
  // Where a parenthesised query may stand decides how "(VALUES (" is read.
  enum class QueryPlace : std::uint8_t { kExpression, kTable };

  // One level of nesting, as long as it lives.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxDepth) parser_.Fail(ParseErrorCode::kTooDeep);
    }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
  };

  // Cursor (parser.cc).
  const Token& Peek(std::uint32_t ahead = 0) const;
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  bool Is(TokenKind kind, std::uint32_t ahead = 0) const { return Peek(ahead).kind == kind; }
  bool IsOp(Operator op, std::uint32_t ahead = 0) const { return Peek(ahead).op == op; }
  bool IsWord(std::string_view upper, std::uint32_t ahead = 0) const;
  bool IsAnyWord(std::span<const std::string_view> words, std::uint32_t ahead = 0) const;
  bool IsAnyWord(std::initializer_list<std::string_view> words, std::uint32_t ahead = 0) const {
    return IsAnyWord(std::span(words.begin(), words.size()), ahead);
  }
  std::uint32_t Take();  // consumes one token and returns its index
  bool Accept(Operator op);
  bool AcceptWord(std::string_view upper);
  bool AcceptWords(std::string_view first, std::string_view second);
  bool AcceptAnyWord(std::initializer_list<std::string_view> words);
  std::uint32_t Expect(Operator op);
  std::uint32_t ExpectWord(std::string_view upper);
  std::uint32_t ExpectAnyWord(std::initializer_list<std::string_view> words);
  std::uint32_t ExpectKind(TokenKind kind);
  void Fail(ParseErrorCode code = ParseErrorCode::kUnexpectedToken);
  void Beyond();  // what begins here has no node
  // Before a field of a node is filled: the tree holds one of what the servers may take
  // several times, and nobody would look at the others.
  void Once(bool filled) {
    if (filled) Beyond();
  }
  Span SpanFrom(std::uint32_t first) const;
  std::uint32_t CloseOf(std::uint32_t open);  // index of the matching ")"

  // Names (parse_name.cc).
  bool IsName(std::uint32_t ahead = 0) const;
  std::uint32_t ParseNamePart();
  Name ParseTableName();
  Name ParseColumnName();
  std::span<std::uint32_t> ParseNameList();  // "(a, b)"; may be empty
  std::uint32_t ParseOptionalAlias(bool strings);
  std::uint32_t ParseWordOrString();  // the name of a character set or collation
  std::uint32_t ParseCharacterSetName();
  bool AcceptCharacterSet();

  // Expressions (parse_expression.cc), tightest last.
  Expr* ParseExpr();
  Expr* ParseXor();
  Expr* ParseAnd();
  Expr* ParseNot();
  Expr* ParseComparison();
  Expr* ParsePredicate();
  bool AtPredicate() const;
  Expr* ParsePredicateOf(Expr* left);
  Expr* ParseBits();
  Expr* ParseBits(int level);
  Expr* ParseConcat();
  Expr* ParseUnary();
  Expr* ParseIn(Expr* left, bool negated);
  Expr* ParseBetween(Expr* left, bool negated);
  Expr* ParseLike(Expr* left, bool negated);
  Expr* ParseIs(Expr* left);
  Expr* ParseQuantified(Expr* left, Op op, std::uint32_t op_token);
  std::vector<Expr*> ParseExprList();
  std::span<OrderItem> ParseOrderItems();

  // Operands (parse_operand.cc).
  Expr* ParsePostfix();
  Expr* ParseOperand();
  Expr* ParseWordOperand();
  Expr* ParseLiteral(ExprKind kind, Literal literal);
  Expr* ParseStrings();
  Expr* ParseUserVariable();
  Expr* ParseSystemVariable();
  Expr* ParseParenthesis();
  Expr* ParseSubquery(ExprKind kind);
  Expr* ParseRow();
  Expr* ParseCase();
  Expr* ParseInterval();
  Expr* ParseColumn();
  Expr* ParseDefaultOperand();
  Expr* ParseValuesOperand();
  Expr* ParseOdbcEscape();

  // Functions (parse_function.cc, parse_window.cc).
  Expr* ParseFunction(const Name& name, std::uint32_t first);
  Expr* ParseNiladic();
  Expr* ParseMatch();
  Expr* ParseCast();
  Expr* ParseConvert();
  void ParseArguments(std::uint32_t word, Expr* function, std::vector<Expr*>& args);
  void ParseAggregateArguments(std::uint32_t word, Expr* function, std::vector<Expr*>& args);
  bool ParseSpecialArguments(std::uint32_t word, std::vector<Expr*>& args);
  void ParseJsonValueTail(std::vector<Expr*>& args);
  void ParseWeightLevels(std::vector<Expr*>& args);
  Expr* ParseSequenceValue();
  void ParseUnit();
  void ParseCastType();
  Expr* ParseOver(Expr* function, std::vector<Expr*>& args);
  void ParseWindow(std::vector<Expr*>& partitions, std::vector<Expr*>& args);  // "( … )"
  void ParseFrame(std::vector<Expr*>& args);

  // Queries (parse_query.cc, parse_table_ref.cc).
  Query* ParseQuery();
  Query* ParseQueryTerm();
  Query* ParseQueryOperand();
  Query* ParseParenthesisedQuery();
  Query* SetOperation(Query* left, std::uint32_t first, bool intersect);
  SelectBlock* ParseSelect();
  void ParseSelectTail(SelectBlock* block);
  std::span<SelectItem> ParseSelectItems();
  void ParseQueryTail(Query* query);
  void ParseLocking();
  std::uint32_t ParseInto();
  std::span<CommonTable> ParseWith();
  std::span<Expr*> ParseLimit();
  std::span<Expr*> ParseFetch();
  void ParseProcedure(Query* query);
  Expr* ParseLimitValue();
  std::vector<std::span<Expr*>> ParseRows(bool row_word);
  bool BeginsQuery(std::uint32_t index, QueryPlace place);
  bool AtValuesOfColumn() const;
  std::span<TableRef*> ParseTableRefs();
  TableRef* ParseTableRef();
  TableRef* ParseTableFactor();
  TableRef* ParseDerived(bool lateral);
  TableRef* ParseTableParenthesis();
  bool AtJoin() const;
  TableRef* ParseJoin(TableRef* left);
  void FinishJoin(TableRef* join);
  TableRef* NestByConditions(TableRef* join);
  void ParseJoinCondition(TableRef* join, bool required);
  void ParseIndexHints();
  void ParseSystemTime();
  void AcceptMomentUnit();
  TableRef* ParseJsonTable();
  TableRef* ParseOuterJoinEscape();
  void SkipPartitionList();

  bool AcceptExplain();  // parser.cc

  // Statements (parse_insert.cc, parse_modify.cc, parse_create_table.cc, parse_column.cc).
  void ParseInsert(Statement* statement);
  void ParseInsertSource(InsertStatement* insert);
  void ParseUpdate(Statement* statement, std::span<CommonTable> with);
  void ParseDelete(Statement* statement, std::span<CommonTable> with);
  Name ParseDeleteTarget(bool* star);
  void ParsePortion();
  void ParseHistory();
  std::span<Assignment> ParseAssignments();
  bool ParseCreateTable(Statement* statement);
  void ParseTableElement(std::vector<ColumnDefinition>& columns, std::vector<KeyDefinition>& keys);
  void ParsePeriod();
  bool ParseKey(KeyDefinition& key);
  void ParseKeyOptions();
  std::span<KeyPart> ParseKeyParts();
  Reference ParseReferences();
  void ParseTableOptions(CreateTableStatement* table);
  bool ParseTableOption(CreateTableStatement* table);
  void SkipPartitioning();
  void SkipBalanced();
  ColumnDefinition ParseColumnDefinition();
  void ParseDataType(ColumnDefinition& column);
  bool ParseTypeAttribute(ColumnDefinition& column);
  void CharacterSetOnce(const ColumnDefinition& column);
  bool ParseCompressed(ColumnDefinition& column);
  bool ParseColumnAttribute(ColumnDefinition& column);
  bool ParseKeyAttribute(ColumnDefinition& column);
  Expr* ParseColumnDefault();
  bool ParseFurtherAttribute();
  void ParseEngineOption();

  // Changes of tables (parse_alter.cc).
  bool ParseAlterTable(Statement* statement);
  AlterAction ParseAlterAction();
  bool IsIndexWord(std::uint32_t ahead) const;
  void SkipAlterRest(AlterAction& action);
  void ParseAlterAdd(AlterAction& action);
  void ParseColumnPlace();
  void ParseAlterColumn(AlterAction& action);
  void ParseAlterDrop(AlterAction& action);
  void ParseAlterDefault(AlterAction& action);
  void ParseAlterRename(AlterAction& action);
  bool ParseCreateIndex(Statement* statement);
  bool ParseRenameTable(Statement* statement);

  // Views (parse_view.cc).
  std::uint32_t FindView() const;
  void ParseDefiner();
  bool ParseView(Statement* statement);

  // LOAD DATA (parse_load.cc).
  bool ParseLoad(Statement* statement);
  void ParseLoadFormat(LoadStatement* load);
  bool ParseFieldOption(LoadStatement* load);
  bool ParseLineOption(LoadStatement* load);
  std::uint32_t ParseDelimiter();
  void ParseLoadFields(LoadStatement* load);

  // Nodes.
  Expr* NewExpr(ExprKind kind);
  Expr* Finish(Expr* expr, std::uint32_t first, const std::vector<Expr*>& args);
  Expr* Binary(ExprKind kind, Op op, std::uint32_t op_token, Expr* left, Expr* right);
  void CheckHeight(std::uint16_t height);

  const TokenList& tokens_;
  LexMode mode_;
  Arena& arena_;
  std::uint32_t at_ = 0;
  int depth_ = 0;
  std::uint16_t tallest_ = 0;  // of the expressions met in the current query
  std::optional<ParseError> error_;
  std::uint32_t beyond_ = kNoToken;
  std::vector<std::uint32_t> closes_;  // filled when first asked for
};

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_PARSER_STATE_H_
