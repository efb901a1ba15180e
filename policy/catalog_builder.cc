#include "policy/catalog_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "policy/ascii.h"
#include "policy/dynamic_guard.h"
#include "policy/hot_names.h"
#include "policy/name_folding.h"
#include "policy/semijoin_views.h"
#include "policy/server_expressions.h"
#include "policy/storage_engines.h"
#include "policy/stored_definition.h"

namespace sealgate::policy {
namespace {

using TableName = std::pair<std::string, std::string>;

std::string Text(const Cell& cell) { return cell.value_or(""); }

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

unsigned Number(const Cell& cell) {
  const std::string text = Text(cell);
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// In the text of a view, routine or trigger; one that cannot be read may mention all.
bool ProgramsMention(const SchemaRows& rows, std::initializer_list<std::string_view> folded) {
  const auto mentions = [&](const Row& row) {
    if (!row[2] || row[2]->empty()) return true;
    const std::string text = ascii::ToLower(*row[2]);
    return std::any_of(folded.begin(), folded.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
  };
  return std::any_of(rows.views.begin(), rows.views.end(), mentions) ||
         std::any_of(rows.routines.begin(), rows.routines.end(), mentions) ||
         std::any_of(rows.triggers.begin(), rows.triggers.end(), mentions);
}

bool HasAny(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return Has(text, part); });
}

// Only rows of routines have a language, and a kind behind it.
bool IsHiddenFromUs(const Row& row) {
  return !row[2] || row[2]->empty() || (row.size() > 4 && Text(row[3]) != "SQL");
}

// Names of variables may be written with accents, too. What is not SQL puts its
// statements together as it likes.
bool MaySetModes(const Row& row) {
  if (IsHiddenFromUs(row)) return true;
  const std::string text = ascii::ToLower(*row[2]);
  return HasAny(text, {"sql_mode", "time_zone", "names", "charset", "character", "collation",
                       "explicit_defaults", "session_track", "prepare", "execute"}) ||
         (Has(text, "set") && !ascii::IsAscii(text));
}

bool MaySetModesUnseen(const Row& row) {
  return MaySetModes(row) && (!row[2] || row[2]->empty() || Has(*row[2], "@@"));
}

bool IsReadable(const Row& row) { return row[2] && !row[2]->empty() && Text(row[3]) == "SQL"; }

bool MayPrepareByName(const Row& row) {
  return !IsReadable(row) || Has(ascii::ToLower(*row[2]), "prepare");
}

// The word at the beginning, behind blanks; "" for anything else.
std::string_view FirstWord(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n`"), text.size());
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || ascii::IsDigit(c) || c == '_' || c == '$';
  };
  std::size_t end = begin;
  while (end < text.size() && is_part(text[end])) ++end;
  return text.substr(begin, end - begin);
}

bool PreparesOwn(std::string_view text, std::string_view name) {
  constexpr std::string_view kPrepare = "prepare";
  std::size_t at = text.find(kPrepare);
  while (at != std::string_view::npos) {
    if (FirstWord(text.substr(at + kPrepare.size())) == name) return true;
    at = text.find(kPrepare, at + 1);
  }
  return false;
}

bool MayExecuteOthers(const Row& row) {
  if (!IsReadable(row)) return true;
  constexpr std::string_view kExecute = "execute";
  // A guard names what it stops.
  const std::string text = ascii::ToLower(RenewGuards(*row[2], ""));
  for (std::size_t at = text.find(kExecute); at != std::string::npos;
       at = text.find(kExecute, at + 1)) {
    const std::string_view before = std::string_view(text).substr(0, at);
    const std::string_view name = FirstWord(std::string_view(text).substr(at + kExecute.size()));
    if (name != "immediate" && (name.empty() || !PreparesOwn(before, name))) return true;
  }
  return false;
}

bool MayTouchTemporary(const Row& row) {
  if (IsHiddenFromUs(row)) return true;
  const std::string text = ascii::ToLower(*row[2]);
  return HasAny(text, {"temporary", "drop", "rename", "prepare", "execute", "pseudo_thread_id"}) ||
         (Has(text, "create") && Has(text, "replace")) ||
         // The server's own procedures are not among these.
         (Has(text, "call") && HasAny(text, {"sys", "mysql"}));
}

bool IsProcedure(const Row& row) { return row.size() > 4 && Text(row[4]) == "PROCEDURE"; }

class Builder {
 public:
  Builder(const Policy& policy, const SchemaRows& rows, const WeightSource& weights)
      : policy_(policy), rows_(rows), weights_(weights) {}

  tl::expected<Catalog, std::string> Build() {
    ReadServer();
    ReadCollations();
    for (const Row& row : rows_.schemata) {
      catalog_.AddSchemaDefault(Text(row[0]), Text(row[1]));
    }
    if (auto done = ReadTables(); !done) {
      return tl::make_unexpected(std::move(done.error()));
    }
    AddHotNames();
    for (const Row& row : rows_.events) {
      catalog_.events.push_back({Text(row[0]), Text(row[1]), Text(row[2])});
    }
    AddWanted();
    catalog_.programs_read_counts = ProgramsMention(rows_, {"found_rows", "row_count"});
    ReadProgramModes();
    return std::move(catalog_);
  }

 private:
  void ReadProgramModes() {
    const auto any = [&](bool (*may)(const Row&)) {
      return std::any_of(rows_.routines.begin(), rows_.routines.end(), may) ||
             std::any_of(rows_.triggers.begin(), rows_.triggers.end(), may);
    };
    const Rows& routines = rows_.routines;
    catalog_.programs_prepare = std::any_of(routines.begin(), routines.end(), MayPrepareByName);
    catalog_.programs_execute = std::any_of(routines.begin(), routines.end(), MayExecuteOthers);
    catalog_.programs_touch_temporary = any(MayTouchTemporary);
    catalog_.functions_touch_temporary =
        std::any_of(routines.begin(), routines.end(),
                    [&](const Row& row) { return !IsProcedure(row) && TouchesTemporary(row); }) ||
        std::any_of(rows_.triggers.begin(), rows_.triggers.end(),
                    [&](const Row& row) { return TouchesTemporary(row); });
    catalog_.programs_set_modes = any(MaySetModes);
    catalog_.programs_set_modes_unseen = any(MaySetModesUnseen);
  }

  // Itself, or by what it calls.
  bool TouchesTemporary(const Row& row) const {
    return MayTouchTemporary(row) ||
           (catalog_.programs_touch_temporary && Has(ascii::ToLower(*row[2]), "call"));
  }

  void ReadServer() {
    if (rows_.server.empty()) {
      return;
    }
    const Row& row = rows_.server.front();
    catalog_.server_version = Text(row[0]);
    catalog_.is_mariadb = Has(catalog_.server_version, "MariaDB");
    catalog_.lower_case_table_names = static_cast<std::uint8_t>(Number(row[1]));
    catalog_.logins_run_sql = row.size() < 5 || !Text(row[4]).empty();
    if (row.size() > 5) ReadEngines(Text(row[5]));
  }

  void ReadEngines(std::string_view engines) {
    while (!engines.empty()) {
      const std::size_t comma = std::min(engines.find(','), engines.size());
      const std::string_view engine = engines.substr(0, comma);
      const bool known = StoresItsRows(engine) || LinksTables(engine) || IsMergeEngine(engine);
      if (!known) catalog_.other_engines.emplace_back(engine);
      engines.remove_prefix(std::min(comma + 1, engines.size()));
    }
  }

  void ReadCollations() {
    for (const Row& row : rows_.collations) {
      CollationInfo info;
      info.name = Text(row[1]);
      info.charset = Text(row[2]);
      info.is_default = Text(row[3]) == "Yes";
      // MariaDB has no PAD_ATTRIBUTE; its names tell.
      info.pad_space =
          row[4] ? *row[4] == "PAD SPACE" : !Has(info.name, "nopad") && info.name != "binary";
      const unsigned id = Number(row[0]);
      if (id != 0 && id <= 0xFFFF) {
        catalog_.AddCollation(static_cast<std::uint16_t>(id), std::move(info));
      }
    }
  }

  tl::expected<void, std::string> ReadTables() {
    std::set<TableName> views;
    for (const Row& row : rows_.views) {
      views.emplace(Text(row[0]), Text(row[1]));
    }
    std::map<TableName, CatalogTable> tables;
    for (const Row& row : rows_.columns) {
      TableName name(Text(row[0]), Text(row[1]));
      if (views.contains(name)) {
        continue;
      }
      auto column = ReadColumn(row);
      if (!column) {
        return tl::make_unexpected(std::move(column.error()));
      }
      CatalogTable& table = tables[name];
      table.schema = name.first;
      table.name = name.second;
      table.orphan = table.orphan || (!column->protection && IsOurComment(Text(row[4])));
      table.columns.push_back(std::move(*column));
    }
    for (const Row& row : rows_.table_options) {
      const auto found = tables.find({Text(row[0]), Text(row[1])});
      if (found == tables.end()) continue;
      found->second.collation = Text(row[2]);
      found->second.lets_doubles_in = row.size() > 3 && LetsDoublesIn(Text(row[3]), found->second);
    }
    for (const Row& row : rows_.unique) {
      const auto found = tables.find({Text(row[0]), Text(row[1])});
      if (found == tables.end()) continue;
      for (CatalogColumn& column : found->second.columns) {
        column.unique_prefix = column.unique_prefix || EqualsFolded(column.name, Text(row[2]));
      }
    }
    MarkServerExpressions(rows_, tables);
    return AddTables(std::move(tables));
  }

  bool LetsDoublesIn(const std::string& engine, const CatalogTable& table) const {
    const auto searchable = [this](const CatalogColumn& column) {
      return column.protection &&
             policy_.domains[policy_.columns[*column.protection].domain].mode ==
                 crypto::Mode::kSearchable;
    };
    return !catalog_.is_mariadb && ascii::EqualsAnyCase(engine, "MEMORY") &&
           std::any_of(table.columns.begin(), table.columns.end(), searchable);
  }

  tl::expected<void, std::string> AddTables(std::map<TableName, CatalogTable> tables) {
    for (auto& [name, table] : tables) {
      if (const CatalogTable* other = catalog_.Find(name.first, name.second)) {
        return tl::make_unexpected(
            fmt::format("the tables {}.{} and {}.{} differ by case only; rename one", other->schema,
                        other->name, name.first, name.second));
      }
      if (table.orphan) {
        hot_tables_.push_back({NameKind::kTable, table.schema, table.name});
      }
      catalog_.Add(std::move(table));
    }
    return {};
  }

  tl::expected<CatalogColumn, std::string> ReadColumn(const Row& row) {
    CatalogColumn column;
    const std::string extra = Text(row[5]);
    column.name = Text(row[2]);
    column.physical_type = Text(row[3]);
    column.invisible = Has(extra, "INVISIBLE");
    // Not MySQL's DEFAULT_GENERATED, an expression as the default.
    column.generated = Has(extra, "VIRTUAL GENERATED") || Has(extra, "STORED GENERATED");
    column.auto_increment = Has(extra, "auto_increment");
    column.nullable = Text(row[6]) == "YES";
    column.has_default = row[7] && !(catalog_.is_mariadb && *row[7] == "NULL");
    column.protection = policy_.Find(Text(row[0]), Text(row[1]), column.name);
    if (column.protection) {
      const crypto::Mode mode = policy_.domains[policy_.columns[*column.protection].domain].mode;
      ReadState(Text(row[4]), mode, column);
      return WithWeights(mode, std::move(column));
    }
    return column;
  }

  static void ReadState(const std::string& comment, crypto::Mode mode, CatalogColumn& column) {
    if (!IsOurComment(comment)) {
      column.state = ColumnState::kPlaintext;
      return;
    }
    const std::optional<LogicalType> type = FromComment(comment);
    const std::optional<std::uint64_t> capacity = PhysicalCapacity(column.physical_type);
    if (!type || !capacity) {
      column.state = ColumnState::kBadComment;
      return;
    }
    column.type = *type;
    // A LONGTEXT's own longblob is short by the overhead, see PhysicalType.
    const std::uint64_t needed =
        std::min<std::uint64_t>(MaxCanonicalBytes(*type) + crypto::EnvelopeOverhead(mode),
                                std::numeric_limits<std::uint32_t>::max());
    column.state = *capacity < needed ? ColumnState::kTooNarrow : ColumnState::kSealed;
  }

  tl::expected<CatalogColumn, std::string> WithWeights(crypto::Mode mode, CatalogColumn column) {
    if (mode != crypto::Mode::kSearchable || column.state != ColumnState::kSealed ||
        !IsText(column.type.kind) || !IsSearchableCollation(column.type.collation)) {
      return column;
    }
    const CollationInfo* collation =
        catalog_.FindCollation(catalog_.CollationId(column.type.collation));
    if (collation == nullptr) {
      return column;  // another server's collation: nothing can be compared
    }
    auto weights = weights_(*collation);
    if (!weights) {
      return tl::make_unexpected(std::move(weights.error()));
    }
    column.weights = std::move(*weights);
    return column;
  }

  // Where one cannot be read, what needs it is refused.
  void AddWanted() {
    for (const std::string& name : rows_.wanted_collations) {
      const CollationInfo* collation = catalog_.FindCollation(catalog_.CollationId(name));
      if (collation == nullptr || !IsSearchableCollation(name)) continue;
      if (auto weights = weights_(*collation)) catalog_.AddWeights(std::move(*weights));
    }
  }

  void AddHotNames() {
    for (const ProtectedColumn& column : policy_.columns) {
      hot_tables_.push_back({NameKind::kTable, column.schema, column.table});
    }
    std::vector<HotName> hot = FindHotNames(std::move(hot_tables_), rows_);
    AddOwnTriggers(hot);
    for (HotName& name : hot) catalog_.AddHot(std::move(name));
    AddViews();
  }

  // A trigger of a protected table need not name it: NEW.column is what the server
  // has of the value, and what the trigger makes of that is not sealed.
  void AddOwnTriggers(std::vector<HotName>& hot) const {
    for (const Row& row : rows_.triggers) {
      HotName name{NameKind::kTriggered, Text(row[0]), FoldName(Text(row[1]))};
      if (TouchesProtectedColumn(name, Text(row[2])) &&
          std::find(hot.begin(), hot.end(), name) == hot.end()) {
        hot.push_back(std::move(name));
      }
    }
  }

  bool IsHotView(const Row& row) const {
    const std::vector<HotName>* entries = catalog_.FindHot(FoldName(Text(row[1])));
    return entries != nullptr &&
           std::any_of(entries->begin(), entries->end(), [&](const HotName& hot) {
             return hot.kind == NameKind::kView && EqualsFolded(hot.schema, Text(row[0]));
           });
  }

  void AddViews() {
    if (catalog_.is_mariadb) catalog_.semijoin_views = FindSemijoinViews(rows_.views);
    std::map<TableName, std::vector<std::string>> columns;
    for (const Row& row : rows_.view_columns) {
      columns[{Text(row[0]), Text(row[1])}].push_back(Text(row[2]));
    }
    for (const Row& row : rows_.views) {
      if (!IsHotView(row)) continue;
      CatalogView view{Text(row[0]), Text(row[1]), Text(row[2]), {}, {}};
      view.columns = std::move(columns[{view.schema, view.name}]);
      if (view.definition.empty()) {
        view.problem =
            "its definition cannot be read: the catalog account needs SHOW VIEW and SELECT on it";
      } else if (view.definition.size() > kMaxViewDefinition) {
        view.problem = "its definition is longer than 64 KiB";
        view.definition.clear();
      } else if (MayUseStoredDefinition(view.schema, view.definition)) {
        view.problem =
            "it uses what information_schema has of protected columns, which is as they are stored";
      } else if (view.columns.empty()) {
        view.problem = "its columns cannot be read, as if what it names were not there";
      }
      catalog_.AddView(std::move(view));
    }
    for (const Row& row : rows_.linked) {
      if (!IsHotView(row)) continue;
      catalog_.AddView({Text(row[0]),
                        Text(row[1]),
                        "",
                        {},
                        "it is a table of the engine " + Text(row[2]) +
                            ", which may stand for a protected one"});
    }
  }

  bool TouchesProtectedColumn(const HotName& table, const std::string& body) const {
    const WordScan words(body);
    return std::any_of(
        policy_.columns.begin(), policy_.columns.end(), [&](const ProtectedColumn& column) {
          return EqualsFolded(column.schema, table.schema) &&
                 FoldName(column.table) == table.name && words.Mentions(FoldName(column.column));
        });
  }

  const Policy& policy_;
  const SchemaRows& rows_;
  const WeightSource& weights_;
  Catalog catalog_;
  std::vector<HotName> hot_tables_;
};

}  // namespace

tl::expected<Catalog, std::string> BuildCatalog(const Policy& policy, const SchemaRows& rows,
                                                const WeightSource& weights) {
  return Builder(policy, rows, weights).Build();
}

ObjectNames ListObjects(const SchemaRows& rows) {
  ObjectNames objects(HasExactCase(rows));
  for (const Row& row : rows.tables) objects.AddTable(Text(row[0]), Text(row[1]));
  for (const Row& row : rows.routines) objects.AddRoutine(Text(row[0]), Text(row[1]));
  for (const Row& row : rows.functions) {
    objects.AddRoutine(row.size() > 1 ? Text(row[1]) : "", Text(row[0]));
  }
  for (const Rows* programs : {&rows.views, &rows.routines, &rows.triggers}) {
    for (const Row& row : *programs) {
      const bool is_view = programs == &rows.views;
      objects.AddProgram(Text(row[1]),
                         {Text(row[0]), Text(row[2]), is_view, !is_view && MaySetModes(row)});
    }
  }
  return objects;
}

}  // namespace sealgate::policy
