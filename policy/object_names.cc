#include "policy/object_names.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "policy/name_folding.h"
#include "policy/server_event.h"

namespace sealgate::policy {
namespace {

// What is copied at each change.
constexpr std::size_t kMostChanges = 256;
// More names than this in one question, and reading the schema costs no more.
constexpr std::size_t kMostUnknown = 16;

template <typename T>
bool Contains(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

template <typename T>
bool ContainsAll(const std::vector<T>& list, const std::vector<T>& items) {
  return std::all_of(items.begin(), items.end(),
                     [&list](const T& item) { return Contains(list, item); });
}

std::string_view SchemaOf(std::string_view key) { return key.substr(0, key.find('\0')); }
std::string_view TableOf(std::string_view key) { return key.substr(key.find('\0') + 1); }

}  // namespace

void UnknownNames::AddTable(TableName name) {
  if (Contains(tables, name)) return;
  if (tables.size() == kMostUnknown) whole = true;
  if (!whole) tables.push_back(std::move(name));
}

void UnknownNames::AddRoutine(std::string name) {
  if (Contains(routines, name)) return;
  if (routines.size() == kMostUnknown) whole = true;
  if (!whole) routines.push_back(std::move(name));
}

void UnknownNames::AddCollation(std::string name) {
  if (!Contains(collations, name)) collations.push_back(std::move(name));
}

void UnknownNames::Add(const UnknownNames& other) {
  whole = whole || other.whole;
  for (const std::string& collation : other.collations) AddCollation(collation);
  for (const TableName& table : other.tables) AddTable(table);
  for (const std::string& routine : other.routines) AddRoutine(routine);
}

bool UnknownNames::Covers(const UnknownNames& other) const {
  if (!ContainsAll(collations, other.collations)) return false;
  if (whole) return true;
  return !other.whole && ContainsAll(tables, other.tables) && ContainsAll(routines, other.routines);
}

void NameChange::Add(const NameChange& other) {
  mentioned.insert(mentioned.end(), other.mentioned.begin(), other.mentioned.end());
  schemas.insert(schemas.end(), other.schemas.begin(), other.schemas.end());
  by_event = by_event || other.by_event;
  by_program = by_program || other.by_program;
}

bool Mentions(const NameChange& change, std::string_view key) {
  return Contains(change.mentioned, FoldName(TableOf(key)));
}

ObjectNames::ObjectNames(bool exact_case)
    : exact_case_(exact_case), base_(std::make_shared<Base>()) {}

void ObjectNames::KeyOf(std::string_view schema, std::string_view table, std::string& key) {
  key.assign(schema).append(1, '\0').append(table);
}

std::string ObjectNames::KeyFor(const TableName& table) const {
  std::string key;
  if (exact_case_) {
    KeyOf(table.schema, table.table, key);
  } else {
    KeyOf(FoldName(table.schema), FoldName(table.table), key);
  }
  return key;
}

// A copy may have the list already.
ObjectNames::Base& ObjectNames::Filling() {
  if (base_.use_count() > 1) base_ = std::make_shared<Base>(*base_);
  return *base_;
}

void ObjectNames::AddKey(std::string key, Base& base) {
  std::vector<std::string>& same = base.keys[FoldName(TableOf(key))];
  if (!base.tables.insert(key).second) return;
  same.push_back(std::move(key));
}

void ObjectNames::AddTable(std::string_view schema, std::string_view table) {
  AddKey(KeyFor({std::string(schema), std::string(table)}), Filling());
}

void ObjectNames::AddRoutine(std::string_view schema, std::string_view name) {
  Base& base = Filling();
  const std::string folded = FoldName(name);
  std::string key;
  KeyOf(exact_case_ ? std::string(schema) : FoldName(schema), folded, key);
  base.routines.insert(std::move(key));
  base.has_high_routines = base.has_high_routines || !ascii::IsAscii(folded);
  base.routine_names.insert(folded);
}

void ObjectNames::AddProgram(std::string_view name, ProgramText program) {
  Base& base = Filling();
  if (base.programs.use_count() > 1) base.programs = std::make_shared<Programs>(*base.programs);
  const bool high = !program.is_view && !ascii::IsAscii(name);
  base.has_high_routines = base.has_high_routines || high;
  (*base.programs)[FoldName(name)].push_back(std::move(program));
}

const std::vector<ProgramText>* ObjectNames::ProgramsOf(std::string_view name) const {
  const auto found = base_->programs->find(name);
  return found == base_->programs->end() ? nullptr : &found->second;
}

std::vector<std::string> ObjectNames::NamesOver(const std::string& name) const {
  std::vector<std::string> names{name};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string used = names[i];  // the list grows
    for (const auto& [other, programs] : *base_->programs) {
      const auto uses = [&](const ProgramText& program) { return MayUse(program.text, used); };
      const bool known = std::find(names.begin(), names.end(), other) != names.end();
      if (!known && std::any_of(programs.begin(), programs.end(), uses)) names.push_back(other);
    }
  }
  return names;
}

bool ObjectNames::HasTable(std::string_view key) const {
  if (!learned_.empty() && learned_.find(key) != learned_.end()) return true;
  if (!gone_tables_.empty() && gone_tables_.find(key) != gone_tables_.end()) return false;
  return base_->tables.find(key) != base_->tables.end();
}

bool ObjectNames::HasRoutine(std::string_view schema, std::string_view name) const {
  if (!gone_routines_.empty() && gone_routines_.find(name) != gone_routines_.end()) return false;
  const auto has = [&](std::string_view in) {
    std::string key;
    KeyOf(in, name, key);
    return base_->routines.find(key) != base_->routines.end();
  };
  return has(schema) || has("");
}

bool ObjectNames::Forget(const std::string& name) {
  bool any = false;
  if (const auto found = base_->keys.find(name); found != base_->keys.end()) {
    for (const std::string& key : found->second) any = gone_tables_.insert(key).second || any;
  }
  if (base_->routine_names.find(name) != base_->routine_names.end()) {
    any = gone_routines_.insert(name).second || any;
  }
  return std::erase_if(learned_, [&name](const auto& each) { return each.second == name; }) > 0 ||
         any;
}

// With all routines, which one of the schema may call.
bool ObjectNames::ForgetSchema(const std::string& schema) {
  bool any = false;
  for (const std::string& name : base_->routine_names) {
    any = gone_routines_.insert(name).second || any;
  }
  for (const std::string& key : base_->tables) {
    if (FoldName(SchemaOf(key)) == schema) any = gone_tables_.insert(key).second || any;
  }
  const auto inside = [&schema](const auto& each) {
    return FoldName(SchemaOf(each.first)) == schema;
  };
  return std::erase_if(learned_, inside) > 0 || any;
}

bool ObjectNames::EventMayUse(const std::string& name, bool events) const {
  // A guard of dynamic SQL knows the names of its day.
  const auto may_use = [&name](const Names& words) {
    return words.contains(name) || words.contains("prepare") || words.contains("immediate");
  };
  return may_use(event_words_) || ((events || !event_words_.empty()) && may_use(program_words_));
}

bool ObjectNames::Apply(const NameChange& change) {
  bool any = change.by_event || change.by_program;
  if (change.by_event) event_words_.insert(change.mentioned.begin(), change.mentioned.end());
  if (change.by_program) program_words_.insert(change.mentioned.begin(), change.mentioned.end());
  for (const std::string& name : change.mentioned) any = Forget(name) || any;
  for (const std::string& schema : change.schemas) any = ForgetSchema(schema) || any;
  if (change.made) {
    Learn(*change.made);
    any = true;
  }
  changed_ = changed_ || any;
  CompactIfLarge();
  return any;
}

void ObjectNames::Learn(const TableName& table) {
  learned_.insert_or_assign(KeyFor(table), FoldName(table.table));
  changed_ = true;
  CompactIfLarge();
}

void ObjectNames::ForgetAll() {
  auto base = std::make_shared<Base>();
  base->programs = base_->programs;
  base_ = std::move(base);
  gone_tables_.clear();
  gone_routines_.clear();
  learned_.clear();
  changed_ = true;
}

void ObjectNames::CompactIfLarge() {
  if (gone_tables_.size() + gone_routines_.size() + learned_.size() <= kMostChanges) return;
  auto base = std::make_shared<Base>();
  base->programs = base_->programs;
  for (const std::string& key : base_->tables) {
    if (gone_tables_.find(key) == gone_tables_.end()) AddKey(key, *base);
  }
  for (const auto& [key, folded] : learned_) AddKey(key, *base);
  for (const std::string& key : base_->routines) {
    std::string name(TableOf(key));
    if (gone_routines_.find(name) != gone_routines_.end()) continue;
    base->routines.insert(key);
    base->routine_names.insert(std::move(name));
  }
  base_ = std::move(base);
  gone_tables_.clear();
  gone_routines_.clear();
  learned_.clear();
}

}  // namespace sealgate::policy
