// Compressed packets: the layer under the frames of a leg on which compression
// was negotiated. It is a stream of its own, cut without regard to frames.
//
// Source: MySQL manual, "Compressed Packet"; the zlib (RFC 1950) and zstd
// (RFC 8878) formats.
//
//   field          size  meaning
//   length         3     bytes of the payload here
//   sequence       1     as a frame's, but counts these packets
//   plain length   3     bytes of the payload when expanded; 0: it is not compressed
//   payload        length
//
// Numbers of frames inside are not kept in order by either server; only these
// packets' are. Thread rule: one thread at a time.
#ifndef SEALGATE_PROXY_WIRE_COMPRESSED_PACKET_H_
#define SEALGATE_PROXY_WIRE_COMPRESSED_PACKET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace sealgate::wire {

enum class Compression : std::uint8_t { kNone, kZlib, kZstd };

inline constexpr std::size_t kCompressedHeaderSize = 7;
/// What clients may ask for in their login.
inline constexpr std::uint8_t kLowestZstdLevel = 1;
inline constexpr std::uint8_t kHighestZstdLevel = 22;
inline constexpr std::uint8_t kDefaultZstdLevel = 3;

enum class CompressionError {
  kBadSequence,
  /// Not of the algorithm, or of another size than announced.
  kCorrupt,
};

/// Expands one direction of a leg, piece by piece: neither a packet nor what
/// becomes of it is ever held whole. Memory: about 60 KiB while packets come
/// (zstd: up to twice a packet's plain length), none before the first and after
/// Release().
class CompressedReader {
 public:
  struct Piece {
    /// Bytes of the input that were used.
    std::size_t consumed = 0;
    /// A packet began: next_sequence() is another.
    bool began = false;
    /// Of the frames; into the input or the reader, valid until its next call.
    /// Empty with nothing consumed: more input is needed.
    std::string_view bytes = {};
  };

  explicit CompressedReader(Compression algorithm);
  ~CompressedReader();
  CompressedReader(CompressedReader&&) noexcept;
  CompressedReader& operator=(CompressedReader&&) noexcept;

  /// The number of the next packet; nullopt accepts any. Initially any.
  /// Afterwards one more than the last.
  void ExpectSequence(std::optional<std::uint8_t> seq) { expected_ = seq; }
  /// One more than the last packet's.
  std::uint8_t next_sequence() const { return next_; }
  /// The last packet was given out whole.
  bool BetweenPackets() const { return header_size_ == 0 && !in_packet_; }

  /// More comes out without more input.
  bool HasMore() const;

  /// One step into `in`; call again with the rest until nothing is consumed and
  /// nothing comes out. After an error it keeps returning it.
  tl::expected<Piece, CompressionError> Next(std::string_view in);
  /// Gives memory back, between packets.
  void Release();

 private:
  struct State;
  std::size_t ReadHeader(std::string_view in);
  Piece ReadStored(std::string_view in);
  Piece Expand(std::string_view in);

  Compression algorithm_;
  std::optional<std::uint8_t> expected_;
  std::uint8_t next_ = 0;
  std::uint8_t header_size_ = 0;
  std::array<char, kCompressedHeaderSize> header_{};
  bool in_packet_ = false;
  bool stored_ = false;
  std::uint32_t left_ = 0;        // of the payload
  std::uint32_t plain_left_ = 0;  // of what becomes of it
  std::optional<CompressionError> error_;
  std::unique_ptr<State> state_;  // while packets come
};

/// Makes compressed packets. One per thread serves every leg, so that the 260
/// KiB that deflating takes are not each session's; nothing before the first
/// use.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// Appends `plain` as packets, the first of which gets number `seq`; `seq` is
  /// left at the number after the last. `level` is for zstd. What compressing
  /// does not make smaller goes as it is.
  void Append(Compression algorithm, int level, std::string_view plain, std::uint8_t& seq,
              std::string& out);

 private:
  struct State;
  std::size_t Shrink(Compression algorithm, int level, std::string_view plain);

  std::unique_ptr<State> state_;
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_COMPRESSED_PACKET_H_
