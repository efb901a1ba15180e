// The syntax tree. Nodes live in a per-statement Arena and hold spans of token
// indices, never text, so that a tree can be read against any text of the same
// shape. What the parser does not know becomes a parse error, never a node that
// hides something: every token of a parsed statement belongs to a node.
#ifndef SEALGATE_PROXY_SQL_TREE_H_
#define SEALGATE_PROXY_SQL_TREE_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <type_traits>
#include <vector>

namespace sealgate::sql {

/// Tokens first..last, both included, as indices into TokenList::tokens.
struct Span {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

inline constexpr std::uint32_t kNoToken = 0xFFFFFFFF;

/// Owns the nodes of one statement. Nodes are trivially destructible.
class Arena {
 public:
  template <typename T>
  T* New() {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (pool_.allocate(sizeof(T), alignof(T))) T{};
  }
  template <typename T>
  std::span<T> Copy(const std::vector<T>& items) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (items.empty()) return {};
    T* to = static_cast<T*>(pool_.allocate(sizeof(T) * items.size(), alignof(T)));
    for (std::size_t i = 0; i < items.size(); ++i) new (to + i) T(items[i]);
    return {to, items.size()};
  }
  void Clear() { pool_.release(); }

 private:
  std::pmr::monotonic_buffer_resource pool_{4096};
};

struct Query;
struct Expr;
struct TableRef;

/// A dotted name: the token of each part, kNoToken where absent. For a column
/// `column` is set; for a table or a routine `table` is the last part.
struct Name {
  std::uint32_t schema = kNoToken;
  std::uint32_t table = kNoToken;
  std::uint32_t column = kNoToken;
};

enum class ExprKind : std::uint8_t {
  kLiteral,     // one literal token, also TRUE, FALSE, NULL; see literal
  kParameter,   // ?
  kColumn,      // name
  kStar,        // * or t.*; only in a select list and in COUNT(*)
  kUnary,       // op: - + ~ ! NOT BINARY PRIOR
  kBinary,      // op: arithmetic, bits, ||, ->, ->>, DIV, MOD, XOR, SOUNDS LIKE, REGEXP, MEMBER OF
  kComparison,  // op: = <> <=> < <= > >=; args 2
  kQuantified,  // a op ANY|SOME|ALL (query); args 1, query
  kAnd,
  kOr,
  kIn,           // args[0] [NOT] IN (args[1..]) or (query)
  kBetween,      // args 3, negated
  kLike,         // args 2 or 3 (ESCAPE), negated
  kIs,           // args[0] IS [NOT] NULL|TRUE|FALSE|UNKNOWN; literal
  kCase,         // args: [operand] when then … [else]; has_operand, has_else
  kFunction,     // name, args, distinct; also CAST, CONVERT, EXTRACT, TRIM …
  kCast,         // CAST(x AS type), CONVERT(x, type), CONVERT(x USING cs)
  kCollate,      // args[0] COLLATE word
  kRow,          // (a, b) or ROW(a, b)
  kParenthesis,  // (x); args 1
  kSubquery,     // (SELECT …); query
  kExists,       // EXISTS (SELECT …); query
  kInterval,     // INTERVAL x unit; args 1
  kUserVariable,
  kSystemVariable,
  kAssign,           // @x := e; args 1
  kIntroducer,       // _utf8mb4'x', also of hex and bit literals
  kAdjacentStrings,  // 'a' 'b'
  kDefault,          // DEFAULT, DEFAULT(col)
  kValues,           // VALUES(col) in ON DUPLICATE KEY UPDATE; name
  kMatch,            // MATCH (cols) AGAINST (e …); args
  kWindowFunction,   // f(…) OVER …; args: the arguments, then every expression of the window,
                     // PARTITION BY first; arguments, partitions
  kOdbcEscape,       // {d 'x'}
};

enum class Literal : std::uint8_t {
  kNone,
  kNull,
  kTrue,
  kFalse,
  kUnknown,
  kString,
  kNational,
  kHex,
  kBit,
  kInteger,
  kDecimal,
  kFloat,
  kTemporal,  // DATE'…', TIME'…', TIMESTAMP'…'
  kBinary,    // of a kIntroducer: _binary'…', without further strings
};

enum class Op : std::uint8_t {
  kNone,
  kEqual,
  kNotEqual,
  kNullSafeEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kNot,
  kNegate,
  kPlus,
  kOther,
};

/// One expression. Which fields mean something depends on `kind`.
struct Expr {
  ExprKind kind{};
  Op op = Op::kNone;
  Literal literal = Literal::kNone;
  bool negated = false;      // IN, BETWEEN, LIKE, IS, EXISTS
  bool distinct = false;     // COUNT(DISTINCT …)
  bool has_operand = false;  // CASE x WHEN
  bool has_else = false;
  std::uint16_t height = 1;      // of the tree below, subqueries included; at most kMaxDepth
  std::uint32_t arguments = 0;   // kWindowFunction: how many of args are the function's own
  std::uint32_t partitions = 0;  // and how many after them are PARTITION BY's
  Span span;
  std::uint32_t op_token = kNoToken;  // the operator or keyword, for messages
  Name name;                          // column; function (last part in `table`)
  std::span<Expr*> args;
  Query* query = nullptr;
};

struct SelectItem {
  Expr* expr = nullptr;
  std::uint32_t alias = kNoToken;
  Span span;
};

enum class TableKind : std::uint8_t { kTable, kDerived, kJoin, kTableFunction };
enum class JoinKind : std::uint8_t {
  kInner,
  kLeft,
  kRight,
  kNaturalInner,
  kNaturalLeft,
  kNaturalRight
};

struct TableRef {
  TableKind kind{};
  Span span;
  Name name;  // kTable
  std::uint32_t alias = kNoToken;
  bool lateral = false;
  Query* query = nullptr;            // kDerived
  std::span<std::uint32_t> columns;  // derived column list: t (a, b)
  JoinKind join{};                   // kJoin: left, right
  TableRef* left = nullptr;
  TableRef* right = nullptr;
  Expr* on = nullptr;
  std::span<std::uint32_t> using_columns;
  std::span<Expr*> args;     // kTableFunction (JSON_TABLE …)
  std::uint16_t height = 1;  // as Expr::height
};

struct OrderItem {
  Expr* expr = nullptr;
  std::uint32_t direction = kNoToken;  // ASC or DESC
  Span span;
};

/// SELECT … one block.
struct SelectBlock {
  Span span;
  bool distinct = false;
  std::uint32_t distinct_token = kNoToken;  // the last DISTINCT
  std::span<SelectItem> items;
  std::span<TableRef*> from;  // comma list
  Expr* where = nullptr;
  std::span<OrderItem> group_by;
  std::uint32_t rollup = kNoToken;  // WITH ROLLUP
  Expr* having = nullptr;
  std::span<Expr*> window_partitions;  // PARTITION BY of the WINDOW clause
  std::span<Expr*> window_exprs;       // and everything else of it
  std::uint32_t into = kNoToken;       // token INTO (OUTFILE, DUMPFILE, variables)
  std::uint32_t procedure = kNoToken;
};

enum class QueryKind : std::uint8_t { kSelect, kSetOperation, kValues, kTable, kNested };

struct CommonTable {
  std::uint32_t name = kNoToken;
  std::span<std::uint32_t> columns;
  Query* query = nullptr;
  bool recursive = false;
  std::uint32_t cycle = kNoToken;  // CYCLE columns RESTRICT
};

/// A query expression: [WITH] body [ORDER BY] [LIMIT] [FOR UPDATE …].
struct Query {
  QueryKind kind{};
  Span span;
  std::span<CommonTable> with;
  SelectBlock* select = nullptr;  // kSelect
  Query* left = nullptr;          // kSetOperation; kNested: a query in parentheses
  Query* right = nullptr;
  bool set_distinct = false;  // UNION without ALL, INTERSECT, EXCEPT
  std::uint32_t set_token = kNoToken;
  std::uint32_t set_option = kNoToken;  // ALL or DISTINCT behind it
  std::span<std::span<Expr*>> rows;     // kValues
  Name table;                           // kTable
  std::span<OrderItem> order_by;
  std::span<Expr*> limit;            // 0 to 2 expressions
  std::uint32_t into = kNoToken;     // INTO after the body
  std::uint32_t locking = kNoToken;  // FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE
  std::uint16_t height = 1;          // as Expr::height
};

struct Assignment {
  Name target;
  Span target_span;
  Expr* value = nullptr;  // kDefault for DEFAULT
};

enum class StatementKind : std::uint8_t {
  kSelect,
  kInsert,
  kReplace,
  kUpdate,
  kDelete,
  kCreateTable,
  kAlterTable,
  kCreateIndex,
  kRenameTable,
  kView,
  kLoad,
  kOther,
};

struct InsertStatement {
  TableRef* table = nullptr;
  bool has_columns = false;
  std::span<Name> columns;
  Span columns_span;                      // "(a, b)" when has_columns
  std::uint32_t values_token = kNoToken;  // VALUES or VALUE
  std::span<std::span<Expr*>> rows;
  std::span<Assignment> set;           // INSERT … SET
  Query* query = nullptr;              // INSERT … SELECT / TABLE
  std::uint32_t row_alias = kNoToken;  // AS new
  std::span<std::uint32_t> row_alias_columns;
  std::span<Assignment> on_duplicate;
  std::span<SelectItem> returning;
};

struct UpdateStatement {
  std::span<CommonTable> with;
  bool ignore = false;
  std::span<TableRef*> tables;
  std::span<Assignment> set;
  Expr* where = nullptr;
  std::span<OrderItem> order_by;
  std::span<Expr*> limit;
  std::span<SelectItem> returning;
};

struct DeleteStatement {
  std::span<CommonTable> with;
  std::span<Name> targets;  // multi-table form: names before FROM or after it
  std::span<TableRef*> tables;
  bool multi = false;
  Expr* where = nullptr;
  std::span<OrderItem> order_by;
  std::span<Expr*> limit;
  std::span<SelectItem> returning;
};

/// What REFERENCES names. Without columns it means the table's primary key.
struct Reference {
  Name table;
  bool names_columns = false;
};

/// One column of CREATE TABLE.
struct ColumnDefinition {
  std::uint32_t name = kNoToken;
  Span span;                      // name, type and attributes
  Span type_span;                 // type with length, UNSIGNED, CHARACTER SET, COLLATE, BINARY
  std::uint32_t type = kNoToken;  // the (first) type word
  std::span<std::uint32_t> type_arguments;  // VARCHAR(255): the 255; ENUM's strings
  bool is_unsigned = false;
  bool zerofill = false;
  std::uint32_t character_set = kNoToken;
  std::uint32_t collation = kNoToken;  // also one given after the type's end
  Span collate_attribute;              // COLLATE x among the attributes, else first == kNoToken
  bool not_null = false;
  bool auto_increment = false;
  bool invisible = false;
  Expr* default_value = nullptr;
  Expr* on_update = nullptr;
  std::uint32_t generated = kNoToken;  // AS / GENERATED
  Expr* generated_expr = nullptr;
  std::uint32_t key_attribute = kNoToken;  // UNIQUE, PRIMARY or KEY among the attributes
  Span key_attribute_span;
  std::uint32_t comment = kNoToken;  // the string token after COMMENT
  Span comment_span;
  std::uint32_t check = kNoToken;
  Expr* check_expr = nullptr;
  std::uint32_t references = kNoToken;
  Reference reference;
  std::uint32_t compressed = kNoToken;  // MariaDB's COMPRESSED, among the attributes or the type's
};

struct KeyPart {
  std::uint32_t column = kNoToken;
  std::uint32_t length = kNoToken;  // the number token of "(22)"
  Span span;                        // column, length, ASC/DESC
  Expr* expr = nullptr;             // functional key part
};

enum class KeyKind : std::uint8_t {
  kPrimary,
  kUnique,
  kIndex,
  kFulltext,
  kSpatial,
  kForeign,
  kCheck
};

struct KeyDefinition {
  KeyKind kind{};
  Span span;
  std::uint32_t name = kNoToken;
  std::span<KeyPart> parts;
  Reference reference;  // kForeign
  Expr* check_expr = nullptr;
};

struct CreateTableStatement {
  Name table;
  bool temporary = false;
  bool or_replace = false;
  std::uint32_t like = kNoToken;  // CREATE TABLE a LIKE b
  Name like_table;
  std::span<ColumnDefinition> columns;
  std::span<KeyDefinition> keys;
  std::uint32_t body_close = kNoToken;  // the ")" of the column list
  std::uint32_t default_character_set = kNoToken;
  std::uint32_t default_collation = kNoToken;
  std::uint32_t partition = kNoToken;  // PARTITION
  std::uint32_t merge = kNoToken;      // UNION of a MERGE table
  std::uint32_t engine = kNoToken;     // a word or string
  Query* query = nullptr;              // CREATE TABLE … SELECT
};

enum class AlterKind : std::uint8_t {
  kAddColumns,     // columns
  kDropColumn,     // name
  kModifyColumn,   // name, columns[0]
  kChangeColumn,   // name, columns[0]
  kRenameColumn,   // name, new_name
  kColumnDefault,  // name, default_value unless it is dropped; also [IN]VISIBLE
  kAddKey,         // key
  kRenameTable,    // table
  kConvert,        // CONVERT TO CHARACTER SET
  kOptions,        // of the table; merge, engine
  kNamesOnly,      // what carries no column and no expression: DROP INDEX, FORCE, LOCK = …
  kOther,          // not followed, to the end of the statement
};

/// One action of ALTER TABLE.
struct AlterAction {
  AlterKind kind{};
  Span span;
  std::uint32_t name = kNoToken;
  std::uint32_t new_name = kNoToken;
  bool if_exists = false;  // DROP … IF EXISTS, ADD … IF NOT EXISTS
  std::span<ColumnDefinition> columns;
  KeyDefinition key;
  Expr* default_value = nullptr;
  Name table;
  std::uint32_t merge = kNoToken;
  std::uint32_t engine = kNoToken;
};

struct AlterTableStatement {
  Name table;
  std::span<AlterAction> actions;
};

struct CreateIndexStatement {
  Name table;
  KeyDefinition key;
};

struct TableRename {
  Name from;
  Name to;
};

struct RenameTableStatement {
  std::span<TableRename> renames;
};

/// CREATE VIEW or ALTER VIEW.
struct ViewStatement {
  Name name;
  bool alters = false;
  std::span<std::uint32_t> columns;  // "(a, b)"; empty without
  Query* query = nullptr;
  std::uint32_t check_option = kNoToken;  // WITH … CHECK OPTION
};

/// Where a field of the file goes: a column, or a user variable.
struct LoadField {
  Span span;
  Name column;                        // column.column is kNoToken for a variable
  std::uint32_t variable = kNoToken;  // its token
};

/// LOAD DATA. Of options that are given twice, the last one.
struct LoadStatement {
  bool local = false;
  Name table;
  std::uint32_t head_last = kNoToken;      // last token of the table, its partitions, CHARACTER SET
  std::uint32_t character_set = kNoToken;  // its name
  bool has_format = false;
  Span format_span;  // from FIELDS, COLUMNS, LINES or IGNORE to the last token of these
  std::uint32_t field_end = kNoToken;  // kString, kHex or kBit
  std::uint32_t enclosed = kNoToken;   // also OPTIONALLY: the same for reading
  std::uint32_t escape = kNoToken;
  std::uint32_t line_start = kNoToken;
  std::uint32_t line_end = kNoToken;
  std::uint32_t skip_lines = kNoToken;  // the number
  bool has_fields = false;
  Span fields_span;  // "(a, @b)" when has_fields
  std::span<LoadField> fields;
  std::span<Assignment> set;
};

/// A whole statement. Exactly the member that `kind` names is set.
struct Statement {
  StatementKind kind{};
  Span span;
  std::uint32_t verb = kNoToken;  // the first keyword, for messages
  bool explain = false;           // EXPLAIN, DESCRIBE or ANALYZE of it
  Query* query = nullptr;
  InsertStatement* insert = nullptr;
  UpdateStatement* update = nullptr;
  DeleteStatement* del = nullptr;
  CreateTableStatement* create_table = nullptr;
  AlterTableStatement* alter_table = nullptr;
  CreateIndexStatement* create_index = nullptr;
  RenameTableStatement* rename_table = nullptr;
  ViewStatement* view = nullptr;
  LoadStatement* load = nullptr;
};

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_TREE_H_
