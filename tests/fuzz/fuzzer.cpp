// libFuzzer's door: one program a target (CMake sets VERNIER_FUZZ_TARGET).
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vernier::fuzz::VERNIER_FUZZ_TARGET(data, size);
  return 0;
}
