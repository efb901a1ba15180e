#include "crypto/aes_siv.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "crypto/big_endian.h"

namespace sealgate::crypto {
namespace {

constexpr unsigned char kPadding = 0x80;

std::string_view CheckedKey(std::string_view key) {
  if (key.size() != 32 && key.size() != 48 && key.size() != 64) {
    throw std::invalid_argument("a key of AES-SIV has 32, 48 or 64 bytes");
  }
  return key;
}

std::string_view View(const Block& block) {
  return {reinterpret_cast<const char*>(block.data()), block.size()};
}

}  // namespace

AesSiv::AesSiv(std::string_view key)
    : mac_(CheckedKey(key).substr(0, key.size() / 2)),
      stream_(key.substr(key.size() / 2)),
      whole_mask_(Doubled(mac_.Begin().Encrypt(Block{}))),
      padded_mask_(Doubled(whole_mask_)) {}

AesSiv::~AesSiv() {
  OPENSSL_cleanse(whole_mask_.data(), whole_mask_.size());
  OPENSSL_cleanse(padded_mask_.data(), padded_mask_.size());
}

// AES-CMAC of `message` after its last 16 bytes, if it has as many, were
// XORed with `xor_at_end`.
Block AesSiv::Cmac(std::string_view message, const Block& xor_at_end) const {
  const AesBlockCipher::Session aes = mac_.Begin();
  const std::size_t bulk =
      message.size() <= 2 * kBlockBytes ? 0 : (message.size() - kBlockBytes - 1) & ~std::size_t{15};
  Block state{};
  for (std::size_t at = 0; at < bulk; at += kBlockBytes) {
    for (std::size_t i = 0; i < kBlockBytes; ++i) {
      state[i] ^= static_cast<unsigned char>(message[at + i]);
    }
    aes.Encrypt(state.data(), state.data(), kBlockBytes);
  }
  // The last one or two blocks, where both the XOR and the padding take place.
  std::array<Block, 2> tail{};
  unsigned char* const bytes = tail[0].data();
  const std::size_t rest = message.size() - bulk;
  std::copy_n(message.data() + bulk, rest, bytes);
  for (std::size_t i = 0; rest >= kBlockBytes && i < kBlockBytes; ++i) {
    bytes[rest - kBlockBytes + i] ^= xor_at_end[i];
  }
  const std::size_t last = rest > kBlockBytes ? 1 : 0;
  if (rest == (last + 1) * kBlockBytes) {
    XorInto(tail[last], whole_mask_);
  } else {
    bytes[rest] = kPadding;
    XorInto(tail[last], padded_mask_);
  }
  for (std::size_t i = 0; i <= last; ++i) {
    XorInto(state, tail[i]);
    aes.Encrypt(state.data(), state.data(), kBlockBytes);
  }
  OPENSSL_cleanse(tail.data(), sizeof tail);
  return state;
}

AesSiv::Absorbed AesSiv::Absorb(std::initializer_list<std::string_view> associated) const {
  const Block zero{};
  Block result = Cmac(View(zero), zero);
  for (std::string_view part : associated) {
    result = Doubled(result);
    XorInto(result, Cmac(part, zero));
  }
  return result;
}

Block AesSiv::SyntheticIv(const Absorbed& absorbed, std::string_view plaintext) const {
  if (plaintext.size() >= kBlockBytes) {
    return Cmac(plaintext, absorbed);
  }
  Block padded{};
  std::copy(plaintext.begin(), plaintext.end(), padded.begin());
  padded[plaintext.size()] = kPadding;
  XorInto(padded, Doubled(absorbed));
  return Cmac(View(padded), Block{});
}

void AesSiv::XorKeyStream(const Block& synthetic_iv, std::string_view in,
                          unsigned char* out) const {
  constexpr std::size_t kStep = 16 * kBlockBytes;
  const AesBlockCipher::Session aes = stream_.Begin();
  Block start = synthetic_iv;
  start[8] &= 0x7F;
  start[12] &= 0x7F;
  // Bit 63 was cleared, so the counter never carries into the upper half.
  auto counter = LoadBigEndian<std::uint64_t>(View(start).data() + 8);
  alignas(16) unsigned char stream[kStep];
  while (!in.empty()) {
    const std::size_t step = std::min(in.size(), kStep);
    const std::size_t blocks = (step + kBlockBytes - 1) / kBlockBytes;
    for (std::size_t i = 0; i < blocks; ++i) {
      unsigned char* const block = stream + i * kBlockBytes;
      std::memcpy(block, start.data(), 8);
      StoreBigEndian(counter++, reinterpret_cast<char*>(block) + 8);
    }
    aes.Encrypt(stream, stream, blocks * kBlockBytes);
    for (std::size_t i = 0; i < step; ++i) {
      out[i] = static_cast<unsigned char>(in[i]) ^ stream[i];
    }
    in.remove_prefix(step);
    out += step;
  }
  OPENSSL_cleanse(stream, sizeof stream);
}

void AesSiv::Seal(const Absorbed& absorbed, std::string_view plaintext, std::string& out) const {
  const Block iv = SyntheticIv(absorbed, plaintext);
  out.append(View(iv));
  const std::size_t before = out.size();
  out.resize(before + plaintext.size());
  XorKeyStream(iv, plaintext, reinterpret_cast<unsigned char*>(out.data()) + before);
}

bool AesSiv::Open(const Absorbed& absorbed, std::string_view synthetic_iv, std::string_view sealed,
                  std::string& out) const {
  if (synthetic_iv.size() != kBlockBytes) {
    return false;
  }
  Block iv;
  std::copy(synthetic_iv.begin(), synthetic_iv.end(), iv.begin());
  const std::size_t before = out.size();
  out.resize(before + sealed.size());
  auto* const target = reinterpret_cast<unsigned char*>(out.data()) + before;
  XorKeyStream(iv, sealed, target);
  const Block expected =
      SyntheticIv(absorbed, {reinterpret_cast<const char*>(target), sealed.size()});
  if (CRYPTO_memcmp(expected.data(), iv.data(), kBlockBytes) == 0) {
    return true;
  }
  OPENSSL_cleanse(target, sealed.size());
  out.resize(before);
  return false;
}

}  // namespace sealgate::crypto
