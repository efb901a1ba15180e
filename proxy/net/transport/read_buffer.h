// Where one side's bytes arrive. One buffer is used again and again; it grows
// while reads fill it and stays so until its owner finds the connection idle.
#ifndef SEALGATE_PROXY_NET_TRANSPORT_READ_BUFFER_H_
#define SEALGATE_PROXY_NET_TRANSPORT_READ_BUFFER_H_

#include <cstddef>
#include <memory>
#include <string_view>

namespace sealgate::net {

class ReadBuffer {
 public:
  static constexpr std::size_t kSmallest = 2 * 1024;
  static constexpr std::size_t kLargest = 64 * 1024;

  /// Makes room before a read.
  void Prepare();
  /// Gives back what it has grown by, if it is empty. Not during a read.
  void Shrink();
  bool grown() const { return capacity_ > kSmallest; }
  char* space() { return bytes_.get() + end_; }
  std::size_t space_size() const { return capacity_ - end_; }
  /// Bytes of a read.
  void Commit(std::size_t size);

  /// Valid until the next call of a method that is not const.
  std::string_view bytes() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  bool full() const { return begin_ == 0 && end_ == kLargest; }
  void Consume(std::size_t size);
  /// The same, and overwrites them: they may hold a password.
  void ConsumeAndWipe(std::size_t size);
  void Clear();
  std::size_t capacity() const { return capacity_; }

 private:
  void Resize(std::size_t capacity);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  // the last read used all the room
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_TRANSPORT_READ_BUFFER_H_
