#!/usr/bin/env bash
# The package on a clean Debian 12: debootstrap, install with what it depends on, search, remove; nothing of it stays but the user's files. Some
# minutes; root and a mirror are needed, and it says that it is skipped where one is missing.
#   tests/program/deb_root.sh [BUILD_FOLDER | PACKAGE.deb]     (build/release, as tests/run.sh leaves it)
set -euo pipefail
cd "$(dirname "$0")/../.."
from=${1:-build/release}
mirror=${VERNIER_MIRROR:-http://deb.debian.org/debian}
skip() { echo "SKIPPED: deb_root: $1"; exit 0; }
[ "$(id -u)" -eq 0 ] || skip "not root"
command -v debootstrap >/dev/null || skip "no debootstrap (Debian: apt-get install debootstrap)"
root=$(mktemp -d /var/tmp/vernier-root-XXXXXX)
packages=$(mktemp -d)
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf "$root" "$packages"' EXIT
if [ -d "$from" ]; then
  (cd "$from" && cpack -G DEB -B "$packages" >/dev/null 2>&1)
  deb=$(echo "$packages"/vernier_*.deb)
else
  deb=$from
fi

debootstrap --variant=minbase bookworm "$root" "$mirror" >"$packages/debootstrap.log" 2>&1 ||
  { tail -n 5 "$packages/debootstrap.log"; skip "no Debian mirror at $mirror"; }
# How this machine reaches its mirrors.
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
mount -t proc proc "$root/proc"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/home/user DEBIAN_FRONTEND=noninteractive "$@"; }
inside apt-get update -qq 2>/dev/null
cp "$deb" "$root/var/tmp/vernier.deb"
inside apt-get install -y -qq --no-install-recommends /var/tmp/vernier.deb >"$packages/install.log" 2>&1 ||
  { cat "$packages/install.log"; exit 1; }
inside dpkg -L vernier | sort >"$packages/files"
echo "installed: $(wc -l <"$packages/files") files, and $(grep -c '^Setting up' "$packages/install.log") packages in all"

mkdir -p "$root/home/user"
cat >"$root/home/user/small.yaml" <<'STUDY'
version: 1
study: small
data: {set: xor, n: 400}
model: {type: mlp}
train: {epochs: 3}
trials: 8
parameters:
  model.width: {min: 4, max: 64, log: true}
  train.lr: {min: 1.0e-4, max: 1.0e-1, log: true}
STUDY
inside sh -c 'cd /home/user && vernier run small.yaml && vernier top small -n 3 && vernier report small -o report.html && vernier verify' |
  tail -n 12
inside sh -c 'cd /home/user && vernier doctor >/dev/null && vernier --help >/dev/null'
inside dpkg -r vernier >/dev/null

left=0
while read -r file; do
  if [ -e "$root$file" ] && [ ! -d "$root$file" ]; then
    echo "left behind: $file"
    left=1
  fi
done <"$packages/files"
[ "$left" -eq 0 ] || exit 1
if find "$root" -mindepth 1 -xdev -path "$root/proc" -prune -o -path "$root/home/user" -prune -o -path "$root/var/tmp/vernier.deb" -prune -o \
     -path "$root/var/log" -prune -o -path "$root/var/cache" -prune -o -name '*vernier*' -print | grep .; then
  echo "the files above stayed"
  exit 1
fi
for file in small.yaml vernier.db report.html; do
  [ -s "$root/home/user/$file" ] || { echo "the user's $file is gone"; exit 1; }
done
echo "deb_root: installed, searched, removed; the user's files stayed"
