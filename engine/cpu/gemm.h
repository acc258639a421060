// Matrix products by oneDNN's sgemm, which measured as fast as its matmul primitives on the shapes of MLPs.
#pragma once

namespace vernier::engine::cpu {

/// C (m, n) = (accumulate: +=) op(A) op(B), row-major without gaps; op transposes where asked: A is (k, m), B is (n, k) then.
/// Throws DeviceError where oneDNN refuses. On the calling thread alone within a ComputeScope.
void gemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, const float* b,
          float* c, bool accumulate = false);

/// While it lives, the calling thread computes as lanes do: oneDNN's OpenMP uses one thread (set once a thread), and numbers too small for
/// the normal range count as 0: optimizer states of units that have died would otherwise slow every update several times. The
/// former treatment of small numbers comes back at its end.
class ComputeScope {
 public:
  ComputeScope();
  ~ComputeScope();
  ComputeScope(const ComputeScope&) = delete;
  ComputeScope& operator=(const ComputeScope&) = delete;

 private:
  unsigned saved_ = 0;
};

}  // namespace vernier::engine::cpu
