#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/wire/com_stmt_bulk_execute.h"
#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

const std::vector<ParamType> kTypes = {{FieldType::kLong, true}, {FieldType::kVarString, false}};

Decoded<ComStmtBulkExecute> Decode(std::string_view bytes) {
  return DecodeComStmtBulkExecute(bytes, 2, kTypes);
}

std::string Encoded(const ComStmtBulkExecute& bulk,
                    const std::vector<std::vector<BulkParam>>& rows) {
  std::string out;
  Writer writer(out);
  EncodeBulkHead(bulk, writer);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) EncodeBulkParam(bulk.types[i], row[i], writer);
  }
  EXPECT_TRUE(writer.ok());
  return out;
}

TEST(BulkExecuteTest, RowsOfEveryIndicator) {
  const std::string seven = Hex("07000000");
  const std::vector<std::vector<BulkParam>> rows = {
      {{BulkIndicator::kNone, seven}, {BulkIndicator::kNone, "ab"}},
      {{BulkIndicator::kNull, ""}, {BulkIndicator::kDefault, ""}},
      {{BulkIndicator::kIgnore, ""}, {BulkIndicator::kNone, ""}}};
  const ComStmtBulkExecute bulk{
      .statement_id = 5, .flags = kBulkTypesSent, .types = kTypes, .rows = {}};
  const std::string bytes = Encoded(bulk, rows);
  EXPECT_EQ(bytes, Hex("fa 05000000 8000 03 80 fd 00"
                       "00 07000000 00 02 'ab'  01 02  03 00 00"));
  // Every length that ends between two rows is a message, every other one is not.
  std::size_t whole = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const ExactBuffer exact(std::string_view(bytes).substr(0, size));
    const auto decoded = Decode(exact.view());
    if (!decoded) continue;
    std::vector<std::vector<BulkParam>> read;
    BulkRowReader reader(decoded->rows, decoded->types);
    std::vector<BulkParam> row;
    while (reader.Next(row)) read.push_back(row);
    if (!reader.ok()) continue;
    ++whole;
    ASSERT_EQ(read.size(), whole);
    EXPECT_EQ(read.back(), rows[whole - 1]);
  }
  EXPECT_EQ(whole, rows.size());
}

TEST(BulkExecuteTest, WithoutTypesThePreviousOnesCount) {
  const std::string bytes = Hex("fa 05000000 0000 01 01");
  const auto decoded = Decode(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->types, kTypes);
  const auto first = [](std::string_view in) {
    return DecodeComStmtBulkExecute(in, 2, std::span(kTypes).first(1));
  };
  ExpectError("fa 05000000 0000 01 01", DecodeError::kMalformed, first);
}

TEST(BulkExecuteTest, Errors) {
  const auto decode = [](std::string_view bytes) { return Decode(bytes); };
  ExpectError("fa 05000000 0100 01 01", DecodeError::kUnsupported, decode);
  ExpectError("fa 05000000 8000 03 00 fd 00", DecodeError::kTruncated, decode);
  ExpectError("fa 05000000 8000 09 00 fd 00 01 01", DecodeError::kUnsupported, decode);
  ExpectError("17 05000000 0000 01 01", DecodeError::kMalformed, decode);
  const auto none = [](std::string_view in) { return DecodeComStmtBulkExecute(in, 0, {}); };
  ExpectError("fa 05000000 0000 01", DecodeError::kMalformed, none);
  for (const char* rows : {"04 01", "01 00 05 'ab'", "00 0700"}) {
    const std::string bytes = Hex(rows);
    BulkRowReader reader(bytes, kTypes);
    std::vector<BulkParam> row;
    EXPECT_FALSE(reader.Next(row)) << rows;
    EXPECT_FALSE(reader.ok()) << rows;
  }
}

}  // namespace
}  // namespace sealgate::wire
