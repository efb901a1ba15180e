#include "proxy/net/transport/read_buffer.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace sealgate::net {

void ReadBuffer::Prepare() {
  if (empty()) begin_ = end_ = 0;
  if (bytes_ == nullptr) {
    Resize(kSmallest);
  } else if (filled_ && capacity_ < kLargest) {
    Resize(std::min(capacity_ * 4, kLargest));
  } else if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  filled_ = false;
}

void ReadBuffer::Shrink() {
  if (!empty() || !grown()) return;
  bytes_.reset();
  capacity_ = begin_ = end_ = 0;
  filled_ = false;
}

void ReadBuffer::Commit(std::size_t size) {
  end_ += size;
  filled_ = end_ == capacity_;
}

void ReadBuffer::Consume(std::size_t size) { begin_ += size; }

void ReadBuffer::ConsumeAndWipe(std::size_t size) {
  OPENSSL_cleanse(bytes_.get() + begin_, size);
  begin_ += size;
}

void ReadBuffer::Clear() { begin_ = end_ = 0; }

void ReadBuffer::Resize(std::size_t capacity) {
  // Not zeroed: only what a read wrote is ever looked at.
  std::unique_ptr<char[]> next(new char[capacity]);
  const std::size_t used = end_ - begin_;
  if (used > 0) {
    std::memcpy(next.get(), bytes_.get() + begin_, used);
    OPENSSL_cleanse(bytes_.get() + begin_, used);
  }
  bytes_ = std::move(next);
  capacity_ = capacity;
  begin_ = 0;
  end_ = used;
}

}  // namespace sealgate::net
