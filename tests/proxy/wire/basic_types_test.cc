#include <limits>

#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"
#include "tests/proxy/wire/codec_row.h"

namespace sealgate::wire {
namespace {

struct Lenenc {
  std::uint64_t value = 0;
  bool operator==(const Lenenc&) const = default;
};

Decoded<Lenenc> DecodeLenenc(std::string_view bytes) {
  Reader reader(bytes);
  const Lenenc value{reader.LenencInt()};
  return reader.Finish(value);
}

TEST(BasicTypesTest, LenencIntRows) {
  const struct {
    std::uint64_t value;
    const char* hex;
  } rows[] = {
      {0, "00"},
      {250, "fa"},
      {251, "fc fb 00"},
      {0xFFFF, "fc ff ff"},
      {0x10000, "fd 00 00 01"},
      {0xFFFFFF, "fd ff ff ff"},
      {0x1000000, "fe 00 00 00 01 00 00 00 00"},
      {std::numeric_limits<std::uint64_t>::max(), "fe ff ff ff ff ff ff ff ff"},
  };
  for (const auto& row : rows) {
    CheckRow(row.hex, row.hex, Lenenc{row.value}, Tail::kFixed, DecodeLenenc,
             [](const Lenenc& v, Writer& out) { out.LenencInt(v.value); });
  }
}

TEST(BasicTypesTest, LenencIntInLongerForms) {
  EXPECT_EQ(DecodeLenenc(Hex("fc 01 00"))->value, 1u);
  EXPECT_EQ(DecodeLenenc(Hex("fe 01 00 00 00 00 00 00 00"))->value, 1u);
}

TEST(BasicTypesTest, LenencMarkers) {
  ExpectError("fb", DecodeError::kMalformed, DecodeLenenc);
  ExpectError("ff", DecodeError::kMalformed, DecodeLenenc);
  const std::string null = Hex("fb");
  Reader reader(null);
  EXPECT_EQ(reader.LenencStringOrNull(), std::nullopt);
  EXPECT_TRUE(reader.ok());
  const std::string invalid = Hex("ff");
  Reader bad(invalid);
  EXPECT_EQ(bad.LenencStringOrNull(), "");
  EXPECT_EQ(bad.error(), DecodeError::kMalformed);
}

TEST(BasicTypesTest, IntegersAreLittleEndian) {
  const std::string bytes = Hex("01 0201 030201 04030201 0807060504030201");
  Reader reader(bytes);
  EXPECT_EQ(reader.U8(), 0x01);
  EXPECT_EQ(reader.U16(), 0x0102);
  EXPECT_EQ(reader.U24(), 0x010203u);
  EXPECT_EQ(reader.U32(), 0x01020304u);
  EXPECT_EQ(reader.U64(), 0x0102030405060708u);
  EXPECT_TRUE(reader.Finish(true));
  std::string out;
  Writer writer(out);
  writer.U8(0x01);
  writer.U16(0x0102);
  writer.U24(0x010203);
  writer.U32(0x01020304);
  writer.U64(0x0102030405060708);
  EXPECT_EQ(out, bytes);
}

TEST(BasicTypesTest, ErrorIsStickyAndTheFirstIsKept) {
  const std::string bytes = Hex("05 'abc'");
  Reader reader(bytes);
  EXPECT_EQ(reader.LenencString(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.U8(), 0);
  EXPECT_EQ(reader.Rest(), "");
  reader.Fail(DecodeError::kUnsupported);
  EXPECT_EQ(reader.Finish(1).error(), DecodeError::kTruncated);
}

TEST(BasicTypesTest, HugeLengthIsTruncationNotOverflow) {
  const std::string bytes = Hex("fe ff ff ff ff ff ff ff ff 'a'");
  Reader reader(bytes);
  EXPECT_EQ(reader.LenencString(), "");
  EXPECT_EQ(reader.error(), DecodeError::kTruncated);
}

TEST(BasicTypesTest, NulStrings) {
  const std::string bytes = Hex("'ab' 00 'cd'");
  Reader reader(bytes);
  EXPECT_EQ(reader.NulString(), "ab");
  Reader copy = reader;
  EXPECT_EQ(copy.NulStringOrRest(), "cd");
  EXPECT_TRUE(copy.Finish(true));
  reader.NulString();
  EXPECT_EQ(reader.error(), DecodeError::kTruncated);
}

TEST(BasicTypesTest, WriterRefusesWhatAFieldCannotHold) {
  std::string out;
  Writer nul(out);
  nul.NulString(std::string_view("a\0b", 3));
  EXPECT_FALSE(nul.ok());
  Writer longer(out);
  longer.ShortString(std::string(256, 'x'));
  EXPECT_FALSE(longer.ok());
  Writer fits(out);
  fits.ShortString(std::string(255, 'x'));
  EXPECT_TRUE(fits.ok());
}

}  // namespace
}  // namespace sealgate::wire
