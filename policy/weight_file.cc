#include "policy/weight_file.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "crypto/hmac_sha256.h"

namespace sealgate::policy {
namespace {

constexpr std::string_view kMagic = "SGWEIGHT";
constexpr std::uint64_t kFormat = 1;
constexpr std::string_view kChecksumKey = "sealgate collation weights, format 1";
constexpr std::size_t kTrailer = 32;
constexpr std::uint64_t kLastCode = 0x10FFFF;
constexpr std::size_t kMaxText = std::numeric_limits<std::uint8_t>::max();

void AppendNumber(std::uint64_t number, int bytes, std::string& out) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i));
}

bool AppendText(std::string_view text, std::string& out) {
  if (text.size() > kMaxText) return false;
  AppendNumber(text.size(), 1, out);
  out += text;
  return true;
}

/// What cannot be read makes everything after it unreadable, too.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view Bytes(std::size_t size) {
    if (size > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::uint64_t Number(std::size_t size) {
    std::uint64_t number = 0;
    for (const unsigned char byte : Bytes(size)) number = number << 8 | byte;
    return number;
  }
  std::string_view Text() { return Bytes(Number(1)); }

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool IsSurrogate(std::uint64_t code) { return code >= 0xD800 && code < 0xE000; }

}  // namespace

std::string WeightTrailer(std::string_view bytes) {
  const crypto::HmacSha256::Tag tag = crypto::HmacSha256(kChecksumKey).Of(bytes);
  return {tag.begin(), tag.end()};
}

std::optional<std::string> EncodeWeights(const WeightSourceName& name,
                                         const CollationWeights& weights) {
  std::string out(kMagic);
  AppendNumber(kFormat, 1, out);
  bool fits = AppendText(name.server_version, out) && AppendText(name.collation, out);
  AppendNumber(name.pad_space ? 1 : 0, 1, out);
  std::string entries;
  std::uint64_t count = 0;
  weights.ForEach([&](char32_t code, std::string_view weight) {
    AppendNumber(code, 3, entries);
    fits = fits && AppendText(weight, entries);
    ++count;
  });
  AppendNumber(count, 4, out);
  out += entries;
  out += WeightTrailer(out);
  if (!fits || out.size() > kMaxWeightFile) return std::nullopt;
  return out;
}

std::shared_ptr<const CollationWeights> DecodeWeights(const WeightSourceName& name,
                                                      std::string_view bytes) {
  if (bytes.size() < kTrailer || bytes.size() > kMaxWeightFile) return nullptr;
  const std::string_view body = bytes.substr(0, bytes.size() - kTrailer);
  if (WeightTrailer(body) != bytes.substr(body.size())) return nullptr;
  Reader reader(body);
  if (reader.Bytes(kMagic.size()) != kMagic || reader.Number(1) != kFormat ||
      reader.Text() != name.server_version || reader.Text() != name.collation ||
      reader.Number(1) != (name.pad_space ? 1u : 0u)) {
    return nullptr;
  }
  auto weights = std::make_shared<CollationWeights>(name.collation, name.pad_space);
  std::uint64_t next = 0;  // least code that may come
  for (std::uint64_t left = reader.Number(4); left > 0; --left) {
    const std::uint64_t code = reader.Number(3);
    const std::string_view weight = reader.Text();
    if (!reader.ok() || code < next || code > kLastCode || IsSurrogate(code)) return nullptr;
    weights->Set(static_cast<char32_t>(code), weight);
    next = code + 1;
  }
  return reader.at_end() ? weights : nullptr;
}

}  // namespace sealgate::policy
