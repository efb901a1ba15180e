// A strict reader of Prometheus' text format, version 0.0.4, for tests.
#ifndef SEALGATE_TESTS_METRICS_EXPOSITION_TEXT_H_
#define SEALGATE_TESTS_METRICS_EXPOSITION_TEXT_H_

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sealgate::metrics {

struct ParsedSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct ParsedFamily {
  std::string help;
  std::string type;
  std::vector<ParsedSample> samples;
};

/// Throws std::runtime_error at the first line that it does not understand.
class ExpositionText {
 public:
  explicit ExpositionText(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("# HELP ", 0) == 0) {
        Comment(line.substr(7), &ParsedFamily::help);
      } else if (line.rfind("# TYPE ", 0) == 0) {
        Comment(line.substr(7), &ParsedFamily::type);
      } else if (!line.empty()) {
        AddSample(line);
      }
    }
  }

  std::map<std::string, ParsedFamily> families;

  const ParsedSample& Find(const std::string& name,
                           const std::map<std::string, std::string>& labels = {}) const {
    for (const auto& [family_name, family] : families) {
      for (const ParsedSample& sample : family.samples) {
        if (sample.name == name && sample.labels == labels) return sample;
      }
    }
    throw std::runtime_error("no sample " + name);
  }

 private:
  void Comment(const std::string& line, std::string ParsedFamily::*member) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) throw std::runtime_error("bare comment: " + line);
    current_ = line.substr(0, space);
    std::string& text = families[current_].*member;
    if (!text.empty()) throw std::runtime_error("twice: " + line);
    text = line.substr(space + 1);
  }

  void AddSample(const std::string& line) {
    ParsedSample sample;
    std::size_t at = line.find_first_of("{ ");
    sample.name = line.substr(0, at);
    if (sample.name.rfind(current_, 0) != 0) throw std::runtime_error("stray sample: " + line);
    if (line.at(at) == '{') at = Labels(line, at + 1, sample);
    std::size_t used = 0;
    sample.value = std::stod(line.substr(at + 1), &used);
    if (at + 1 + used != line.size()) throw std::runtime_error("bad value: " + line);
    families[current_].samples.push_back(sample);
  }

  /// Returns the offset of the space after the closing brace.
  static std::size_t Labels(const std::string& line, std::size_t at, ParsedSample& sample) {
    while (line.at(at) != '}') {
      const std::size_t equals = line.find("=\"", at);
      const std::string name = line.substr(at, equals - at);
      std::string value;
      for (at = equals + 2; line.at(at) != '"'; ++at) {
        if (line[at] == '\\') ++at;
        value += line.at(at);
      }
      if (!sample.labels.emplace(name, value).second) throw std::runtime_error("label twice");
      if (line.at(++at) == ',') ++at;
    }
    return at + 1;
  }

  std::string current_;
};

}  // namespace sealgate::metrics

#endif  // SEALGATE_TESTS_METRICS_EXPOSITION_TEXT_H_
