#include "crypto/envelope.h"

#include "crypto/big_endian.h"

namespace sealgate::crypto {
namespace {

constexpr std::size_t kSearchableKeyId = kEqualityPrefixBytes;
constexpr std::size_t kSearchableNonce = kSearchableKeyId + kKeyIdBytes;

EnvelopeView ParseSearchable(std::string_view bytes) {
  EnvelopeView view;
  view.mode = Mode::kSearchable;
  view.index_key_id = LoadBigEndian<std::uint32_t>(bytes.data() + 2);
  view.key_id = LoadBigEndian<std::uint32_t>(bytes.data() + kSearchableKeyId);
  view.blind_index = bytes.substr(kHeadBytes, kBlindIndexBytes);
  view.associated = bytes.substr(0, kSearchableNonce);
  view.nonce = bytes.substr(kSearchableNonce, kNonceBytes);
  view.sealed = bytes.substr(kSearchableNonce + kNonceBytes);
  return view;
}

EnvelopeView ParseWithoutIndex(Mode mode, std::size_t nonce_bytes, std::string_view bytes) {
  EnvelopeView view;
  view.mode = mode;
  view.key_id = LoadBigEndian<std::uint32_t>(bytes.data() + 2);
  view.associated = bytes.substr(0, kHeadBytes);
  view.nonce = bytes.substr(kHeadBytes, nonce_bytes);
  view.sealed = bytes.substr(kHeadBytes + nonce_bytes);
  return view;
}

std::optional<Mode> ModeFromSchemeByte(char scheme) {
  switch (static_cast<unsigned char>(scheme)) {
    case 1:
      return Mode::kRandom;
    case 2:
      return Mode::kSearchable;
    case 3:
      return Mode::kDeterministic;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view ModeName(Mode mode) {
  switch (mode) {
    case Mode::kRandom:
      return "random";
    case Mode::kSearchable:
      return "searchable";
    case Mode::kDeterministic:
      return "deterministic";
  }
  return "unknown";
}

std::optional<Mode> ModeFromName(std::string_view name) {
  for (Mode mode : {Mode::kRandom, Mode::kSearchable, Mode::kDeterministic}) {
    if (name == ModeName(mode)) {
      return mode;
    }
  }
  return std::nullopt;
}

std::size_t EnvelopeOverhead(Mode mode) {
  switch (mode) {
    case Mode::kRandom:
      return kHeadBytes + kNonceBytes + kTagBytes;
    case Mode::kSearchable:
      return kSearchableNonce + kNonceBytes + kTagBytes;
    case Mode::kDeterministic:
      return kHeadBytes + kSyntheticIvBytes;
  }
  return 0;
}

std::optional<EnvelopeView> ParseEnvelope(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || static_cast<unsigned char>(bytes[0]) != kEnvelopeMagic) {
    return std::nullopt;
  }
  const std::optional<Mode> mode = ModeFromSchemeByte(bytes[1]);
  if (!mode || bytes.size() < EnvelopeOverhead(*mode)) {
    return std::nullopt;
  }
  switch (*mode) {
    case Mode::kRandom:
      return ParseWithoutIndex(*mode, kNonceBytes, bytes);
    case Mode::kSearchable:
      return ParseSearchable(bytes);
    case Mode::kDeterministic:
      return ParseWithoutIndex(*mode, kSyntheticIvBytes, bytes);
  }
  return std::nullopt;
}

}  // namespace sealgate::crypto
