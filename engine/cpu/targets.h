// Instruction sets that our own loops are compiled for: x86-64 (baseline), v2, v3 and v4, chosen at run time by Highway. Include before
// any Highway header.
#pragma once
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#endif
