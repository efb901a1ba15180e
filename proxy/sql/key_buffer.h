// Bytes that are made again for each statement, for the key of a table: memory
// that grows and is never cleared.
#ifndef SEALGATE_PROXY_SQL_KEY_BUFFER_H_
#define SEALGATE_PROXY_SQL_KEY_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace sealgate::sql {

class KeyBuffer {
 public:
  void Clear() { used_ = 0; }
  /// Valid until the next Append(), Room() or Clear().
  std::string_view bytes() const { return {memory_.data(), used_}; }

  /// The end of the bytes, behind which `size` more may be written. What was
  /// counts when Take() has been called.
  char* Room(std::size_t size) {
    if (memory_.size() - used_ < size) memory_.resize(used_ + size);
    return memory_.data() + used_;
  }
  /// The bytes now reach to `end`, which is in the room.
  void Take(const char* end) { used_ = static_cast<std::size_t>(end - memory_.data()); }

  void Append(std::string_view bytes) {
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
    used_ += bytes.size();
  }

 private:
  std::string memory_;
  std::size_t used_ = 0;
};

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_KEY_BUFFER_H_
