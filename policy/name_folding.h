// Names of schemas, tables, columns and routines, compared on the safe side.
#ifndef SEALGATE_POLICY_NAME_FOLDING_H_
#define SEALGATE_POLICY_NAME_FOLDING_H_

#include <string>
#include <string_view>
#include <unordered_set>

namespace sealgate::policy {

/// ASCII to lower case; the characters that a server's lower-casing maps to
/// ASCII letters likewise (U+212A to k, U+0130 to i, U+017F to s); other letters of
/// UTF-8 to one of their case (letter_case.h).
std::string FoldName(std::string_view name);
/// Appends it.
void FoldName(std::string_view name, std::string& out);
bool EqualsFolded(std::string_view left, std::string_view right);

/// Whether two folded names may be one to a collation that knows no accents, by which the
/// servers find routines: a Latin one above ASCII may be equal to any one letter, and those of
/// other scripts to each other.
bool MayBeWithoutAccents(std::string_view left, std::string_view right);

/// The folded name as it stands in quotes of this kind, which are doubled in it.
std::string InQuotes(std::string_view name, char quote);

/// As the name may stand in a text: without quotes, or in any, which are doubled in it (`]` by
/// sql_mode MSSQL).
template <typename Stands>
bool StandsInAnyQuotes(const std::string& name, Stands stands) {
  if (stands(std::string_view(name))) return true;
  for (const char quote : {'`', '"', ']'}) {
    const bool doubled = name.find(quote) != std::string::npos;
    if (doubled && stands(std::string_view(InQuotes(name, quote)))) return true;
  }
  return false;
}

/// The words of an SQL text, folded, without regard to quotes and comments:
/// whatever could be a name is found, and more.
class WordScan {
 public:
  explicit WordScan(std::string_view sql);
  /// `folded` may have characters of quoted names only (space, '-').
  bool Mentions(const std::string& folded) const;
  /// The same of a routine's or a variable's name (MayBeWithoutAccents).
  bool MentionsWithoutAccents(const std::string& folded) const;

 private:
  void AddWords(bool (*is_part)(char));

  std::string text_;
  std::unordered_set<std::string> words_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_NAME_FOLDING_H_
