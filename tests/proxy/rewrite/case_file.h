// Text files of statements before and after. Each case is
//
//   # title
//   @ directive …          (role NAME, schema NAME, mode ansi_quotes …, prepare, zone HOURS,
//   mariadb …) statement, as many lines as it takes
//   => rewritten statement  | => unchanged | => refused NUMBER text of the message
//   results: column …       (optional: what the plan knows of the result)
//   parameters: use …       (optional)
//
// Cases are separated by empty lines. docs/sql_coverage.md is made from the
// same files.
#ifndef SEALGATE_TESTS_PROXY_REWRITE_CASE_FILE_H_
#define SEALGATE_TESTS_PROXY_REWRITE_CASE_FILE_H_

#include <ostream>
#include <string>
#include <vector>

namespace sealgate::rewrite {

struct RewriteCase {
  std::string file;
  int line = 0;
  std::string title;
  std::vector<std::string> directives;
  std::string statement;
  std::string expected;
  std::string results;
  std::string parameters;
};

/// For test reports.
inline std::ostream& operator<<(std::ostream& out, const RewriteCase& test) {
  return out << test.file << ":" << test.line << " " << test.title;
}

/// Throws std::runtime_error when a file cannot be read or is malformed.
std::vector<RewriteCase> ReadCases(const std::string& path);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_TESTS_PROXY_REWRITE_CASE_FILE_H_
