#include <gtest/gtest.h>

#include <string>

#include "policy/diagnostic.h"
#include "policy/yaml_reader.h"
#include "policy/yaml_tree.h"

namespace sealgate::policy {
namespace {

struct BrokenYaml {
  std::string text;
  std::string diagnostic;
};

std::string Parsed(const std::string& text) {
  Diagnostics mistakes;
  ParseYaml(text, "f", mistakes);
  std::string all;
  for (const Diagnostic& each : mistakes) {
    all += ToText(each) + "\n";
  }
  return all;
}

TEST(Yaml, SyntaxMistakesHaveTheirPlace) {
  const BrokenYaml rows[] = {
      {"a: [1, 2",
       "f:1:1: not valid YAML: end of sequence flow not found. Check the indentation "
       "and the brackets\n"},
      {"a: 1\n b: 2\n",
       "f:2:3: not valid YAML: illegal map value. Check the indentation and the "
       "brackets\n"},
      {"a: &x 1\n", "f:1:4: an anchor ('&name') is not supported. Write the value out\n"},
      {"a: *x\n",
       "f:1:4: not valid YAML: the referenced anchor is not defined. Check the "
       "indentation and the brackets\n"},
      {"a: !!int 1\n", "f:1:4: a tag is not supported. Remove the '!'\n"},
      {"a: 1\nb: 2\na: 3\n",
       "f:3:1: key 'a' stands here twice. Remove one; the other is in line "
       "1\n"},
      {"a: 1\n---\nb: 1\n", "f:3:1: a second document. Remove the '---' line\n"},
      {"? [1]\n: 2\n", "f:1:3: a key must be a word. Write 'key: value'\n"},
      {"a: \xFF\n", "f:1:4: not valid UTF-8. Save the file as plain UTF-8 text\n"},
      {std::string("a: 1\nb: \0\n", 10),
       "f:2:4: a control character. Save the file as plain UTF-8 "
       "text\n"},
      {"a: {b: 1, b: 2}\n",
       "f:1:11: key 'b' stands here twice. Remove one; the other is in line "
       "1\n"},
  };
  for (const BrokenYaml& row : rows) {
    EXPECT_EQ(Parsed(row.text), row.diagnostic) << row.text;
  }
}

TEST(Yaml, BombsAreRefused) {
  EXPECT_NE(Parsed(std::string(100'000, '[')), "");
  EXPECT_NE(Parsed(std::string(100'000, '{')), "");
  EXPECT_EQ(Parsed(std::string(20, '[') + std::string(20, ']')),
            "f:1:17: nested deeper than 16 levels. Check the indentation and the brackets\n");
  EXPECT_EQ(Parsed(std::string((1 << 20) + 1, ' ')),
            "f: is longer than 1 MiB. Check that this is the right file\n");
}

TEST(Yaml, TreeKeepsPositionsAndQuotes) {
  Diagnostics mistakes;
  const auto root = ParseYaml("a:\n  - 'x'\n  - ~\nb: {c: y}\n", "f", mistakes);
  ASSERT_TRUE(root);
  EXPECT_TRUE(mistakes.empty());
  ASSERT_EQ(root->entries.size(), 2u);
  const YamlNode& items = root->entries[0].value;
  ASSERT_EQ(items.items.size(), 2u);
  EXPECT_EQ(items.items[0].text, "x");
  EXPECT_TRUE(items.items[0].quoted);
  EXPECT_EQ(items.items[0].at.line, 2u);
  EXPECT_EQ(items.items[0].at.column, 5u);
  EXPECT_EQ(items.items[1].kind, YamlNode::Kind::kNull);
  EXPECT_EQ(root->entries[1].value.entries[0].at.column, 5u);
}

TEST(Yaml, EmptyFileIsNull) {
  Diagnostics mistakes;
  const auto root = ParseYaml("", "f", mistakes);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->kind, YamlNode::Kind::kNull);
}

TEST(Yaml, Quantities) {
  using namespace std::chrono_literals;
  EXPECT_EQ(SizeText(64ull << 20), "64MiB");
  EXPECT_EQ(SizeText(1025), "1025");
  EXPECT_EQ(DurationText(90s), "90s");
  EXPECT_EQ(DurationText(14'400s), "4h");
  EXPECT_EQ(DurationText(0ms), "0s");
  EXPECT_EQ(NearestWord("mod", {"column", "mode"}), "mode");
  EXPECT_EQ(NearestWord("zzz", {"column", "mode"}), "");
}

}  // namespace
}  // namespace sealgate::policy
