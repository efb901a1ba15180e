#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "proxy/wire/compressed_packet.h"

namespace sealgate::wire {
namespace {

constexpr std::size_t kPiece = 16 * 1024;
// A packet's plain length has 24 bits, and so has the largest useful window.
constexpr int kLargestWindowLog = 24;

std::uint32_t U24At(const char* bytes) {
  const auto at = [bytes](int i) { return std::uint32_t{static_cast<std::uint8_t>(bytes[i])}; };
  return at(0) | at(1) << 8 | at(2) << 16;
}

}  // namespace

struct CompressedReader::State {
  explicit State(Compression algorithm) {
    if (algorithm == Compression::kZlib) {
      ok = inflateInit(&zlib) == Z_OK;
      has_zlib = ok;
    } else {
      zstd = ZSTD_createDStream();
      ok = zstd != nullptr &&
           ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, kLargestWindowLog)) == 0;
    }
  }
  ~State() {
    if (has_zlib) inflateEnd(&zlib);
    ZSTD_freeDStream(zstd);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool Begin() {
    ended = false;
    more = false;
    if (has_zlib) return inflateReset(&zlib) == Z_OK;
    return ok && ZSTD_isError(ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only)) == 0;
  }

  /// Expands into `piece`, at most `room` bytes. False: corrupt.
  bool Step(std::string_view in, std::size_t room, std::size_t& used, std::size_t& made);

  z_stream zlib{};
  ZSTD_DStream* zstd = nullptr;
  bool has_zlib = false;
  bool ok = false;
  bool ended = false;  // the packet's stream
  bool more = false;   // the last step had more to say than room
  char piece[kPiece];
};

bool CompressedReader::State::Step(std::string_view in, std::size_t room, std::size_t& used,
                                   std::size_t& made) {
  if (has_zlib) {
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    zlib.avail_in = static_cast<uInt>(in.size());
    zlib.next_out = reinterpret_cast<Bytef*>(piece);
    zlib.avail_out = static_cast<uInt>(room);
    const int result = inflate(&zlib, Z_NO_FLUSH);
    used = in.size() - zlib.avail_in;
    made = room - zlib.avail_out;
    ended = result == Z_STREAM_END;
    more = !ended && zlib.avail_out == 0;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
  }
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  ZSTD_outBuffer to{piece, room, 0};
  const std::size_t result = ZSTD_decompressStream(zstd, &to, &from);
  used = from.pos;
  made = to.pos;
  if (ZSTD_isError(result) != 0) return false;
  ended = result == 0;
  more = !ended && to.pos == to.size;
  return true;
}

CompressedReader::CompressedReader(Compression algorithm) : algorithm_(algorithm) {}
CompressedReader::~CompressedReader() = default;
CompressedReader::CompressedReader(CompressedReader&&) noexcept = default;
CompressedReader& CompressedReader::operator=(CompressedReader&&) noexcept = default;

tl::expected<CompressedReader::Piece, CompressionError> CompressedReader::Next(
    std::string_view in) {
  Piece piece;
  if (!error_ && !in_packet_) {
    piece.consumed = ReadHeader(in);
    piece.began = piece.consumed > 0 && header_size_ == 0;
    in.remove_prefix(piece.consumed);
  }
  if (!error_ && in_packet_) {
    const Piece next = stored_ ? ReadStored(in) : Expand(in);
    piece.consumed += next.consumed;
    piece.bytes = next.bytes;
  }
  if (error_) return tl::unexpected(*error_);
  return piece;
}

std::size_t CompressedReader::ReadHeader(std::string_view in) {
  const std::size_t used = std::min(in.size(), kCompressedHeaderSize - header_size_);
  std::memcpy(header_.data() + header_size_, in.data(), used);
  header_size_ = static_cast<std::uint8_t>(header_size_ + used);
  if (header_size_ < kCompressedHeaderSize) return used;
  header_size_ = 0;
  left_ = U24At(header_.data());
  plain_left_ = U24At(header_.data() + 4);
  stored_ = plain_left_ == 0;
  const auto seq = static_cast<std::uint8_t>(header_[3]);
  if (expected_ && *expected_ != seq) {
    error_ = CompressionError::kBadSequence;
    return used;
  }
  next_ = static_cast<std::uint8_t>(seq + 1);
  expected_ = next_;
  in_packet_ = left_ > 0 || !stored_;
  if (!in_packet_ || stored_) return used;
  if (state_ == nullptr) state_ = std::make_unique<State>(algorithm_);
  if (!state_->Begin()) error_ = CompressionError::kCorrupt;
  return used;
}

CompressedReader::Piece CompressedReader::ReadStored(std::string_view in) {
  const std::string_view bytes = in.substr(0, left_);
  left_ -= static_cast<std::uint32_t>(bytes.size());
  in_packet_ = left_ > 0;
  return {.consumed = bytes.size(), .began = false, .bytes = bytes};
}

// One byte more than announced is asked for, to see that it does not come.
CompressedReader::Piece CompressedReader::Expand(std::string_view in) {
  Piece piece;
  const std::string_view payload = in.substr(0, left_);
  if (payload.empty() && left_ > 0 && !state_->more) return piece;
  const std::size_t room = std::min<std::size_t>(kPiece, std::size_t{plain_left_} + 1);
  std::size_t made = 0;
  if (!state_->Step(payload, room, piece.consumed, made) || made > plain_left_) {
    error_ = CompressionError::kCorrupt;
    return piece;
  }
  piece.bytes = std::string_view(state_->piece, made);
  left_ -= static_cast<std::uint32_t>(piece.consumed);
  plain_left_ -= static_cast<std::uint32_t>(made);
  const bool stuck = piece.consumed == 0 && made == 0;
  if (state_->ended) {
    if (left_ > 0 || plain_left_ > 0) error_ = CompressionError::kCorrupt;
    in_packet_ = false;
  } else if ((left_ == 0 && !state_->more) || (stuck && !payload.empty())) {
    error_ = CompressionError::kCorrupt;
  }
  return piece;
}

bool CompressedReader::HasMore() const { return in_packet_ && !stored_ && state_->more; }

void CompressedReader::Release() {
  if (BetweenPackets()) state_ = nullptr;
}

}  // namespace sealgate::wire
