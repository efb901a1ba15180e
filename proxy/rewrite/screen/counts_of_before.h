// Statements whose programs read what FOUND_ROWS() and ROW_COUNT() are of the statement before.
// A question of Sealgate's own in between would change them.
//
// A program that has made counts of its own, by a statement that runs whatever happens,
// reads those. Sources: MySQL manual, "Information Functions"; tried on MariaDB 10.11 and
// MySQL 9.7. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_COUNTS_OF_BEFORE_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_COUNTS_OF_BEFORE_H_

#include <string_view>

#include "policy/snapshot.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/rewrite/screen/unasked.h"

namespace sealgate::rewrite {

/// Whether the text of a view, a routine or a trigger may read a disturbed count. One that
/// cannot be read may.
bool BodyReadsCounts(std::string_view body, const Disturbed& disturbed);

/// Whether a program may that the statement uses, itself, in turn, or in the literal of an
/// EXECUTE IMMEDIATE.
bool ProgramsReadCounts(KnownNames& names, const policy::Snapshot& snapshot,
                        const SessionFacts& facts, std::string_view text,
                        const Disturbed& disturbed);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_COUNTS_OF_BEFORE_H_
