// A listening Unix socket and its file.
//
// The file appears with its mode and owner at once: the socket is made under
// another name and then renamed. A file that a dead process left is replaced; a
// socket that somebody listens on, or a file of another kind, is an error.
// Thread rule: one thread.
#ifndef SEALGATE_PROXY_NET_UNIX_LISTENER_H_
#define SEALGATE_PROXY_NET_UNIX_LISTENER_H_

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>

#include "policy/config.h"

namespace sealgate::net {

class UnixListener {
 public:
  /// The error names the path and says what to do.
  static tl::expected<UnixListener, std::string> Open(const policy::UnixListenConfig& config);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&& other) = delete;
  /// Removes the file, unless somebody else has put another one there.
  ~UnixListener();

  /// A descriptor of the same socket, for one thread to accept from. The
  /// caller's to close; -1 when there is none left.
  int Duplicate() const;

 private:
  UnixListener(int socket, std::string path) : socket_(socket), path_(std::move(path)) {}
  int socket_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_UNIX_LISTENER_H_
