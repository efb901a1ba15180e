#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "proxy/wire/compressed_packet.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {
namespace {

constexpr std::size_t kLargestChunk = 128 * 1024;
// As both servers do: shorter ones do not get smaller.
constexpr std::size_t kSmallestChunk = 50;
// Higher levels cost the proxy tens of times more than they save.
constexpr int kHighestUsedLevel = 9;

}  // namespace

struct Compressor::State {
  ~State() {
    if (has_zlib) deflateEnd(&zlib);
    ZSTD_freeCCtx(zstd);
  }
  std::size_t Deflate(std::string_view plain, std::size_t room);
  std::size_t Zstd(int level, std::string_view plain, std::size_t room);

  z_stream zlib{};
  bool has_zlib = false;
  ZSTD_CCtx* zstd = nullptr;
  char packed[kLargestChunk];
};

// Both return 0 when it does not fit into `room`.
std::size_t Compressor::State::Deflate(std::string_view plain, std::size_t room) {
  if (!has_zlib) has_zlib = deflateInit(&zlib, Z_DEFAULT_COMPRESSION) == Z_OK;
  if (!has_zlib || deflateReset(&zlib) != Z_OK) return 0;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  zlib.avail_in = static_cast<uInt>(plain.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed);
  zlib.avail_out = static_cast<uInt>(room);
  return deflate(&zlib, Z_FINISH) == Z_STREAM_END ? room - zlib.avail_out : 0;
}

std::size_t Compressor::State::Zstd(int level, std::string_view plain, std::size_t room) {
  if (zstd == nullptr) zstd = ZSTD_createCCtx();
  if (zstd == nullptr) return 0;
  const std::size_t size = ZSTD_compressCCtx(zstd, packed, room, plain.data(), plain.size(),
                                             std::min(level, kHighestUsedLevel));
  return ZSTD_isError(size) != 0 ? 0 : size;
}

Compressor::Compressor() = default;
Compressor::~Compressor() = default;

// The size of what is in state_->packed then; 0: no smaller.
std::size_t Compressor::Shrink(Compression algorithm, int level, std::string_view plain) {
  if (plain.size() < kSmallestChunk) return 0;
  if (state_ == nullptr) state_ = std::make_unique<State>();
  const std::size_t room = plain.size() - 1;
  return algorithm == Compression::kZlib ? state_->Deflate(plain, room)
                                         : state_->Zstd(level, plain, room);
}

void Compressor::Append(Compression algorithm, int level, std::string_view plain, std::uint8_t& seq,
                        std::string& out) {
  Writer writer(out);
  while (!plain.empty()) {
    const std::string_view chunk = plain.substr(0, kLargestChunk);
    plain.remove_prefix(chunk.size());
    const std::size_t size = Shrink(algorithm, level, chunk);
    writer.U24(static_cast<std::uint32_t>(size > 0 ? size : chunk.size()));
    writer.U8(seq++);
    writer.U24(static_cast<std::uint32_t>(size > 0 ? chunk.size() : 0));
    writer.Bytes(size > 0 ? std::string_view(state_->packed, size) : chunk);
  }
}

}  // namespace sealgate::wire
