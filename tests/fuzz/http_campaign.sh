#!/usr/bin/env bash
# Fuzzes the HTTP part of the live page with clang's libFuzzer under ASan and UBSan, without a build tree.
#   tests/fuzz/http_campaign.sh [RUNS]      default 1,000,000 executions; needs clang, libclang-rt-dev, libmicrohttpd-dev
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/found"
cat >"$work/door.cpp" <<'DOOR'
#include <cstddef>
#include <cstdint>
#include <string_view>
namespace vernier::fuzz { void http(const std::uint8_t*, std::size_t); }
namespace vernier::reports { std::string_view page_template() { return {}; } }
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { vernier::fuzz::http(data, size); return 0; }
DOOR
flags=(-std=c++20 -O1 -g1 -I. -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
for file in "$work/door.cpp" tests/fuzz/http.cpp reports/live/site.cpp reports/live/server.cpp reports/html/page.cpp reports/html/base64.cpp core/text.cpp core/number_text.cpp core/printable.cpp core/file.cpp core/clock.cpp; do
  clang++ "${flags[@]}" -c "$file" -o "$work/$(basename "$file").o"
done
clang++ "${flags[@]}" -fsanitize=fuzzer "$work"/*.o -lfmt -lmicrohttpd -lpthread -o "$work/fuzz_http"
"$work/fuzz_http" "$work/found" tests/fuzz/corpus/http -runs="${1:-1000000}" -max_len=4096 -print_final_stats=1 -artifact_prefix="$PWD/" 2>&1 | tail -n 12
