// What the rewriter concluded of a statement's shape: made once, applied to
// every text of that shape. Immutable; shared between the plan cache and the
// prepared statements that use it.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_PLAN_H_
#define SEALGATE_PROXY_REWRITE_PLAN_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/object_names.h"
#include "policy/policy.h"
#include "policy/snapshot.h"
#include "proxy/load/file_format.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/sql/run.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Same order as metrics::StatementClass.
using StatementClass = metrics::StatementClass;

/// How one value of the statement reaches the server.
enum class SealAs : std::uint8_t {
  kPlain,     // as it came
  kEnvelope,  // sealed for storing
  kEqual,     // deterministic: the envelope to compare with
  kLow,       // searchable: lower end of the range that equality is
  kHigh,      // searchable: its upper end
  kNullOnly,  // NULL, or anything that is not: nothing else is asked; without a target
};

/// An edit or a piece that belongs to the second item of a run has the run's
/// index in Plan::runs, and stands for one in each further item.
inline constexpr std::uint16_t kNoRun = 0xFFFF;

/// A part of what an edit puts in place: fixed text, then perhaps a value.
struct Piece {
  std::string text;
  SealAs seal = SealAs::kPlain;   // kPlain: no value, or
  std::uint32_t value_first = 0;  // tokens of the literal
  std::uint32_t value_last = 0;
  std::uint32_t target = 0;  // index into Plan::targets
  bool name = false;         // these tokens' text as a quoted name
  bool hidden = false;       // only the client gets to see that name
  std::uint16_t run = kNoRun;
  bool operator==(const Piece&) const = default;
};

/// A change of the text, in terms of token indices: tokens first..last give way
/// to the pieces; with `insert` the pieces stand before token `first`, with
/// `after` directly behind it. Sorted by `first`, never overlapping.
struct PlannedEdit {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool insert = false;
  std::vector<Piece> pieces;
  bool after = false;
  std::uint16_t run = kNoRun;
  bool operator==(const PlannedEdit&) const = default;
};

/// Which literals may be sealed for a column in some place of a statement.
enum class Literals : std::uint8_t {
  kAll,           // that the column takes
  kExactAsFloat,  // compared as floats: of which no other number is the same float
  kUnconverted,   // that are the same in any character set, and as floats
  kUncut,         // results beside the column's values: no text that storing would cut
};

/// A protected column that values of the statement are sealed for or opened
/// from. The pointers live as long as Plan::snapshot.
struct Target {
  const policy::CatalogTable* table = nullptr;
  const policy::CatalogColumn* column = nullptr;
  const policy::ProtectedColumn* protection = nullptr;
  const policy::ColumnRule* rule = nullptr;
  const crypto::ColumnCipher* cipher = nullptr;
  std::uint32_t domain = 0;  // index into Policy::domains and Metrics::domains
  Literals literals = Literals::kAll;
};

/// What stands around a parameter.
enum class ColumnPlace : std::uint8_t {
  kNone,      // anything
  kStored,    // it alone becomes the value of a column
  kCompared,  // it alone is compared with what has no parameter
  kCount,     // LIMIT
};

/// One parameter as the server knows it.
struct PhysicalParameter {
  std::uint32_t logical = 0;  // index of the client's parameter
  SealAs seal = SealAs::kPlain;
  std::uint32_t target = 0;                // index into Plan::targets
  ColumnPlace place = ColumnPlace::kNone;  // kPlain only
};

/// The file of a LOAD DATA LOCAL some of whose fields are sealed on the way.
struct FileLoad {
  load::FileFormat format;
  policy::Charset charset{};
  /// Each field of a row, in its order: the index of the protected column that it
  /// goes to in Plan::targets; nullopt for one that passes.
  std::vector<std::optional<std::uint32_t>> fields;
};

/// Columns of the result, when the plan knows the result: one column, or as
/// many plain ones as the server says (`*` of a table outside the catalog; at
/// most one such gap in a result).
struct PlannedColumn {
  std::optional<std::uint32_t> target;  // index into Plan::targets: opened
  bool gap = false;
};

/// What an answer about a table's definition is.
enum class SchemaRows : std::uint8_t {
  kNone,
  kColumns,
  kIndex,
  kCreateTable,
  kInformationColumns,  // of information_schema
  kInformationStatistics,
  kWarnings,  // and errors
};

struct Plan {
  /// What the plan was made from; keeps the targets' pointers valid.
  policy::Snapshot snapshot;
  StatementClass statement_class = StatementClass::kOther;
  bool writes = false;          // held while the write gate is closed
  bool changes_schema = false;  // the catalog has to be read again after it
  /// Without that: names that may mean another thing after it, and the table that
  /// there is if the server says that it was made.
  policy::NameChange name_change;
  bool touches_protected = false;
  /// KILL of a connection: the server's thread; 0 for anything else.
  std::uint32_t kills = 0;
  /// The server may ask for a file of the client's.
  bool loads_file = false;
  /// How that file becomes the server's. Null: none of its fields is for a protected
  /// column, and it passes as it is.
  std::shared_ptr<const FileLoad> file_load;
  /// Refused, because character_set_database decides how the file is read, and
  /// SessionFacts do not have it.
  bool needs_file_charset = false;
  std::optional<Refusal> refusal;
  /// False: the plan depends on the text of a literal, which a shape leaves out.
  bool cacheable = true;
  /// Not a plan, but word that this shape's runs are not treated alike: plans are
  /// kept by the shape that has every item.
  bool exact_shape_only = false;
  /// With runs, the edits' tokens are those of a sample with three items in each
  /// (see repeat.h); else those of the statement.
  std::vector<sql::Run> runs;
  std::vector<PlannedEdit> edits;
  std::vector<Target> targets;
  /// CREATE TABLE: the protected columns to be, for the targets of their defaults. A view
  /// that is described: its columns.
  std::shared_ptr<const policy::CatalogTable> created;
  /// Views that are written through, as tables: for the targets of their columns; or whose
  /// columns may be among the rows of information_schema.
  std::vector<std::shared_ptr<const policy::CatalogTable>> views_as_tables;
  /// CREATE or ALTER VIEW with edits: its text has to be one that can be used as it is
  /// then stored.
  bool makes_view = false;
  /// Good only while sql_mode is strict: the server refuses what it would replace otherwise.
  bool needs_strict = false;
  /// Whose weights the statement needs, and nobody has read: to be planned again behind that.
  std::vector<std::string> unknown_collations;
  /// False: parameters pass as they are, in number and place.
  bool maps_parameters = false;
  std::uint32_t logical_parameters = 0;
  std::vector<PhysicalParameter> parameters;
  /// False: nothing is known of the result, so no column of it may turn out to
  /// be a protected one.
  bool knows_result = false;
  std::vector<PlannedColumn> result;
  /// The server says of a result column which table it is of, and for the client's
  /// statement it would not.
  bool names_no_table = false;
  /// DESCRIBE and SHOW of a protected table, and queries of information_schema:
  /// the rows are made logical.
  SchemaRows schema_rows = SchemaRows::kNone;
  /// kInformation…: schema and table of every row that does not say its own, as written.
  std::string rows_schema;
  std::string rows_table;
  /// Their select list: the column of each item, "*" of all, "" of none.
  std::vector<std::string> rows_items;
  /// Of a text of several statements, one of which was planned: the plan of each,
  /// in order; each gives one answer. Empty for one statement.
  std::vector<std::shared_ptr<const Plan>> statements;
};

/// As `plan` is, with what `other`, which it runs, does to the schema, and the client's file
/// that it loads.
inline std::shared_ptr<const Plan> WithEffectOf(const Plan& plan, const Plan& other) {
  auto both = std::make_shared<Plan>(plan);
  both->changes_schema = both->changes_schema || other.changes_schema;
  both->name_change.Add(other.name_change);
  both->loads_file = both->loads_file || other.loads_file;
  return both;
}

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_PLAN_H_
