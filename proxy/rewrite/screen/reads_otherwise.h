// What a server makes of a text that it prepared under other session modes. It keeps
// the text, and prepares it anew when a table has changed, MySQL by the modes that hold
// then: "name" may have been a string, and become a column.
// Sources: MySQL manual, "Caching of Prepared Statements and Stored Programs"; tried on
// MySQL 9.7.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_READS_OTHERWISE_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_READS_OTHERWISE_H_

#include <string_view>

#include "proxy/rewrite/plan/session_facts.h"

namespace sealgate::rewrite {

/// Whether the text may become other tokens by the modes of `now` than by those of
/// `then`. Free of cost while they are the same.
bool ReadsOtherwise(std::string_view text, const SessionFacts& then, const SessionFacts& now);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_READS_OTHERWISE_H_
