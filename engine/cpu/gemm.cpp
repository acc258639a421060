#include "engine/cpu/gemm.h"

#include <omp.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include <dnnl.hpp>

#include "core/error.h"

namespace vernier::engine::cpu {

void gemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, const float* b,
          float* c, bool accumulate) {
  const auto status =
      dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a,
                 transpose_a ? m : k, b, transpose_b ? k : n, accumulate ? 1.0f : 0.0f, c, n);
  if (status != dnnl_success) {
    fail<DeviceError>("[cpu] oneDNN refuses a matrix product ({} x {} x {}): status {}", m, n, k,
                      static_cast<int>(status));
  }
}

ComputeScope::ComputeScope() {
  thread_local bool one_thread = false;
  if (!one_thread) omp_set_num_threads(1);
  one_thread = true;
#if defined(__SSE2__)
  constexpr unsigned flush_results_and_inputs = 0x8040;  // FTZ and DAZ
  saved_ = _mm_getcsr();
  _mm_setcsr(saved_ | flush_results_and_inputs);
#endif
}

ComputeScope::~ComputeScope() {
#if defined(__SSE2__)
  _mm_setcsr(saved_);
#endif
}

}  // namespace vernier::engine::cpu
