// Executable comments (/*!40000 … */, /*M! … */), opened. Dumps are full of
// them. Whether the server runs the inside of one is its own affair; so what is
// planned and sent is a text without them, in which the inside stands in the
// open, or is gone. Internal to rewrite.
// Sources: MySQL manual, "Comments"; MariaDB manual, "Comment Syntax".
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_EXECUTABLE_COMMENT_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_EXECUTABLE_COMMENT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Bytes of a text that another one lacks.
struct RemovedText {
  std::size_t at = 0;  // in the other text: they stood in front of this place
  std::size_t size = 0;
};

/// `text` without executable comments into `out`, which is not `text`: of those that
/// this server runs only the marks go, the others wholly, and a blank stays where words
/// would touch. So the server names expressions as it would have. One that has another
/// comment in it, or a part of something that goes on behind its end, stays as it is; and
/// all do where other tokens would become of them. What went is written to `removed`, if
/// it is not null. Whether the server runs them all, and none stayed.
bool OpenExecutableComments(const policy::Catalog& server, sql::LexMode mode, std::string_view text,
                            std::string& out, std::vector<RemovedText>* removed = nullptr);

/// The same of a session's text, in which semicolons may stand within one that is opened, too, if
/// what becomes of the text is one program.
bool OpenCommentsOf(const policy::Catalog& server, const SessionFacts& facts, std::string_view text,
                    std::string& out, std::vector<RemovedText>* removed = nullptr);

/// Where the byte at `place` of the opened text stood in the text.
std::size_t PlaceInText(const std::vector<RemovedText>& removed, std::size_t place);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_EXECUTABLE_COMMENT_H_
