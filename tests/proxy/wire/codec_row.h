// One row of a codec's table: bytes and the struct they stand for. A row is
// encoded, decoded, decoded truncated at every byte and decoded with one byte
// too many, each time from a heap buffer of exactly that size, so that a
// sanitizer sees every read beyond it.
#ifndef SEALGATE_TESTS_PROXY_WIRE_CODEC_ROW_H_
#define SEALGATE_TESTS_PROXY_WIRE_CODEC_ROW_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/wire/decode_error.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

/// "0a 1b" or "0a1b", and 'text' between single quotes, as bytes.
inline std::string Hex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'') {
      const std::size_t end = text.find('\'', i + 1);
      bytes.append(text.substr(i + 1, end - i - 1));
      i = end;
      continue;
    }
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high * 16 + digit));
      high = -1;
    }
  }
  return bytes;
}

/// Bytes in a heap block without a byte to spare.
class ExactBuffer {
 public:
  explicit ExactBuffer(std::string_view bytes)
      : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// How a message ends, which decides what a changed length must do.
enum class Tail {
  /// Every shorter or longer message is an error: kTruncated, kTrailing.
  kFixed,
  /// Every shorter message is kTruncated; optional fields may follow, of which
  /// the one byte too many is a cut or surplus part, so some error.
  kOptionalFieldsFollow,
  /// The last field runs to the end or may be absent: another length is an
  /// error or another value, never the same value.
  kOpen,
  /// As kOpen, but the last byte (a terminator) may be missing.
  kOptionalTerminator,
  /// Every shorter message is kTruncated; what follows is not looked at.
  kIgnored,
};

template <typename T, typename DecodeFn>
void ExpectOtherLengthsDiffer(const std::string& bytes, const T& value, Tail tail,
                              DecodeFn decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ExactBuffer buffer(std::string_view(bytes).substr(0, size));
    const Decoded<T> decoded = decode(buffer.view());
    if (tail == Tail::kFixed || tail == Tail::kOptionalFieldsFollow || tail == Tail::kIgnored) {
      ASSERT_FALSE(decoded) << "accepted at " << size << " bytes";
      EXPECT_EQ(decoded.error(), DecodeError::kTruncated) << "at " << size << " bytes";
    } else if (decoded && !(tail == Tail::kOptionalTerminator && size + 1 == bytes.size())) {
      EXPECT_FALSE(*decoded == value) << "same value from " << size << " bytes";
    }
  }
  const ExactBuffer longer(bytes + 'x');
  const Decoded<T> decoded = decode(longer.view());
  if (tail == Tail::kFixed) {
    ASSERT_FALSE(decoded) << "accepted one byte too many";
    EXPECT_EQ(decoded.error(), DecodeError::kTrailing);
  } else if (tail == Tail::kIgnored) {
    ASSERT_TRUE(decoded) << "refused one byte more";
    EXPECT_TRUE(*decoded == value);
  } else if (tail == Tail::kOptionalFieldsFollow) {
    EXPECT_FALSE(decoded) << "accepted one byte too many";
  } else if (decoded) {
    EXPECT_FALSE(*decoded == value) << "same value from one byte more";
  }
}

template <typename T, typename DecodeFn, typename EncodeFn>
void CheckRow(const char* name, std::string_view hex, const T& value, Tail tail, DecodeFn decode,
              EncodeFn encode) {
  SCOPED_TRACE(name);
  const std::string bytes = Hex(hex);
  std::string out = "before";
  Writer writer(out);
  encode(value, writer);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(out, "before" + bytes);

  const ExactBuffer exact(bytes);
  const Decoded<T> decoded = decode(exact.view());
  ASSERT_TRUE(decoded) << "error " << static_cast<int>(decoded.error());
  EXPECT_TRUE(*decoded == value);
  ExpectOtherLengthsDiffer(bytes, value, tail, decode);
}

template <typename DecodeFn>
void ExpectError(std::string_view hex, DecodeError error, DecodeFn decode) {
  const ExactBuffer exact(Hex(hex));
  const auto decoded = decode(exact.view());
  ASSERT_FALSE(decoded) << hex;
  EXPECT_EQ(decoded.error(), error) << hex;
}

}  // namespace sealgate::wire

#endif  // SEALGATE_TESTS_PROXY_WIRE_CODEC_ROW_H_
