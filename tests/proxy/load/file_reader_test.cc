#include "proxy/load/file_reader.h"

#include <gtest/gtest.h>

#include "tests/proxy/load/read_rows.h"

namespace sealgate::load {
namespace {

// "a|NULL|b+" is a row of three fields that had more than these.
std::string Text(const ReadFile& file) {
  std::string out;
  for (const ReadRow& row : file.rows) {
    std::string line;
    for (const auto& field : row.fields) line += "|" + field.value_or("<null>");
    out += line.substr(1) + (row.cut ? "+" : "") + ";";
  }
  if (file.error == FileError::kNotUtf8) out += "not utf8";
  if (file.error == FileError::kUnclosed) out += "unclosed";
  return out;
}

struct Case {
  FileFormat format;
  std::string file;
  std::string rows;  // of two fields
};

FileFormat Csv() {
  FileFormat format;
  format.field_end = ",";
  format.enclosed = '"';
  return format;
}

FileFormat With(FileFormat format, void (*change)(FileFormat&)) {
  change(format);
  return format;
}

const FileFormat kUtf8 = With({}, [](FileFormat& f) { f.encoding = Encoding::kUtf8mb4; });
const FileFormat kQuoteEscapes = With(Csv(), [](FileFormat& f) { f.escape = '"'; });
const FileFormat kNoEscape = With(Csv(), [](FileFormat& f) { f.escape.reset(); });
const FileFormat kStarting = With({}, [](FileFormat& f) { f.line_start = "xxy"; });
const FileFormat kLong = With(Csv(), [](FileFormat& f) {
  f.field_end = "<>";
  f.line_end = "<|>";
});
const FileFormat kSkipsTwo = With(Csv(), [](FileFormat& f) { f.skip_lines = 2; });

std::vector<Case> Cases() {
  using std::string;
  return {
      {{}, "", ""},
      {{}, "1\ta\n2\tb\n", "1|a;2|b;"},
      {{}, "1\ta\n2\tb", "1|a;2|b;"},
      {{}, "\n", ";"},
      {{}, "1\n\n", "1;;"},
      {{}, "1\t", "1;"},
      {{}, "1\t\n", "1|;"},
      {{}, "1\t2\t\n3\t4\t", "1|2;3|4;"},
      {{}, "1\t2\t3\n4\t5\t6", "1|2+;4|5;"},
      {{}, "1\t2\t\\\n3\n", "1|2+;"},
      {{}, "\\N\tN\n\\N1\t\\\\N\n", "<null>|N;N1|\\N;"},
      {{}, "a\\tb\\nc\\r\\b\\Z\\q\t\\\n\\\t\n", "a\tb\nc\r\b\x1Aq|\n\t;"},
      {{}, string("\\0\t\0\n", 5), string("\0|\0;", 4)},
      {{}, "NULL\tx\\", "NULL|x\\;"},
      {Csv(), "\"a,b\",\"c\n\"\n", "a,b|c\n;"},
      {Csv(), "NULL,\"NULL\"\n\\N,\"\\N\"\nN\\ULL,NULLS\n",
       "<null>|NULL;<null>|<null>;<null>|NULLS;"},
      {Csv(), "\"a\"\"b\",\"c\"d\",\"\n", "a\"b|c\"d+;"},
      {Csv(), "\"a\\\"b\",\"\"", "a\"b|;"},
      {Csv(), "a\"b\",\"\"\"\"\n", "a\"b\"|\";"},
      {Csv(), "1,\"ab", "unclosed"},
      {Csv(), "1,2,\"\n3,4\n", "1|2+;3|4;"},
      {kQuoteEscapes, "\"fie\"\"ld1\",\"x\\n\"\n", "fie\"ld1|x\\n;"},
      {kQuoteEscapes, "a\"\"b,c\"d\n", "a\"b|c\"d;"},
      {kQuoteEscapes, "1,\"2\"", "unclosed"},
      {kQuoteEscapes, "\"N,1\n", "unclosed"},
      {kNoEscape, "\"a\\\",\\N\n", "a\\|\\N;"},
      {kLong, "a<b<>c<|d<|>\"e<>\"<>f<|>g", "a<b|c<|d;e<>|f;g;"},
      {kLong, "\"a\"<\"<>b<|", "a\"<|b<|;"},
      {kSkipsTwo, "\"a\n\\\nb\"\nc\n1,2\n", "c;1|2;"},
      {kSkipsTwo, "a\n", ""},
      {kStarting, "junk\nxxxy1\t2\nxx\nxxy3\t4\nxx", "1|2;3|4;"},
      {kStarting, "xxy", ""},
      {kUtf8, "\xC3\xA9\t\xF0\x9F\x98\x80\n\\\xE2\x82\xAC\t\n",
       "\xC3\xA9|\xF0\x9F\x98\x80;\xE2\x82\xAC|;"},
      {kUtf8, "a\t\xC3\n", "not utf8"},
      {kUtf8, "a\t\xE2\x82", "not utf8"},
      {kUtf8, "a\t\xED\xA0\x80\n", "not utf8"},
      {kUtf8, "a\tb\t\xC0\xAF\n", "not utf8"},
      {kUtf8, "a\tb\t\xC3\xA9\n", "a|b+;"},
      {With(kUtf8, [](FileFormat& f) { f.encoding = Encoding::kUtf8mb3; }),
       "\xC3\xA9\t\xF0\x9F\x98\x80\n", "not utf8"},
      {With(kUtf8, [](FileFormat& f) { f.skip_lines = 1; }), "\xE9\n1\t2\n", "not utf8"},
      {{}, "\xC3\t\xFF\n", "\xC3|\xFF;"},
  };
}

TEST(FileReader, ReadsAsTheServersDoHoweverTheFileIsSplit) {
  for (const Case& test : Cases()) {
    SCOPED_TRACE(testing::PrintToString(test.file));
    const ReadFile whole = Read(test.format, 2, test.file, test.file.size() + 1, false);
    EXPECT_EQ(Text(whole), test.rows);
    for (std::size_t piece = 1; piece < 5; ++piece) {
      EXPECT_EQ(Read(test.format, 2, test.file, piece), whole) << piece;
      EXPECT_EQ(Read(test.format, 2, test.file, piece, false), whole) << piece;
    }
  }
}

TEST(FileReader, LongRunsAcrossPieces) {
  const std::string big(1000, 'x');
  const std::string file = "1<>" + big + "<|>" + big + "<>2<|>";
  for (const std::size_t piece : {1u, 7u, 100u, 127u, 128u, 129u, 500u}) {
    EXPECT_EQ(Text(Read(kLong, 2, file, piece)), "1|" + big + ";" + big + "|2;");
  }
}

TEST(FileReader, AnErrorStays) {
  const FileFormat format = Csv();
  FileReader reader(format, 1);
  RowCollector rows;
  EXPECT_TRUE(reader.Read("\"a", false, rows));
  EXPECT_EQ(reader.Read("b", true, rows).error(), FileError::kUnclosed);
  EXPECT_EQ(reader.Read("\"\n", true, rows).error(), FileError::kUnclosed);
}

TEST(RowWriter, WhatItWritesReadsTheSame) {
  for (const Case& test : Cases()) {
    SCOPED_TRACE(testing::PrintToString(test.file));
    const std::vector<ReadRow> rows = Read(test.format, 2, test.file, 1000).rows;
    // Behind the last field the server is told of one more, which only cut rows have.
    std::vector<ReadRow> expected = rows;
    for (ReadRow& row : expected) {
      if (row.cut) row.fields.emplace_back("");
    }
    const std::string written = Write(rows);
    EXPECT_EQ(Read(WrittenFormat(), 3, written, 1000).rows, expected) << written;
  }
}

TEST(RowWriter, SealedIsHexAndNullIsEmpty) {
  RowWriter writer;
  std::string out;
  writer.Sealed(std::string_view("\xFE\x00\t", 3), out);
  writer.EndBytes(true, out);
  writer.Sealed({}, out);
  writer.EndRow(false, out);
  EXPECT_EQ(out, "FE0009\t\\N\t\n");
}

TEST(RowWriter, FailureFillsTheRowUnderWay) {
  RowWriter writer;
  std::string out;
  writer.EndWithFailure(3, out);
  EXPECT_EQ(out, "\t\t\tx\n");
  out.clear();
  writer.Bytes("abcdef", out);
  writer.EndWithFailure(3, out);
  EXPECT_EQ(out, "abcdef\t\t\tx\n");
  out.clear();
  writer.EndBytes(false, out);
  writer.EndBytes(false, out);
  writer.EndBytes(false, out);
  writer.EndWithFailure(3, out);
  EXPECT_EQ(out, "\t\t\tx\n");
}

}  // namespace
}  // namespace sealgate::load
