#!/usr/bin/env bash
# Brings cuBLAS, cuDNN and its header-only front end from PyPI, for machines with nvcc but without them (about 1 GB).
#   engine/cuda/get_libs.sh DIR      then: cmake --preset cuda -DVERNIER_CUDA_LIBS=DIR
set -euo pipefail
dir=${1:?usage: get_libs.sh DIR}
if [ -f "$dir/.complete" ]; then
  echo "CUDA libraries are in $dir already"
  exit 0
fi
mkdir -p "$dir"
python=${PYTHON:-python3}
if ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "get_libs.sh: $python has no pip; on Debian: apt-get install python3-pip" >&2
  exit 1
fi
"$python" -m pip install --quiet --no-deps --upgrade --disable-pip-version-check --root-user-action=ignore --target "$dir" \
  nvidia-cublas==13.1.1.3 nvidia-cudnn-cu13==9.15.1.9 nvidia-cudnn-frontend==1.18.0
touch "$dir/.complete"
echo "CUDA libraries are in $dir"
