// Unsigned integers as the envelope and the key ring store them: big endian.
#ifndef SEALGATE_CRYPTO_BIG_ENDIAN_H_
#define SEALGATE_CRYPTO_BIG_ENDIAN_H_

#include <concepts>
#include <cstddef>
#include <string>

namespace sealgate::crypto {

/// Reads sizeof(T) bytes at `bytes`.
template <std::unsigned_integral T>
T LoadBigEndian(const char* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value =
        static_cast<T>((value << (sizeof(T) > 1 ? 8 : 0)) | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

/// Writes sizeof(T) bytes at `bytes`.
template <std::unsigned_integral T>
void StoreBigEndian(T value, char* bytes) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)));
  }
}

template <std::unsigned_integral T>
void AppendBigEndian(T value, std::string& out) {
  char bytes[sizeof(T)];
  StoreBigEndian(value, bytes);
  out.append(bytes, sizeof bytes);
}

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_BIG_ENDIAN_H_
