// An explanation as text and as JSON.
#include <fmt/format.h>

#include <algorithm>

#include "proxy/explain/explain.h"

namespace sealgate::explain {
namespace {

std::string_view OutcomeName(Explanation::Outcome outcome) {
  switch (outcome) {
    case Explanation::Outcome::kPasses:
      return "passes";
    case Explanation::Outcome::kRewritten:
      return "rewritten";
    case Explanation::Outcome::kRefused:
      break;
  }
  return "refused";
}

std::string_view Summary(const Explanation& explanation) {
  switch (explanation.outcome) {
    case Explanation::Outcome::kPasses:
      return explanation.tables.empty()
                 ? "passes byte for byte: no name in it can be a protected table's"
                 : "passes byte for byte: it carries and shows no protected value";
    case Explanation::Outcome::kRewritten:
      return "goes to the server changed, or its answer is changed";
    case Explanation::Outcome::kRefused:
      break;
  }
  return "refused";
}

void Section(std::string& out, std::string_view title, std::string_view text) {
  const std::string label = title == " " ? std::string() : std::string(title) + ":";
  out += fmt::format("{:<11} {}\n", label, text);
}

// The title stands before the first line only.
template <typename Items, typename ToLine>
void List(std::string& out, std::string_view title, const Items& items, ToLine to_line) {
  std::size_t number = 0;
  for (const auto& item : items) {
    ++number;
    Section(out, number == 1 ? title : " ", to_line(item, number));
  }
}

std::string ReferenceLine(const Reference& reference) {
  std::string line =
      fmt::format("{} ({}, mode {}", reference.column,
                  reference.type.empty() ? "plaintext" : reference.type, reference.mode);
  if (reference.domain != reference.column) line += ", domain " + reference.domain;
  return line + fmt::format("); this role: reveal {}, write {}, search {}", reference.reveal,
                            reference.write ? "yes" : "no", reference.search ? "yes" : "no");
}

// The line of the statement that has the place, and a caret under it.
std::string Place(std::string_view statement, std::size_t position) {
  position = std::min(position, statement.size());
  const std::size_t before =
      position == 0 ? std::string_view::npos : statement.rfind('\n', position - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t end = std::min(statement.find('\n', position), statement.size());
  std::string blanks;
  for (const char c : statement.substr(begin, position - begin)) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (!continues) blanks += c == '\t' ? '\t' : ' ';
  }
  return fmt::format("\n  {}\n  {}^\n", statement.substr(begin, end - begin), blanks);
}

}  // namespace

std::string ToText(const Explanation& explanation, std::string_view statement) {
  std::string out;
  const auto same = [](const std::string& text, std::size_t) { return text; };
  Section(out, "role", explanation.role);
  Section(out, "shape", explanation.shape);
  List(out, "tables", explanation.tables, [](const HotTable& table, std::size_t) {
    return fmt::format("{}: {}", table.name, table.what);
  });
  List(out, "columns", explanation.references,
       [](const Reference& reference, std::size_t) { return ReferenceLine(reference); });
  if (explanation.outcome != Explanation::Outcome::kRefused) {
    Section(out, "outcome", Summary(explanation));
    if (explanation.writes) Section(out, " ", "it is a write: held while the write gate is closed");
    if (!explanation.to_server.empty()) Section(out, "to server", explanation.to_server);
    List(out, "parameters", explanation.parameters, same);
    List(out, "results", explanation.results, [](const std::string& text, std::size_t number) {
      return fmt::format("{}: {}", number, text);
    });
    return out;
  }
  Section(out, "outcome",
          fmt::format("refused, error {} ({})", explanation.code, explanation.sqlstate));
  if (explanation.position) out += Place(statement, *explanation.position) + "\n";
  Section(out, "reason", explanation.message);
  Section(out, "instead", explanation.advice);
  return out;
}

nlohmann::json ToJson(const Explanation& explanation) {
  nlohmann::json json{{"outcome", OutcomeName(explanation.outcome)},
                      {"role", explanation.role},
                      {"shape", explanation.shape},
                      {"prepared", explanation.prepared},
                      {"writes", explanation.writes},
                      {"tables", nlohmann::json::array()},
                      {"columns", nlohmann::json::array()}};
  for (const HotTable& table : explanation.tables) {
    json["tables"].push_back({{"name", table.name}, {"what", table.what}});
  }
  for (const Reference& reference : explanation.references) {
    json["columns"].push_back({{"column", reference.column},
                               {"domain", reference.domain},
                               {"mode", reference.mode},
                               {"type", reference.type},
                               {"reveal", reference.reveal},
                               {"write", reference.write},
                               {"search", reference.search}});
  }
  if (explanation.outcome == Explanation::Outcome::kRefused) {
    json["error"] = {{"code", explanation.code},
                     {"sqlstate", explanation.sqlstate},
                     {"message", explanation.message},
                     {"advice", explanation.advice}};
    if (explanation.position) json["error"]["position"] = *explanation.position;
    return json;
  }
  if (!explanation.to_server.empty()) json["to_server"] = explanation.to_server;
  json["parameters"] = explanation.parameters;
  json["results"] = explanation.results;
  return json;
}

}  // namespace sealgate::explain
