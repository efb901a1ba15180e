#include "tests/proxy/rewrite/case_file.h"

#include <fstream>
#include <stdexcept>

namespace sealgate::rewrite {
namespace {

bool StripPrefix(std::string& line, const std::string& prefix) {
  if (line.rfind(prefix, 0) != 0) return false;
  line.erase(0, prefix.size());
  return true;
}

void Append(std::string& text, const std::string& line) {
  if (!text.empty()) text += "\n";
  text += line;
}

}  // namespace

std::vector<RewriteCase> ReadCases(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<RewriteCase> cases;
  RewriteCase current;
  const auto finish = [&] {
    if (current.title.empty()) return;
    if (current.statement.empty() || current.expected.empty()) {
      throw std::runtime_error(path + ": incomplete case " + current.title);
    }
    cases.push_back(current);
    current = {};
  };
  std::string line;
  int number = 0;
  bool after_arrow = false;
  while (std::getline(in, line)) {
    ++number;
    if (line.empty()) {
      finish();
      after_arrow = false;
    } else if (current.title.empty()) {
      if (!StripPrefix(line, "# ")) throw std::runtime_error(path + ": no title: " + line);
      current.title = line;
      current.file = path;
      current.line = number;
    } else if (!after_arrow && StripPrefix(line, "@ ")) {
      current.directives.push_back(line);
    } else if (StripPrefix(line, "=> ")) {
      after_arrow = true;
      current.expected = line;
    } else if (after_arrow && StripPrefix(line, "results: ")) {
      current.results = line;
    } else if (after_arrow && StripPrefix(line, "parameters: ")) {
      current.parameters = line;
    } else {
      Append(after_arrow ? current.expected : current.statement, line);
    }
  }
  finish();
  return cases;
}

}  // namespace sealgate::rewrite
