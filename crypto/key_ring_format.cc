#include "crypto/key_ring_format.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <set>
#include <utility>

#include "crypto/big_endian.h"
#include "crypto/envelope.h"
#include "crypto/hkdf.h"
#include "crypto/hmac_sha256.h"
#include "crypto/xaes_gcm.h"

namespace sealgate::crypto {
namespace {

constexpr std::string_view kMagic = "SGKEYS\r\n";
constexpr std::uint16_t kFormat = 1;
constexpr std::size_t kLengthOffset = 10;
constexpr std::size_t kCountOffset = 14;
constexpr std::size_t kCheckOffset = 18;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kHeaderBytes = kCheckOffset + kCheckBytes;
constexpr std::size_t kEntryHeadBytes = 20;
constexpr std::size_t kMacBytes = HmacSha256::kBytes;
constexpr std::string_view kWrapLabel = "sealgate/1/data-key";

static_assert(kWrappedKeyBytes == kNonceBytes + kRootKeyBytes + kTagBytes);
static_assert(kCheckBytes == kRingCheckSubkey.bytes);

void AppendInfo(const KeyInfo& info, std::string& out) {
  AppendBigEndian(info.id, out);
  AppendBigEndian(info.version, out);
  out.push_back(static_cast<char>(info.kind));
  out.push_back(static_cast<char>(info.state));
  AppendBigEndian(static_cast<std::uint64_t>(info.created_unix_seconds), out);
  AppendBigEndian(static_cast<std::uint16_t>(info.domain.size()), out);
  out.append(info.domain);
}

HmacSha256::Tag MacOf(std::string_view bytes, const SecretBytes& master) {
  return HmacSha256(DeriveSubkey(master, kRingMacSubkey).Reveal()).Of(bytes);
}

std::string_view View(const HmacSha256::Tag& tag) { return {tag.data(), tag.size()}; }

tl::unexpected<KeyFailure> Truncated(const std::string& name, std::size_t size) {
  return Fail(KeyError::kTruncated,
              fmt::format("{}: the key ring is cut off after {} bytes; restore it from a backup",
                          name, size));
}

tl::unexpected<KeyFailure> Malformed(const std::string& name, std::string_view what) {
  return Fail(KeyError::kMalformed, fmt::format("{}: {}", name, what));
}

// Everything that can be said without the master key.
tl::expected<void, KeyFailure> CheckShape(std::string_view bytes, const std::string& name) {
  const std::string_view magic = bytes.substr(0, kMagic.size());
  if (magic != kMagic.substr(0, magic.size())) {
    return Malformed(name, "is not a key ring of Sealgate");
  }
  if (bytes.size() < kHeaderBytes) {
    return Truncated(name, bytes.size());
  }
  const auto format = LoadBigEndian<std::uint16_t>(bytes.data() + kMagic.size());
  if (format != kFormat) {
    return Malformed(name, fmt::format("is a key ring of format {}, and this version of Sealgate "
                                       "reads format {}",
                                       format, kFormat));
  }
  const auto length = LoadBigEndian<std::uint32_t>(bytes.data() + kLengthOffset);
  if (bytes.size() < length) {
    return Truncated(name, bytes.size());
  }
  if (bytes.size() > length || length < kHeaderBytes + kMacBytes) {
    return Malformed(name,
                     "the key ring does not have the length that it states; restore it "
                     "from a backup");
  }
  return {};
}

// The master key's check value, then the MAC over the whole file.
tl::expected<void, KeyFailure> CheckAuthenticity(std::string_view bytes, const SecretBytes& master,
                                                 const std::string& name) {
  const SecretBytes check = DeriveSubkey(master, kRingCheckSubkey);
  if (!EqualInConstantTime(bytes.substr(kCheckOffset, kCheckBytes), check.Reveal())) {
    return Fail(KeyError::kWrongMasterKey,
                fmt::format("{}: the key ring belongs to another master key; use the master key "
                            "file that it was made with",
                            name));
  }
  const std::size_t signed_bytes = bytes.size() - kMacBytes;
  if (!EqualInConstantTime(View(MacOf(bytes.substr(0, signed_bytes), master)),
                           bytes.substr(signed_bytes))) {
    return Malformed(name,
                     "the key ring was damaged or changed by someone without the master "
                     "key; restore it from a backup");
  }
  return {};
}

bool IsKnown(KeyKind kind) { return kind == KeyKind::kSealing || kind == KeyKind::kEquality; }

bool IsKnown(KeyState state) {
  return state == KeyState::kActive || state == KeyState::kReadable || state == KeyState::kRetired;
}

// Takes one entry off `rest`. False when there is none that makes sense.
bool TakeEntry(std::string_view& rest, WrappedKey& key) {
  if (rest.size() < kEntryHeadBytes) {
    return false;
  }
  key.info.id = LoadBigEndian<std::uint32_t>(rest.data());
  key.info.version = LoadBigEndian<std::uint32_t>(rest.data() + 4);
  key.info.kind = static_cast<KeyKind>(rest[8]);
  key.info.state = static_cast<KeyState>(rest[9]);
  key.info.created_unix_seconds =
      static_cast<std::int64_t>(LoadBigEndian<std::uint64_t>(rest.data() + 10));
  const std::size_t name_bytes = LoadBigEndian<std::uint16_t>(rest.data() + 18);
  if (rest.size() - kEntryHeadBytes < name_bytes + kWrappedKeyBytes) {
    return false;
  }
  key.info.domain = rest.substr(kEntryHeadBytes, name_bytes);
  key.wrapped = rest.substr(kEntryHeadBytes + name_bytes, kWrappedKeyBytes);
  rest.remove_prefix(kEntryHeadBytes + name_bytes + kWrappedKeyBytes);
  return key.info.id != 0 && IsKnown(key.info.kind) && IsKnown(key.info.state) && name_bytes > 0 &&
         name_bytes <= kLongestDomainName;
}

std::string WrapAssociated(const KeyInfo& info) {
  std::string associated(kWrapLabel);
  AppendInfo(info, associated);
  return associated;
}

}  // namespace

std::string EncodeKeyRing(const std::vector<WrappedKey>& keys, const SecretBytes& master) {
  std::string out(kMagic);
  AppendBigEndian(kFormat, out);
  AppendBigEndian(std::uint32_t{0}, out);
  AppendBigEndian(static_cast<std::uint32_t>(keys.size()), out);
  out.append(DeriveSubkey(master, kRingCheckSubkey).Reveal());
  for (const WrappedKey& key : keys) {
    AppendInfo(key.info, out);
    out.append(key.wrapped);
  }
  StoreBigEndian(static_cast<std::uint32_t>(out.size() + kMacBytes), out.data() + kLengthOffset);
  out.append(View(MacOf(out, master)));
  return out;
}

tl::expected<std::vector<WrappedKey>, KeyFailure> DecodeKeyRing(std::string_view bytes,
                                                                const SecretBytes& master,
                                                                const std::string& name) {
  if (auto shape = CheckShape(bytes, name); !shape) {
    return tl::make_unexpected(shape.error());
  }
  if (auto authentic = CheckAuthenticity(bytes, master, name); !authentic) {
    return tl::make_unexpected(authentic.error());
  }
  const auto count = LoadBigEndian<std::uint32_t>(bytes.data() + kCountOffset);
  std::string_view rest = bytes.substr(kHeaderBytes, bytes.size() - kHeaderBytes - kMacBytes);
  std::vector<WrappedKey> keys;
  std::set<std::uint32_t> ids;
  for (std::uint32_t i = 0; i < count; ++i) {
    WrappedKey key;
    if (!TakeEntry(rest, key) || !ids.insert(key.info.id).second) {
      return Malformed(name, fmt::format("entry {} of the key ring makes no sense", i + 1));
    }
    keys.push_back(std::move(key));
  }
  if (!rest.empty()) {
    return Malformed(name, "the key ring has bytes after its last entry");
  }
  return keys;
}

WrappedKey WrapDataKey(KeyInfo info, const SecretBytes& data_key, const SecretBytes& master,
                       RandomSource& random) {
  char nonce[kNonceBytes];
  random.Fill(reinterpret_cast<unsigned char*>(nonce), sizeof nonce);
  WrappedKey key{std::move(info), std::string(nonce, sizeof nonce)};
  const SecretBytes subkey = DeriveSubkey(master, kRingWrapSubkey);
  XaesGcm(subkey.Reveal())
      .Seal({nonce, sizeof nonce}, {WrapAssociated(key.info), {}}, data_key.Reveal(), key.wrapped);
  return key;
}

tl::expected<SecretBytes, KeyFailure> UnwrapDataKey(const WrappedKey& key,
                                                    const SecretBytes& master) {
  const std::string_view wrapped = key.wrapped;
  const SecretBytes subkey = DeriveSubkey(master, kRingWrapSubkey);
  std::string opened;
  if (wrapped.size() != kWrappedKeyBytes ||
      !XaesGcm(subkey.Reveal())
           .Open(wrapped.substr(0, kNonceBytes), {WrapAssociated(key.info), {}},
                 wrapped.substr(kNonceBytes), opened)) {
    return Fail(KeyError::kMalformed,
                fmt::format("key {} of domain {} cannot be unwrapped; restore the key ring from a "
                            "backup",
                            key.info.id, key.info.domain));
  }
  SecretBytes data_key = SecretBytes::CopyOf(opened);
  OPENSSL_cleanse(opened.data(), opened.size());
  return data_key;
}

}  // namespace sealgate::crypto
