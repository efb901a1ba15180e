// What the backend's schema looks like around the protected tables: an
// immutable snapshot, replaced as a whole when the schema changes.
// Thread rule: const access from any thread.
#ifndef SEALGATE_POLICY_CATALOG_H_
#define SEALGATE_POLICY_CATALOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/collation.h"
#include "policy/logical_type.h"
#include "policy/policy.h"
#include "policy/server_event.h"

namespace sealgate::policy {

/// State of a protected column in the database.
enum class ColumnState : std::uint8_t {
  kSealed,      // physical type and comment are right
  kPlaintext,   // a plain type, no comment of ours: still to be migrated
  kTooNarrow,   // binary, but cannot hold every envelope
  kBadComment,  // comment of ours that cannot be read, or for another type
};

struct CatalogColumn {
  std::string name;
  std::optional<std::uint32_t> protection;   // index into Policy::columns
  ColumnState state = ColumnState::kSealed;  // protected only
  LogicalType type;                          // protected; kSealed or kTooNarrow only
  std::string physical_type;                 // information_schema's COLUMN_TYPE
  bool invisible = false;
  bool generated = false;
  bool nullable = true;
  bool has_default = false;
  bool auto_increment = false;
  /// A generated column, or one with a default, that the server makes of the stored bytes
  /// of a sealed column.
  bool computed = false;
  bool computed_default = false;
  /// Likewise of a protected column that still holds plaintext.
  bool of_plaintext = false;
  /// A unique key over its stored prefix alone, which is unique for the value.
  bool unique_prefix = false;
  /// Searchable text columns only. Null: equality cannot be computed.
  std::shared_ptr<const CollationWeights> weights;
  bool operator==(const CatalogColumn&) const = default;
};

/// Whether the role is not to see what the column holds as plaintext: then its default, which
/// stands in the schema, is not shown either.
bool HidesPlaintext(const CatalogColumn& column, const Role& role);
/// Whether the column cannot be used (kTooNarrow, kBadComment), and the role is not to see its
/// default, which may be a stored value.
bool HidesUnusable(const CatalogColumn& column, const Role& role);

struct CatalogTable {
  std::string schema;
  std::string name;
  std::vector<CatalogColumn> columns;  // in ordinal order
  std::string collation;               // the table's default, "" if unknown
  bool orphan = false;                 // has a column with our comment that no policy names
  /// A searchable column, in a MEMORY table of MySQL: its keys are hashes, and unique ones
  /// over the stored prefix are not enforced.
  bool lets_doubles_in = false;
  /// What the server computes from the stored bytes of its sealed columns, as messages
  /// name it: "check c".
  std::vector<std::string> computed;
  /// By ASCII case folding; nullptr when there is none.
  const CatalogColumn* Find(std::string_view column) const;
  bool operator==(const CatalogTable&) const = default;
};

/// A view that leads to a protected table. What its columns are follows from its
/// definition, for each role by itself.
struct CatalogView {
  std::string schema;
  std::string name;
  /// A SELECT as the server prints it: names with their schemas, in backticks,
  /// whatever sql_mode it was written under. At most kMaxViewDefinition bytes.
  std::string definition;
  std::vector<std::string> columns;  // their names, in order
  /// Not empty: it cannot be used, and this is why.
  std::string problem;
  bool operator==(const CatalogView&) const = default;
};

inline constexpr std::size_t kMaxViewDefinition = 64 * 1024;

/// Why a name may not pass unparsed.
enum class NameKind : std::uint8_t {
  kTable,      // a protected table (also when it does not exist yet)
  kView,       // a view over a hot name
  kRoutine,    // a routine whose body names a hot name or has dynamic SQL
  kTriggered,  // a table with a trigger whose body names a hot name
};

struct HotName {
  NameKind kind{};
  std::string schema;
  std::string name;  // folded
  /// Hot by what it reads of information_schema, or by one that is, and by nothing else.
  bool by_definitions = false;
  bool operator==(const HotName&) const = default;
};

/// A collation of the server.
struct CollationInfo {
  std::string name;
  std::string charset;
  bool pad_space = true;
  bool is_default = false;
  bool operator==(const CollationInfo&) const = default;
};

class Catalog {
 public:
  /// Filled by one thread before it is shared.
  void Add(CatalogTable table);
  void AddHot(HotName name);
  void AddView(CatalogView view);
  void AddCollation(std::uint16_t id, CollationInfo info);
  /// Of a collation that no column of a table has.
  void AddWeights(std::shared_ptr<const CollationWeights> weights);
  /// After lower_case_table_names was set.
  void AddSchemaDefault(std::string_view schema, std::string collation);

  /// A protected (or orphan) table; names folded by ASCII case. nullptr when
  /// it is not protected or does not exist.
  const CatalogTable* Find(std::string_view schema, std::string_view table) const;
  /// Whether a table or view that a statement or the server writes so is the one that
  /// the catalog has under this name: where lower_case_table_names is 0, another case is
  /// another table.
  bool IsSpelled(std::string_view schema, std::string_view table, std::string_view known_schema,
                 std::string_view known_table) const;
  /// Find() of a name as it is written there.
  const CatalogTable* FindSpelled(std::string_view schema, std::string_view table) const;
  /// A view over a protected table, likewise; nullptr when it is none.
  const CatalogView* FindView(std::string_view schema, std::string_view view) const;
  const std::map<std::pair<std::string, std::string>, CatalogView>& views() const { return views_; }
  /// A view over any tables, with a semijoin for MariaDB in it.
  bool HasSemijoin(std::string_view schema, std::string_view view) const;
  /// Every hot name whose folded name is `folded` (see FoldName), or routines that may be
  /// called so without regard to accents.
  const std::vector<HotName>* FindHot(std::string_view folded) const;
  bool has_hot_names() const { return !hot_.empty(); }
  const std::unordered_map<std::string, std::vector<HotName>>& hot() const { return hot_; }

  const CollationInfo* FindCollation(std::uint16_t id) const;
  /// The default collation's id of a character set, 0 if unknown.
  std::uint16_t DefaultCollationId(std::string_view charset) const;
  std::uint16_t CollationId(std::string_view collation) const;
  /// Null when they were not read: no protected column has the collation, and nobody asked.
  std::shared_ptr<const CollationWeights> FindWeights(std::string_view collation) const;
  /// The default collation of a schema as it is written, "" if unknown.
  std::string_view SchemaDefault(std::string_view schema) const;

  /// Both servers look routines up by a collation that ignores accents, too:
  /// CALL fünc() calls func, and the other way round. While there is a hot routine, an
  /// identifier with a byte above 0x7F may be its name.
  bool has_hot_routines() const { return has_hot_routines_; }
  /// A hot routine may reach a protected table.
  bool has_protected_routines() const { return has_protected_routines_; }
  /// A hot name, or its schema, has a byte above 0x7F.
  bool has_high_names() const { return has_high_names_; }
  /// Indices into Policy::columns of the protected columns that still hold plaintext.
  const std::vector<std::uint32_t>& plaintext() const { return plaintext_; }
  const std::map<std::pair<std::string, std::string>, CatalogTable>& tables() const {
    return tables_;
  }

  /// A plan made for one is good for the other.
  bool operator==(const Catalog&) const = default;

  bool is_mariadb = false;
  std::string server_version;  // VERSION()
  std::uint8_t lower_case_table_names = 0;
  std::vector<ServerEvent> events;
  /// Schema and name, folded, of the views that HasSemijoin(); none on MySQL.
  std::set<std::pair<std::string, std::string>> semijoin_views;
  /// Storage engines that the server has, and nobody knows (storage_engines.h).
  std::vector<std::string> other_engines;
  /// init_connect is not empty: a login may end in another schema than it named.
  bool logins_run_sql = true;
  /// A view, routine or trigger mentions FOUND_ROWS or ROW_COUNT, and could read those
  /// of the statement before.
  bool programs_read_counts = true;
  /// A routine or trigger may change the session's sql_mode, character sets or time
  /// zone, or runs dynamic SQL.
  bool programs_set_modes = true;
  /// One may do so by an @@ in its text.
  bool programs_set_modes_unseen = true;
  /// A routine may prepare statements by name; may execute some that it has not
  /// prepared itself.
  bool programs_prepare = true;
  bool programs_execute = true;
  /// A routine or trigger may make, drop or rename temporary tables.
  bool programs_touch_temporary = true;
  /// A function or trigger may, or a procedure that it calls.
  bool functions_touch_temporary = true;

 private:
  const std::vector<HotName>* FindHotRoutine(std::string_view folded) const;

  std::string SchemaKey(std::string_view schema) const;

  std::map<std::pair<std::string, std::string>, CatalogTable> tables_;
  std::map<std::pair<std::string, std::string>, CatalogView> views_;
  std::unordered_map<std::string, std::vector<HotName>> hot_;
  std::map<std::uint16_t, CollationInfo> collations_;
  std::map<std::string, std::shared_ptr<const CollationWeights>, std::less<>> weights_;
  std::map<std::string, std::string> schema_defaults_;
  bool has_hot_routines_ = false;
  bool has_protected_routines_ = false;
  bool has_high_names_ = false;
  std::vector<std::string> high_routines_;
  std::vector<std::uint32_t> plaintext_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CATALOG_H_
