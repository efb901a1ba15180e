#include "crypto/column_cipher.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "crypto/aes_siv.h"
#include "crypto/big_endian.h"
#include "crypto/hkdf.h"
#include "crypto/hmac_sha256.h"
#include "crypto/xaes_gcm.h"

namespace sealgate::crypto {
namespace {

// Magic, scheme and key id: what leads the envelopes under one key.
std::string HeadOf(Mode mode, std::uint32_t key_id) {
  std::string head{static_cast<char>(kEnvelopeMagic), static_cast<char>(mode)};
  AppendBigEndian(key_id, head);
  return head;
}

std::string CheckedDomain(std::string domain) {
  if (domain.empty()) {
    throw std::invalid_argument("a domain has a name");
  }
  return domain;
}

const DataKey& OnlyEqualityKey(const DomainKeys& keys) {
  if (keys.equality.size() != 1 || keys.equality[0].id == 0) {
    throw std::invalid_argument("a domain that shows equality has exactly one equality key");
  }
  return keys.equality[0];
}

class SealingKey {
 public:
  SealingKey(Mode mode, const DataKey& key, std::string_view domain)
      : id_(key.id),
        head_(HeadOf(mode, key.id)),
        head_and_domain_(head_ + std::string(domain)),
        aead_(DeriveSubkey(key.key, kSealSubkey).Reveal()) {}

  std::uint32_t id() const { return id_; }
  const std::string& head() const { return head_; }
  /// All associated data of a random value, ready made for the hot path.
  const std::string& head_and_domain() const { return head_and_domain_; }
  const XaesGcm& aead() const { return aead_; }

 private:
  std::uint32_t id_;
  std::string head_;
  std::string head_and_domain_;
  XaesGcm aead_;
};

// All readable sealing keys of a domain. A handful at most.
class SealingKeys {
 public:
  SealingKeys(Mode mode, const DomainKeys& keys, std::string_view domain) {
    for (const DataKey& key : keys.sealing) {
      if (key.id == 0 || Find(key.id) != nullptr) {
        throw std::invalid_argument("key ids are unique and not 0");
      }
      keys_.push_back(std::make_unique<SealingKey>(mode, key, domain));
    }
    active_ = Find(keys.active_sealing_id);
    if (active_ == nullptr) {
      throw std::invalid_argument("a domain that seals has an active sealing key");
    }
  }

  const SealingKey& active() const { return *active_; }

  const SealingKey* Find(std::uint32_t id) const {
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [id](const auto& key) { return key->id() == id; });
    return found == keys_.end() ? nullptr : found->get();
  }

 private:
  std::vector<std::unique_ptr<SealingKey>> keys_;
  const SealingKey* active_ = nullptr;
};

OpenResult ResultOf(bool opened) {
  if (opened) {
    return {};
  }
  return tl::make_unexpected(OpenError::kCannotOpen);
}

}  // namespace

struct RandomCipher::State {
  State(std::string name, const DomainKeys& from)
      : domain(CheckedDomain(std::move(name))), keys(Mode::kRandom, from, domain) {
    if (!from.equality.empty()) {
      throw std::invalid_argument("a random domain has no equality key");
    }
  }

  std::string domain;
  SealingKeys keys;
};

RandomCipher::RandomCipher(std::string domain, DomainKeys keys)
    : state_(std::make_unique<State>(std::move(domain), keys)) {}
RandomCipher::RandomCipher(RandomCipher&&) noexcept = default;
RandomCipher::~RandomCipher() = default;

void RandomCipher::Seal(std::string_view plaintext, RandomSource& random, std::string& out) const {
  const SealingKey& key = state_->keys.active();
  unsigned char nonce[kNonceBytes];
  random.Fill(nonce, sizeof nonce);
  const std::string_view nonce_view(reinterpret_cast<const char*>(nonce), sizeof nonce);
  out.append(key.head()).append(nonce_view);
  key.aead().Seal(nonce_view, {key.head_and_domain(), {}}, plaintext, out);
}

OpenResult RandomCipher::Open(std::string_view envelope, std::string& out) const {
  const std::optional<EnvelopeView> view = ParseEnvelope(envelope);
  if (!view || view->mode != Mode::kRandom) {
    return ResultOf(false);
  }
  const SealingKey* const key = state_->keys.Find(view->key_id);
  // The envelope's head is that of the key which its id and mode have found.
  return ResultOf(key != nullptr &&
                  key->aead().Open(view->nonce, {key->head_and_domain(), {}}, view->sealed, out));
}

struct SearchableCipher::State {
  State(std::string name, const DomainKeys& from)
      : domain(CheckedDomain(std::move(name))),
        keys(Mode::kSearchable, from, domain),
        index_key_id(OnlyEqualityKey(from).id),
        index_head(HeadOf(Mode::kSearchable, index_key_id)),
        index(DeriveSubkey(OnlyEqualityKey(from).key, kBlindIndexSubkey).Reveal()) {
    if (keys.Find(index_key_id) != nullptr) {
      throw std::invalid_argument("sealing and equality keys have different ids");
    }
  }

  // Writes kEqualityPrefixBytes at `out`.
  void WriteEqualityPrefix(std::string_view weights, char* out) const {
    const HmacSha256::Tag tag = index.Of(weights);
    std::copy(index_head.begin(), index_head.end(), out);
    std::copy_n(tag.begin(), kBlindIndexBytes, out + kHeadBytes);
  }

  std::string domain;
  SealingKeys keys;
  std::uint32_t index_key_id;
  std::string index_head;
  HmacSha256 index;
};

SearchableCipher::SearchableCipher(std::string domain, DomainKeys keys)
    : state_(std::make_unique<State>(std::move(domain), keys)) {}
SearchableCipher::SearchableCipher(SearchableCipher&&) noexcept = default;
SearchableCipher::~SearchableCipher() = default;

void SearchableCipher::Seal(std::string_view plaintext, std::string_view weights,
                            RandomSource& random, std::string& out) const {
  const SealingKey& key = state_->keys.active();
  constexpr std::size_t kAssociated = kEqualityPrefixBytes + kKeyIdBytes;
  char lead[kAssociated + kNonceBytes];
  state_->WriteEqualityPrefix(weights, lead);
  StoreBigEndian(key.id(), lead + kEqualityPrefixBytes);
  random.Fill(reinterpret_cast<unsigned char*>(lead + kAssociated), kNonceBytes);
  out.append(lead, sizeof lead);
  key.aead().Seal({lead + kAssociated, kNonceBytes}, {{lead, kAssociated}, state_->domain},
                  plaintext, out);
}

void SearchableCipher::AppendEqualityPrefix(std::string_view weights, std::string& out) const {
  char prefix[kEqualityPrefixBytes];
  state_->WriteEqualityPrefix(weights, prefix);
  out.append(prefix, sizeof prefix);
}

OpenResult SearchableCipher::Open(std::string_view envelope, std::string& out) const {
  const std::optional<EnvelopeView> view = ParseEnvelope(envelope);
  if (!view || view->mode != Mode::kSearchable || view->index_key_id != state_->index_key_id) {
    return ResultOf(false);
  }
  const SealingKey* const key = state_->keys.Find(view->key_id);
  return ResultOf(
      key != nullptr &&
      key->aead().Open(view->nonce, {view->associated, state_->domain}, view->sealed, out));
}

struct DeterministicCipher::State {
  State(std::string name, const DomainKeys& from)
      : domain(CheckedDomain(std::move(name))),
        key_id(OnlyEqualityKey(from).id),
        head(HeadOf(Mode::kDeterministic, key_id)),
        siv(DeriveSubkey(OnlyEqualityKey(from).key, kSivSubkey).Reveal()),
        absorbed(siv.Absorb({head + domain})) {
    if (!from.sealing.empty()) {
      throw std::invalid_argument("a deterministic domain has no sealing key");
    }
  }

  std::string domain;
  std::uint32_t key_id;
  std::string head;
  AesSiv siv;
  AesSiv::Absorbed absorbed;
};

DeterministicCipher::DeterministicCipher(std::string domain, DomainKeys keys)
    : state_(std::make_unique<State>(std::move(domain), keys)) {}
DeterministicCipher::DeterministicCipher(DeterministicCipher&&) noexcept = default;
DeterministicCipher::~DeterministicCipher() = default;

void DeterministicCipher::Seal(std::string_view plaintext, std::string& out) const {
  out.append(state_->head);
  state_->siv.Seal(state_->absorbed, plaintext, out);
}

OpenResult DeterministicCipher::Open(std::string_view envelope, std::string& out) const {
  const std::optional<EnvelopeView> view = ParseEnvelope(envelope);
  if (!view || view->associated != state_->head) {
    return ResultOf(false);
  }
  return ResultOf(state_->siv.Open(state_->absorbed, view->nonce, view->sealed, out));
}

Mode ModeOf(const ColumnCipher& cipher) {
  struct Visitor {
    Mode operator()(const RandomCipher&) const { return Mode::kRandom; }
    Mode operator()(const SearchableCipher&) const { return Mode::kSearchable; }
    Mode operator()(const DeterministicCipher&) const { return Mode::kDeterministic; }
  };
  return std::visit(Visitor{}, cipher);
}

OpenResult Open(const ColumnCipher& cipher, std::string_view envelope, std::string& out) {
  return std::visit([&](const auto& each) { return each.Open(envelope, out); }, cipher);
}

}  // namespace sealgate::crypto
