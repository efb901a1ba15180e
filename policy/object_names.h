// Every table, view and routine that the server had when it was last read,
// protected or not: what is not among them may be new, and anything.
// Thread rule: const access from any thread.
#ifndef SEALGATE_POLICY_OBJECT_NAMES_H_
#define SEALGATE_POLICY_OBJECT_NAMES_H_

#include <string>
#include <string_view>
#include <unordered_set>

namespace sealgate::policy {

class ObjectNames {
 public:
  /// The lists are whole. Until then nothing can be concluded from them.
  bool listed = false;

  void AddTable(std::string_view schema, std::string_view table);
  void AddRoutine(std::string_view name);

  /// `key` as KeyOf makes it.
  bool HasTable(std::string_view key) const { return tables_.find(key) != tables_.end(); }
  /// Of any schema; folded.
  bool HasRoutine(std::string_view name) const { return routines_.find(name) != routines_.end(); }

  /// Both names folded.
  static void KeyOf(std::string_view schema, std::string_view table, std::string& key);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;
  Names tables_;
  Names routines_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_OBJECT_NAMES_H_
