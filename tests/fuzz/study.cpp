#include <fstream>

#include "core/error.h"
#include "experiments/study/spec.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/targets.h"

namespace vernier::fuzz {

void study(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch;
  static const auto file = scratch / "study.yaml";
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    const auto spec = experiments::load_spec(file);
    // What the database keeps reads back as the same study.
    const auto kept = experiments::spec_from_json(spec.json);
    if (kept.hash() != spec.hash()) __builtin_trap();
    if (kept.json.value("claim", Json()) != spec.json.value("claim", Json())) __builtin_trap();
    (void)spec.space();
  } catch (const Error&) {
  }
}

}  // namespace vernier::fuzz
