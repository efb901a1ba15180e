// Executable comments (/*!40000 … */, /*M! … */), opened. Dumps are full of
// them. Whether the server runs the inside of one is its own affair; so what is
// planned and sent is a text without them, in which the inside stands in the
// open, or is gone. Internal to rewrite.
// Sources: MySQL manual, "Comments"; MariaDB manual, "Comment Syntax".
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_EXECUTABLE_COMMENT_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_EXECUTABLE_COMMENT_H_

#include <string>
#include <string_view>

#include "policy/catalog.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// `text` without executable comments into `out`: of those that this server runs
/// only the marks are blanked, the others wholly. Every other byte keeps its
/// place. One that has another comment in it, or a part of something that goes on behind
/// its end, stays as it is. Whether the server runs them all, and none stayed.
bool OpenExecutableComments(const policy::Catalog& server, sql::LexMode mode, std::string_view text,
                            std::string& out);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_EXECUTABLE_COMMENT_H_
