// What equality means for a text column: the server's collation weights, one
// entry per code point, learned from the backend's WEIGHT_STRING.
#ifndef SEALGATE_POLICY_COLLATION_H_
#define SEALGATE_POLICY_COLLATION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealgate::policy {

/// Immutable once filled. Thread rule: const access from any thread.
class CollationWeights {
 public:
  CollationWeights(std::string name, bool pad_space);

  /// Filling: the weights of code point `code`, in any order, once each.
  void Set(char32_t code, std::string_view weight);

  /// Every code point that was set, by rising code.
  void ForEach(const std::function<void(char32_t, std::string_view)>& visit) const;
  /// nullopt if it was not set.
  std::optional<std::string_view> WeightOf(char32_t code) const;

  const std::string& name() const { return name_; }
  bool pad_space() const { return pad_space_; }

  /// Appends the weights of a text in UTF-8; equal weights exactly when the
  /// server calls the texts equal. False when the text is not valid UTF-8 or
  /// has a code point whose weight was not learned (then `out` is as before).
  bool Append(std::string_view utf8, std::string& out) const;

 private:
  struct Entry {
    std::uint32_t offset = kUnknown;
    std::uint32_t size = 0;
  };
  static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
  const Entry* Find(char32_t code) const;
  void StripPadding(std::size_t start, std::string& out) const;

  std::string name_;
  bool pad_space_;
  std::vector<std::vector<Entry>> pages_;  // 256 code points each
  std::string bytes_;
};

/// Collations of several levels concatenate level by level, and tailored ones
/// have contractions, so their weights are not the concatenation of their
/// characters' weights. Only collations known to be safe are searchable: *_bin,
/// *_general_ci, *_unicode_ci, *_unicode_520_ci, utf8mb4_0900_ai_ci,
/// utf8mb4_0900_bin, latin1_swedish_ci, latin1_general_ci, ascii_general_ci, and
/// their nopad forms. Not MariaDB's uca1400: it has the contractions of DUCET
/// (a Thai vowel and its consonant change places).
bool IsSearchableCollation(std::string_view name);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_COLLATION_H_
