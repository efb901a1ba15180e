// Letters above ASCII without regard to case. Wider than either server's lower-casing
// (utf8mb3_general_ci), which knows fewer letters: names that are one to a server are
// one here.
#ifndef SEALGATE_POLICY_LETTER_CASE_H_
#define SEALGATE_POLICY_LETTER_CASE_H_

#include <cstdint>

namespace sealgate::policy {

/// One letter for all that differ by case only; anything else as it is. Identifiers
/// have no character above U+FFFF, and those are not folded.
char32_t FoldLetter(char32_t letter);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_LETTER_CASE_H_
