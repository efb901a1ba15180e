// Every table, view and routine that the server is known to have, protected or
// not: what is not among them may be new, and anything. Between two readings of
// the schema names are taken out (a statement may have changed what they are)
// and put in (a look at the server found a plain table).
// Thread rule: const access from any thread; copies are cheap and share the list.
#ifndef SEALGATE_POLICY_OBJECT_NAMES_H_
#define SEALGATE_POLICY_OBJECT_NAMES_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sealgate::policy {

/// As a statement or the server writes it.
struct TableName {
  std::string schema;
  std::string table;
  bool operator==(const TableName&) const = default;
};

/// Names of a statement that no list has: what has to be looked up before it may
/// leave. `whole`: more than names can say, so the schema has to be read.
struct UnknownNames {
  bool whole = false;
  std::vector<TableName> tables;
  std::vector<std::string> routines;  // of any schema; folded
  /// Collations whose weights are to be read.
  std::vector<std::string> collations;

  bool empty() const { return !whole && tables.empty() && routines.empty() && collations.empty(); }
  void AddTable(TableName name);
  void AddRoutine(std::string name);
  void AddCollation(std::string name);
  void Add(const UnknownNames& other);
  /// Every name of `other` is among these.
  bool Covers(const UnknownNames& other) const;
};

/// What a statement that names nothing protected did to the list.
struct NameChange {
  std::vector<std::string> mentioned;  // folded: whatever is called so may be another thing now
  std::vector<std::string> schemas;    // folded: likewise everything in them
  std::optional<TableName> made;       // a plain table that was not there before
  bool by_event = false;               // an event of the server's may use what is mentioned
  bool by_program = false;             // a routine or trigger may

  bool empty() const { return mentioned.empty() && schemas.empty() && !made; }
  /// Without what was made.
  void Add(const NameChange& other);
};

/// What runs inside the server when its name is used, and names others in turn.
struct ProgramText {
  std::string schema;  // of names without one
  std::string text;
  bool is_view = false;
  bool may_set_modes = false;  // of the session (sql_mode, time_zone, character sets)
};

/// Whether a table of this key (ObjectNames::KeyOf) is called as something that
/// is mentioned.
bool Mentions(const NameChange& change, std::string_view key);

class ObjectNames {
 public:
  /// `exact_case`: names of schemas and tables that differ by case only are two
  /// names (lower_case_table_names = 0).
  explicit ObjectNames(bool exact_case = false);

  // Filling, by one thread before it is shared.
  void AddTable(std::string_view schema, std::string_view table);
  /// Without a schema: a loadable function.
  void AddRoutine(std::string_view schema, std::string_view name);
  /// A view, a routine, or a trigger under its table's name.
  void AddProgram(std::string_view name, ProgramText program);

  bool exact_case() const { return exact_case_; }
  /// `key` as KeyOf makes it, of names as they are written if exact_case(), else
  /// of folded ones.
  bool HasTable(std::string_view key) const;
  /// Called so in this schema, written as in a key of a table, or a loadable function.
  /// `name` is folded.
  bool HasRoutine(std::string_view schema, std::string_view name) const;
  /// Of everything that is called so, folded, in whatever schema; null for nothing.
  /// Valid as long as this list, or a copy of it.
  const std::vector<ProgramText>* ProgramsOf(std::string_view name) const;
  /// A routine's name is beyond ASCII: it may be called by other letters.
  bool has_high_routines() const { return base_->has_high_routines; }
  /// The folded name, and those of everything that may use it, itself or by way of others.
  std::vector<std::string> NamesOver(const std::string& name) const;
  /// Whether an event that was made since the list was filled may use something of this
  /// name, folded; if there are `events`, also by way of a program that was made since.
  bool EventMayUse(const std::string& name, bool events) const;
  /// Something was taken out or put in since the list was filled.
  bool changed() const { return changed_; }

  /// False: nothing of the change concerns a name that is here.
  bool Apply(const NameChange& change);
  void Learn(const TableName& table);
  /// From now on every name has to be looked up.
  void ForgetAll();

  static void KeyOf(std::string_view schema, std::string_view table, std::string& key);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;
  using Programs = std::unordered_map<std::string, std::vector<ProgramText>, Hash, std::equal_to<>>;
  struct Base {
    Names tables;
    Names routines;                                                  // keys, of folded names
    Names routine_names;                                             // folded
    std::unordered_map<std::string, std::vector<std::string>> keys;  // by folded table
    std::shared_ptr<Programs> programs = std::make_shared<Programs>();
    bool has_high_routines = false;
  };

  Base& Filling();
  void AddKey(std::string key, Base& base);
  bool Forget(const std::string& name);
  bool ForgetSchema(const std::string& schema);
  std::string KeyFor(const TableName& table) const;
  void CompactIfLarge();

  bool exact_case_;
  std::shared_ptr<Base> base_;
  // Since then; never many.
  Names gone_tables_;
  Names gone_routines_;
  std::map<std::string, std::string, std::less<>> learned_;  // key -> folded table
  Names event_words_;
  Names program_words_;
  bool changed_ = false;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_OBJECT_NAMES_H_
