#!/usr/bin/env bash
# Installs what building and testing need, from Debian's packages. Quiet and quick where everything is there already.
#   tests/install.sh build | test | ci
set -euo pipefail
level=${1:-test}

packages=(g++ cmake ninja-build ccache pkg-config
  libdnnl-dev ocl-icd-opencl-dev opencl-headers libtbb-dev libboost-program-options-dev libboost-random-dev libhwy-dev libeigen3-dev
  libcerf-dev liblbfgsb-dev libsqlite3-dev libyaml-cpp-dev nlohmann-json3-dev zlib1g-dev libmicrohttpd-dev libxxhash-dev libfmt-dev
  python3-dev python3-venv)
case "$level" in
  build) ;;
  test) packages+=(doctest-dev librapidcheck-dev libbenchmark-dev chromium fonts-dejavu-core sqlite3 python3 python3-pil python3-numpy curl strace faketime procps dpkg-dev) ;;
  ci) packages+=(doctest-dev librapidcheck-dev libbenchmark-dev chromium fonts-dejavu-core sqlite3 python3 python3-pil python3-numpy curl strace faketime procps dpkg-dev xz-utils clang-format clang-tidy) ;;
  *) echo "usage: install.sh build | test | ci" >&2; exit 2 ;;
esac
# A Node.js from elsewhere is left alone.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "packages: all there"
  exit 0
fi
echo "packages: installing ${missing[*]}"
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
