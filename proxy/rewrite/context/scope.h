// Names of a statement: which table and column each of them means.
#ifndef SEALGATE_PROXY_REWRITE_CONTEXT_SCOPE_H_
#define SEALGATE_PROXY_REWRITE_CONTEXT_SCOPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

/// What an expression is made of, as far as protection is concerned.
struct ExprType {
  enum class Kind : std::uint8_t {
    kPlain,      // nothing protected in it
    kValue,      // literals or parameters only: becomes what it is compared with
    kProtected,  // a protected column as it is stored
  };
  Kind kind = Kind::kPlain;
  std::uint32_t target = 0;    // kProtected: index into Plan::targets
  bool prefix = false;         // in a definition: LEFT(…, 22) of it, to be compared
  bool computed = false;       // CASE, a subquery and the like: not the column itself
  bool varies = false;         // computed, and perhaps another value each time: RAND(), @x := …
  bool with_literals = false;  // of a set operation that put literals among the column's values
};

/// An expression and its type; without one: a column of a `*` or of TABLE.
struct Leaf {
  const sql::Expr* expr = nullptr;
  ExprType type;
  bool from_query = false;  // of a query that is an operand
};

/// One column that a query yields. A gap is any number of plain ones.
struct OutputColumn {
  std::string name;  // folded; "" for an expression without a name
  ExprType type;
  bool gap = false;
  /// The query itself looks at the literals in it (HAVING, ORDER BY, GROUP BY):
  /// they cannot be sealed any more.
  bool fixed = false;
  /// Rows that are equal in it were made one: what is sealed in it must seal
  /// equal values equally.
  bool deduplicated = false;
  /// What names it: an alias or a column of the statement, or else, for one of a
  /// `*`, the text of its name. Neither: an expression without an alias.
  std::uint32_t name_token = sql::kNoToken;
  std::string shown_name;
  /// Without a name of its own, the server calls it by its text: this word; "*" if
  /// that may be any word; "0" if it is a number; "" if it is none.
  std::string word;
  bool in_string = false;   // `word` is what a string literal says
  bool of_row = false;      // of VALUES
  bool as_written = false;  // nothing in the expression is changed
  /// The text that names it has a value in it, which the server does not get.
  bool hidden_name = false;
  std::vector<Leaf> leaves;  // one per branch of a set operation; not in a Source

  bool unnamed() const { return name.empty() && !gap; }
  /// Whether it is unnamed and the server may call it by this (folded) name.
  bool MayBeCalled(std::string_view column) const;
};

/// One entry of a FROM clause.
struct Source {
  std::string alias;                            // folded; the table's own name without one
  std::string spelled;                          // the same as it is written
  std::string schema;                           // folded; "" for a derived table
  std::string spelled_schema;                   // the same as it is written
  const policy::CatalogTable* table = nullptr;  // a protected base table
  bool derived = false;                         // columns are `outputs`
  /// Of a view that is written through, `table` has its columns under its names, and
  /// this is where they are stored.
  const policy::CatalogTable* base = nullptr;
  std::vector<OutputColumn> outputs;
  /// Neither: a table of which nothing but its name is known.
  bool unknown() const { return table == nullptr && !derived; }
};

/// The sources of one query block, and the block around it.
struct Scope {
  std::vector<Source> sources;
  /// Those before are out of sight: a join's condition sees the join's own tables.
  std::size_t first_seen = 0;
  Scope* outer = nullptr;
  /// Names of the select list, visible to GROUP BY, HAVING and ORDER BY.
  std::vector<OutputColumn>* aliases = nullptr;
  bool before_row = false;  // of the values of a row that is inserted
  bool has_using = false;   // USING or NATURAL: `*` is not the sources in order
  /// A common column of a right join: of its left side, which are the sources from `first`
  /// to before `end`, a name without a table does not mean it.
  struct HiddenCommon {
    std::size_t first = 0;
    std::size_t end = 0;
    std::string column;  // folded
  };
  std::vector<HiddenCommon> hidden;
  /// The searchable columns that the block groups by. Where `grouped` is set and
  /// no aggregate function is around it, such a column stands for its group and
  /// has to become one of the group's values.
  struct GroupKey {
    std::size_t source = 0;  // index into sources
    std::string column;      // folded
  };
  std::vector<GroupKey> keys;
  bool grouped = false;
  int aggregates = 0;  // aggregate functions around the expression at hand
  /// An aggregate function makes groups of its rows: without GROUP BY one, of no row too.
  bool aggregated = false;
  /// The select list is being typed: only subqueries in it see its aliases.
  bool in_select_list = false;
  /// The block whose select list is being typed, and window functions around the
  /// expression at hand: in these the servers take its aliases, also later ones.
  const sql::SelectBlock* listing = nullptr;
  int windows = 0;
  /// The name that is an item of GROUP BY or ORDER BY as a whole.
  std::uint32_t whole_item = sql::kNoToken;
  /// The name that is an item of the select list as a whole, of which only equality counts,
  /// on MariaDB.
  std::uint32_t compared_item = sql::kNoToken;
  /// The block whose HAVING is being typed.
  const sql::SelectBlock* having = nullptr;

  bool HasUnknown() const;
  /// Whether source `index` has the (folded) column behind a right join's other side.
  bool Hides(std::size_t index, std::string_view column) const;
};

/// Result of looking a column name up.
struct Resolution {
  enum class Kind : std::uint8_t { kNotFound, kAmbiguous, kUnknown, kColumn, kOutput };
  Kind kind = Kind::kNotFound;
  const Scope* scope = nullptr;
  const Source* source = nullptr;
  const policy::CatalogColumn* column = nullptr;  // kColumn
  const OutputColumn* output = nullptr;           // kOutput
  bool twice = false;                             // another source of the scope has it, too
};

/// Looks a folded name up, inner scopes first. `table` and `schema` may be "".
/// kUnknown: it can only be a column of a table outside the catalog.
/// kAmbiguous: it may be one of those, or a protected column further out; with an
/// `output`: that one, protected and unnamed, or another.
Resolution Resolve(const Scope& scope, std::string_view schema, std::string_view table,
                   std::string_view column);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_CONTEXT_SCOPE_H_
