#include "crypto/key_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "crypto/hkdf.h"
#include "crypto/key_file.h"
#include "crypto/key_ring_format.h"

namespace sealgate::crypto {
namespace {

std::vector<KeyKind> KindsOf(Mode mode) {
  switch (mode) {
    case Mode::kRandom:
      return {KeyKind::kSealing};
    case Mode::kSearchable:
      return {KeyKind::kSealing, KeyKind::kEquality};
    case Mode::kDeterministic:
      return {KeyKind::kEquality};
  }
  return {};
}

bool Needs(Mode mode, KeyKind kind) {
  const std::vector<KeyKind> kinds = KindsOf(mode);
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// Printable, so that a name can be shown in messages, logs and metrics.
bool IsGoodDomainName(std::string_view domain) {
  return !domain.empty() && domain.size() <= kLongestDomainName &&
         std::none_of(domain.begin(), domain.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F;
         });
}

std::uint32_t LargestId(const std::vector<WrappedKey>& entries) {
  std::uint32_t largest = 0;
  for (const WrappedKey& entry : entries) {
    largest = std::max(largest, entry.info.id);
  }
  return largest;
}

std::uint32_t LargestVersion(const std::vector<WrappedKey>& entries, std::string_view domain,
                             KeyKind kind) {
  std::uint32_t largest = 0;
  for (const WrappedKey& entry : entries) {
    if (entry.info.domain == domain && entry.info.kind == kind) {
      largest = std::max(largest, entry.info.version);
    }
  }
  return largest;
}

tl::expected<void, KeyFailure> CheckComplete(const DomainKeys& keys, std::string_view domain,
                                             Mode mode) {
  if (Needs(mode, KeyKind::kSealing) && keys.active_sealing_id == 0) {
    return Fail(KeyError::kNoActiveKey,
                fmt::format("domain {} has no active sealing key, which mode {} needs; add one "
                            "with sealgate keys add",
                            domain, ModeName(mode)));
  }
  if (Needs(mode, KeyKind::kEquality) && keys.equality.size() != 1) {
    return Fail(KeyError::kNoActiveKey,
                fmt::format("domain {} has {} active equality keys, and mode {} needs exactly one",
                            domain, keys.equality.size(), ModeName(mode)));
  }
  return {};
}

}  // namespace

std::string_view KeyKindName(KeyKind kind) {
  switch (kind) {
    case KeyKind::kSealing:
      return "sealing";
    case KeyKind::kEquality:
      return "equality";
  }
  return "unknown";
}

std::string_view KeyStateName(KeyState state) {
  switch (state) {
    case KeyState::kActive:
      return "active";
    case KeyState::kReadable:
      return "readable";
    case KeyState::kRetired:
      return "retired";
  }
  return "unknown";
}

KeyRing::KeyRing(SecretBytes master) : master_(std::move(master)) {
  if (master_.size() != kRootKeyBytes) {
    throw std::invalid_argument("a master key has 32 bytes");
  }
}

tl::expected<KeyRing, KeyFailure> KeyRing::Load(const std::string& path, SecretBytes master) {
  const auto bytes = ReadKeyFile(path, kLargestRing);
  if (!bytes) {
    return tl::make_unexpected(bytes.error());
  }
  KeyRing ring(std::move(master));
  auto entries = DecodeKeyRing(bytes->Reveal(), ring.master_, path);
  if (!entries) {
    return tl::make_unexpected(entries.error());
  }
  ring.entries_ = *std::move(entries);
  return ring;
}

tl::expected<void, KeyFailure> KeyRing::Save(const std::string& path) const {
  const std::string bytes = EncodeKeyRing(entries_, master_);
  if (bytes.size() > kLargestRing) {
    return Fail(KeyError::kWriteFailed,
                fmt::format("{}: the key ring is full ({} keys)", path, entries_.size()));
  }
  return ReplaceKeyFile(path, bytes);
}

tl::expected<std::vector<KeyInfo>, KeyFailure> KeyRing::AddDomain(std::string_view domain,
                                                                  Mode mode, RandomSource& random,
                                                                  std::int64_t now_unix_seconds) {
  if (!IsGoodDomainName(domain)) {
    return Fail(KeyError::kBadDomainName,
                fmt::format("a domain's name has 1 to {} bytes and no control character",
                            kLongestDomainName));
  }
  std::vector<KeyInfo> added;
  std::uint32_t largest = LargestId(entries_);
  for (const KeyKind kind : KindsOf(mode)) {
    if (LargestVersion(entries_, domain, kind) != 0) {
      continue;
    }
    if (largest == std::numeric_limits<std::uint32_t>::max()) {
      return Fail(KeyError::kMalformed, "the key ring has no key id left");
    }
    added.push_back({++largest, std::string(domain), 1, kind, KeyState::kActive, now_unix_seconds});
  }
  if (added.empty()) {
    return Fail(KeyError::kDomainExists,
                fmt::format("domain {} already has the keys of mode {}", domain, ModeName(mode)));
  }
  for (const KeyInfo& info : added) {
    SecretBytes key(kRootKeyBytes);
    random.Fill(key.data(), key.size());
    entries_.push_back(WrapDataKey(info, key, master_, random));
  }
  return added;
}

std::vector<KeyInfo> KeyRing::List() const {
  std::vector<KeyInfo> list;
  for (const WrappedKey& entry : entries_) {
    list.push_back(entry.info);
  }
  return list;
}

tl::expected<DomainKeys, KeyFailure> KeyRing::KeysOf(std::string_view domain, Mode mode) const {
  DomainKeys keys;
  bool known = false;
  for (const WrappedKey& entry : entries_) {
    const KeyInfo& info = entry.info;
    known = known || info.domain == domain;
    const bool usable = info.kind == KeyKind::kSealing ? info.state != KeyState::kRetired
                                                       : info.state == KeyState::kActive;
    if (info.domain != domain || !Needs(mode, info.kind) || !usable) {
      continue;
    }
    auto key = UnwrapDataKey(entry, master_);
    if (!key) {
      return tl::make_unexpected(key.error());
    }
    if (info.kind == KeyKind::kSealing && info.state == KeyState::kActive) {
      keys.active_sealing_id = info.id;
    }
    auto& list = info.kind == KeyKind::kSealing ? keys.sealing : keys.equality;
    list.push_back(DataKey{info.id, *std::move(key)});
  }
  if (!known) {
    return Fail(KeyError::kUnknownDomain,
                fmt::format("domain {} has no keys in the key ring; add them with sealgate keys "
                            "add {} --mode {}",
                            domain, domain, ModeName(mode)));
  }
  if (auto complete = CheckComplete(keys, domain, mode); !complete) {
    return tl::make_unexpected(complete.error());
  }
  return keys;
}

tl::expected<ColumnCipher, KeyFailure> KeyRing::CipherOf(std::string_view domain, Mode mode) const {
  auto keys = KeysOf(domain, mode);
  if (!keys) {
    return tl::make_unexpected(keys.error());
  }
  std::string name(domain);
  switch (mode) {
    case Mode::kRandom:
      return ColumnCipher(RandomCipher(std::move(name), *std::move(keys)));
    case Mode::kSearchable:
      return ColumnCipher(SearchableCipher(std::move(name), *std::move(keys)));
    case Mode::kDeterministic:
      return ColumnCipher(DeterministicCipher(std::move(name), *std::move(keys)));
  }
  return Fail(KeyError::kMalformed, "unknown mode");
}

}  // namespace sealgate::crypto
