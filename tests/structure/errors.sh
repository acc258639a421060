#!/usr/bin/env bash
# The exceptions that programs catch (experiments/library/vernier/error.h) are those of core/error.h, written the same.
set -euo pipefail
cd "$(dirname "$0")/../.."
types() { sed -nE '/^struct [A-Za-z]+ : (Error|std::runtime_error) \{$/,/^\};$/p' "$1"; }
ours=$(types core/error.h)
theirs=$(sed -n '/^#else$/,/^#endif$/p' experiments/library/vernier/error.h | sed -nE '/^struct [A-Za-z]+ : (Error|std::runtime_error) \{$/,/^\};$/p')
for name in $(grep -oE '^struct [A-Za-z]+' <<<"$theirs" | cut -d' ' -f2); do
  of() { sed -n "/^struct $name :/,/^};/p" <<<"$1"; }
  if [ -z "$(of "$ours")" ] || [ "$(of "$ours")" != "$(of "$theirs")" ]; then
    echo "errors: $name differs between core/error.h and experiments/library/vernier/error.h"
    exit 1
  fi
done
[ -n "$theirs" ] && echo "errors: ok"
