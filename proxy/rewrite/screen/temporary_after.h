// What is known of a session's temporary tables once a statement of its own was
// answered. One may be in place of a view by the same name, and when it is gone, a
// view may be in its place; neither is seen anywhere but in this session's statements.
// In the open, CREATE TEMPORARY TABLE and DROP say what they do; procedures, functions,
// triggers, dynamic SQL and statements within others do not.
// Sources: MySQL manual, "CREATE TEMPORARY TABLE Statement"; tried on MariaDB 10.11 and
// MySQL 9.7.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_TEMPORARY_AFTER_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_TEMPORARY_AFTER_H_

#include <string_view>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/aftermath.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Of all statements of the text, whose executable comments are opened; `raw` is the
/// text with them, and `as_read` if the server runs every one as it is opened. Names of
/// programs mean what `catalog` knows of them.
TemporaryAfter TemporaryAfterOf(const policy::Catalog& catalog, const SessionFacts& facts,
                                std::string_view raw, const sql::TokenList& opened, bool as_read);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_TEMPORARY_AFTER_H_
