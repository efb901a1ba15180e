# MySQL 9.7 from Debian unstable, in a directory of its own; sourced by setup.
#
# Debian 12 has no MySQL server. A minimal Debian unstable is unpacked next to
# nothing of the system, and its programs run through its own loader and
# libraries (tests/integration/servers/mysql.py), so no chroot is needed to use
# them. The finished tree is renamed into place: it is whole or not there.

SEALGATE_CACHE_DIR=${SEALGATE_CACHE:-${HOME:-/root}/.cache/sealgate}
MYSQL_SID=$SEALGATE_CACHE_DIR/mysql-sid
MYSQL_SID_STAMP=.sealgate-ready

mysql_sid_ready() { [ -s "$MYSQL_SID/$MYSQL_SID_STAMP" ]; }

# mysql_sid_program TREE PROGRAM ARGUMENTS...: PROGRAM as usr/sbin/mysqld.
mysql_sid_program() {
  local tree=$1 program=$2 machine loader
  shift 2
  machine=$(uname -m)
  case $machine in
    x86_64) loader=usr/lib64/ld-linux-x86-64.so.2 ;;
    aarch64) loader=usr/lib/ld-linux-aarch64.so.1 ;;
    *) echo "no loader known for $machine" >&2; return 1 ;;
  esac
  "$tree/$loader" --library-path "$tree/usr/lib/$machine-linux-gnu" "$tree/$program" "$@"
}

# The mirror that this machine already uses for Debian 12, or nothing.
mysql_sid_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' \
    2>/dev/null | sed -n 's/^\(https\{0,1\}:[^ ]*\) bookworm main$/\1/p' | head -n 1
}

mysql_sid_unpack() {
  local tree=$1 mirror=$2
  as_root rm -rf "$tree"
  # An empty mirror lets debootstrap choose its own default.
  step_run "$log" as_root debootstrap --variant=minbase sid "$tree" ${mirror:+"$mirror"}
}

mysql_sid_install() {
  local tree=$MYSQL_SID.new.$$ mirror versions
  step "Unpacking a minimal Debian unstable for MySQL 9.7 (about 30 s)"
  # debootstrap and the inner apt-get know nothing of apt's proxy setting.
  eval "$(apt-config shell apt_proxy Acquire::http::Proxy)"
  [ -z "${apt_proxy:-}" ] || export http_proxy=$apt_proxy
  as_root rm -rf "$MYSQL_SID".new.*
  mirror=$(mysql_sid_mirror)
  mysql_sid_unpack "$tree" "$mirror" || {
    step_note "that mirror has no usable Debian unstable; trying debootstrap's default"
    mysql_sid_unpack "$tree" ""
  } || step_fail "debootstrap failed; its log is $log" \
    "It needs a network, about 1 GB below $SEALGATE_CACHE_DIR, and the right to chroot and mknod."

  step "Installing MySQL in it (about 40 s)"
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$tree/usr/sbin/policy-rc.d" >/dev/null
  as_root chmod 755 "$tree/usr/sbin/policy-rc.d"
  printf 'path-exclude=/usr/share/%s/*\n' doc man locale |
    as_root tee "$tree/etc/dpkg/dpkg.cfg.d/small" >/dev/null
  echo force-unsafe-io | as_root tee -a "$tree/etc/dpkg/dpkg.cfg.d/small" >/dev/null
  step_run "$log" as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$tree" \
    apt-get install -y --no-install-recommends -o Acquire::Retries=3 \
    mysql-server-core mysql-client-core || step_fail "MySQL could not be installed; the log is $log"
  as_root sh -c "rm -rf '$tree'/var/cache/apt/*.bin '$tree'/var/cache/apt/archives/*.deb \
    '$tree'/var/lib/apt/lists/*; chmod 755 '$tree'"

  versions=$(mysql_sid_program "$tree" usr/sbin/mysqld --no-defaults --version &&
    mysql_sid_program "$tree" usr/bin/mysql --no-defaults --version) ||
    step_fail "the unpacked MySQL does not run"
  [ "$(grep -c 'Ver 9\.' <<<"$versions")" -eq 2 ] ||
    step_fail "Debian unstable gave another MySQL than 9.x: $versions"
  printf '%s\n' "$versions" | as_root tee "$tree/$MYSQL_SID_STAMP" >/dev/null
  as_root rm -rf "$MYSQL_SID"
  as_root mv "$tree" "$MYSQL_SID"
  step_note "MySQL $(sed -n 's/.*Ver \([0-9.]*\).*/\1/p;q' <<<"$versions") is in $MYSQL_SID"
}
