#include "proxy/net/unix_listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

namespace sealgate::net {
namespace {

using Done = tl::expected<void, std::string>;

Done Failed(const std::string& path, const char* what) {
  return tl::unexpected(fmt::format("cannot listen on {}: {}: {}", path, what, strerror(errno)));
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

int NewSocket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

/// Nobody listens there, and a file that is there may be replaced.
Done CheckFree(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return {};
  if (!S_ISSOCK(file.st_mode)) {
    return tl::unexpected(
        fmt::format("cannot listen on {}: there is a file that is no socket; remove it, or change "
                    "listen.socket",
                    path));
  }
  const int probe = NewSocket();
  if (probe < 0) return Failed(path, "socket");
  const sockaddr_un address = AddressOf(path);
  const int connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const bool stale = connected != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (stale) return {};
  return tl::unexpected(fmt::format("cannot listen on {}: another process does already", path));
}

struct Owner {
  uid_t user = static_cast<uid_t>(-1);  // -1: as it is
  gid_t group = static_cast<gid_t>(-1);
};

tl::expected<Owner, std::string> FindOwner(const std::string& text) {
  Owner owner;
  const std::size_t colon = text.find(':');
  const std::string user = text.substr(0, colon);
  if (!user.empty()) {
    const passwd* found = ::getpwnam(user.c_str());
    if (found == nullptr) {
      return tl::unexpected(fmt::format("listen.socket_owner: there is no user '{}'", user));
    }
    owner.user = found->pw_uid;
  }
  if (colon != std::string::npos) {
    const std::string group = text.substr(colon + 1);
    const ::group* found = ::getgrnam(group.c_str());
    if (found == nullptr) {
      return tl::unexpected(fmt::format("listen.socket_owner: there is no group '{}'", group));
    }
    owner.group = found->gr_gid;
  }
  return owner;
}

Done BindAs(int socket, const std::string& name, const policy::UnixListenConfig& config) {
  const auto owner = FindOwner(config.owner);
  if (!owner) return tl::unexpected(owner.error());
  ::unlink(name.c_str());
  const sockaddr_un address = AddressOf(name);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Failed(config.path, "bind");
  }
  if (!config.owner.empty() && ::chown(name.c_str(), owner->user, owner->group) != 0) {
    return Failed(config.path, "listen.socket_owner");
  }
  if (::chmod(name.c_str(), config.mode) != 0) return Failed(config.path, "chmod");
  if (::listen(socket, SOMAXCONN) != 0) return Failed(config.path, "listen");
  if (::rename(name.c_str(), config.path.c_str()) != 0) return Failed(config.path, "rename");
  return {};
}

}  // namespace

tl::expected<UnixListener, std::string> UnixListener::Open(const policy::UnixListenConfig& config) {
  if (auto free = CheckFree(config.path); !free) return tl::unexpected(free.error());
  UnixListener listener(NewSocket(), config.path);
  const std::string name = fmt::format("{}.{}", config.path, ::getpid());
  if (auto bound = BindAs(listener.socket_, name, config); !bound) {
    ::unlink(name.c_str());
    listener.path_.clear();
    return tl::unexpected(bound.error());
  }
  struct stat file {};
  if (::lstat(config.path.c_str(), &file) == 0) {
    listener.device_ = file.st_dev;
    listener.inode_ = file.st_ino;
  }
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

UnixListener::~UnixListener() {
  struct stat file {};
  const bool ours = !path_.empty() && ::lstat(path_.c_str(), &file) == 0 &&
                    file.st_dev == device_ && file.st_ino == inode_;
  if (ours) ::unlink(path_.c_str());
  if (socket_ >= 0) ::close(socket_);
}

int UnixListener::Duplicate() const { return ::fcntl(socket_, F_DUPFD_CLOEXEC, 0); }

}  // namespace sealgate::net
