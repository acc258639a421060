#include "engine/cuda/products.h"

#include <cublasLt.h>

#include <compare>
#include <cstdint>
#include <map>

#include "engine/cuda/check.h"
#include "engine/cuda/libraries.h"

namespace vernier::engine::cuda {
namespace {

constexpr std::size_t workspace_bytes = std::size_t{64} << 20;
// The bits of a lane must not depend on how many lanes there are, so the algorithm of a product must not: it is chosen for this many lanes,
// with this much workspace (which grows with the lanes where it is used), and then taken for any number.
constexpr int nominal_lanes = 8;
constexpr std::size_t nominal_workspace = std::size_t{4} << 20;
constexpr int candidates = 8;
constexpr std::size_t most_alignment = 16;  // of all a cohort's tensors, whatever its lanes

void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw CudaError("[" + std::string(call) + "] cuBLASLt status " + std::to_string(status));
}

/// The functions used, from the opened library.
struct Functions {
#define FUNCTION(name) decltype(&::name) name = cublaslt_function<decltype(&::name)>(#name);
  FUNCTION(cublasLtCreate)
  FUNCTION(cublasLtDestroy)
  FUNCTION(cublasLtMatmul)
  FUNCTION(cublasLtMatmulAlgoCheck)
  FUNCTION(cublasLtMatmulAlgoGetHeuristic)
  FUNCTION(cublasLtMatmulDescCreate)
  FUNCTION(cublasLtMatmulDescDestroy)
  FUNCTION(cublasLtMatmulDescSetAttribute)
  FUNCTION(cublasLtMatrixLayoutCreate)
  FUNCTION(cublasLtMatrixLayoutDestroy)
  FUNCTION(cublasLtMatrixLayoutSetAttribute)
  FUNCTION(cublasLtMatmulPreferenceCreate)
  FUNCTION(cublasLtMatmulPreferenceDestroy)
  FUNCTION(cublasLtMatmulPreferenceSetAttribute)
#undef FUNCTION
};

/// What an algorithm is chosen by.
struct Key {
  bool transpose_a, transpose_b, accumulate;
  int m, n, k, a_row, b_row, c_row;
  std::size_t a_stride, b_stride, c_stride, bias_stride, mask_stride;
  std::size_t a_aligned, b_aligned, c_aligned;
  int lanes;
  Epilogue epilogue;
  Number factors, result;
  Precision precision;
  auto operator<=>(const Key&) const = default;
};

/// Of an address, and of a number in every lane.
std::size_t aligned(const void* data) {
  std::size_t most = most_alignment;
  while (most > 1 && reinterpret_cast<std::uintptr_t>(data) % most != 0) most /= 2;
  return most;
}

Key key_of(const MatrixProduct& p, Precision precision) {
  return {p.transpose_a,
          p.transpose_b,
          p.accumulate,
          p.m,
          p.n,
          p.k,
          p.a_columns(),
          p.b_columns(),
          p.c_columns(),
          p.a.stride,
          p.b.stride,
          p.c.stride,
          p.epilogue == Epilogue::relu_gradient_bias ? p.bias_gradient_stride : p.bias.stride,
          p.mask_stride,
          aligned(p.a.data),
          aligned(p.b.data),
          aligned(p.c.data),
          p.lanes,
          p.epilogue,
          p.a.number,
          p.c.number,
          precision};
}

cudaDataType_t type_of(Number number) { return number == Number::fp32 ? CUDA_R_32F : CUDA_R_16BF; }

cublasLtEpilogue_t name_of(Epilogue epilogue) {
  switch (epilogue) {
    case Epilogue::none:
      return CUBLASLT_EPILOGUE_DEFAULT;
    case Epilogue::bias:
      return CUBLASLT_EPILOGUE_BIAS;
    case Epilogue::relu:
      return CUBLASLT_EPILOGUE_RELU;
    case Epilogue::bias_relu:
      return CUBLASLT_EPILOGUE_RELU_BIAS;
    case Epilogue::relu_mask:
      return CUBLASLT_EPILOGUE_RELU_AUX;
    case Epilogue::bias_relu_mask:
      return CUBLASLT_EPILOGUE_RELU_AUX_BIAS;
    case Epilogue::relu_gradient:
      return CUBLASLT_EPILOGUE_DRELU;
    case Epilogue::relu_gradient_bias:
      return CUBLASLT_EPILOGUE_DRELU_BGRAD;
  }
  throw CudaError("[products] unknown epilogue " + std::to_string(static_cast<int>(epilogue)));
}

}  // namespace

struct Products::Impl {
  explicit Impl(cudaStream_t on) : stream(on) {
    check(lt.cublasLtCreate(&handle), "cublasLtCreate");
    if (const cudaError_t code = cudaMalloc(&workspace, workspace_bytes); code != cudaSuccess) {
      lt.cublasLtDestroy(handle);
      check(code, "cudaMalloc");
    }
  }
  ~Impl() {
    for (auto& [key, plan] : plans) drop(plan);
    lt.cublasLtDestroy(handle);
    cudaFree(workspace);
  }

  struct Plan {
    cublasLtMatmulDesc_t operation = nullptr;
    cublasLtMatrixLayout_t a = nullptr, b = nullptr, c = nullptr;
    cublasLtMatmulAlgo_t algorithm{};
    bool found = false;
  };

  void drop(Plan& plan) const {
    if (plan.operation != nullptr) lt.cublasLtMatmulDescDestroy(plan.operation);
    for (cublasLtMatrixLayout_t layout : {plan.a, plan.b, plan.c})
      if (layout != nullptr) lt.cublasLtMatrixLayoutDestroy(layout);
    plan = {};
  }

  /// A row-major matrix of `rows` and `columns` is to cuBLAS, which goes column by column, one of `columns` and `rows`.
  cublasLtMatrixLayout_t layout(int rows, int columns, int row, Number number, std::size_t stride,
                                int lanes) const {
    cublasLtMatrixLayout_t made = nullptr;
    check(lt.cublasLtMatrixLayoutCreate(&made, type_of(number), static_cast<std::uint64_t>(columns),
                                        static_cast<std::uint64_t>(rows), row),
          "cublasLtMatrixLayoutCreate");
    const auto distance = static_cast<std::int64_t>(stride);
    set_lanes(made, lanes);
    check(lt.cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                              &distance, sizeof distance),
          "cublasLtMatrixLayoutSetAttribute");
    return made;
  }
  void set_lanes(cublasLtMatrixLayout_t layout, int lanes) const {
    const std::int32_t count = lanes;
    check(lt.cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                              sizeof count),
          "cublasLtMatrixLayoutSetAttribute");
  }
  template <class T>
  void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute,
           const T& value) const {
    check(lt.cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value),
          "cublasLtMatmulDescSetAttribute");
  }
  template <class T>
  void set(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute,
           const T& value) const {
    check(lt.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
          "cublasLtMatmulPreferenceSetAttribute");
  }

  /// A row-major c = a b is a column-major c' = b' a': our b is cuBLAS' A, our a its B.
  void describe(const MatrixProduct& p, const Key& key, Plan& plan) const {
    const cublasComputeType_t compute =
        key.precision == Precision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    check(lt.cublasLtMatmulDescCreate(&plan.operation, compute, CUDA_R_32F),
          "cublasLtMatmulDescCreate");
    const auto operation = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
    set(plan.operation, CUBLASLT_MATMUL_DESC_TRANSA, operation(p.transpose_b));
    set(plan.operation, CUBLASLT_MATMUL_DESC_TRANSB, operation(p.transpose_a));
    if (p.epilogue != Epilogue::none) {
      set(plan.operation, CUBLASLT_MATMUL_DESC_EPILOGUE, name_of(p.epilogue));
      set(plan.operation, CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE,
          static_cast<std::int64_t>(key.bias_stride));
      if (has_mask(p.epilogue)) {  // both in bits
        set(plan.operation, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD,
            static_cast<std::int64_t>(mask_row_bytes(p.n)) * 8);
        set(plan.operation, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE,
            static_cast<std::int64_t>(p.mask_stride) * 8);
      }
      point(p, plan);
    }
    plan.a = p.transpose_b ? layout(p.n, p.k, key.b_row, p.b.number, p.b.stride, nominal_lanes)
                           : layout(p.k, p.n, key.b_row, p.b.number, p.b.stride, nominal_lanes);
    plan.b = p.transpose_a ? layout(p.k, p.m, key.a_row, p.a.number, p.a.stride, nominal_lanes)
                           : layout(p.m, p.k, key.a_row, p.a.number, p.a.stride, nominal_lanes);
    plan.c = layout(p.m, p.n, key.c_row, p.c.number, p.c.stride, nominal_lanes);
  }

  /// The epilogue's own memory; its alignment counts in choosing.
  void point(const MatrixProduct& p, const Plan& plan) const {
    if (has_bias(p.epilogue)) set(plan.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias.data);
    if (p.epilogue == Epilogue::relu_gradient_bias)
      set(plan.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias_gradient);
    if (has_mask(p.epilogue))
      set(plan.operation, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, p.mask);
  }

  /// The first algorithm that the heuristic has for `lanes` and that can do key.lanes.
  void choose(const Key& key, Plan& plan, int lanes, std::size_t most_workspace) const {
    cublasLtMatmulPreference_t preference = nullptr;
    check(lt.cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
    cublasLtMatmulHeuristicResult_t found[candidates] = {};
    int count = 0;
    cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
    const auto each_layout = [&](int of) {
      for (cublasLtMatrixLayout_t layout : {plan.a, plan.b, plan.c}) set_lanes(layout, of);
    };
    try {
      each_layout(lanes);
      set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
          static_cast<std::uint64_t>(most_workspace));
      // By default 256 is taken for granted.
      const auto alignment = [&](cublasLtMatmulPreferenceAttributes_t of, std::size_t bytes) {
        set(preference, of, static_cast<std::uint32_t>(bytes));
      };
      alignment(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key.b_aligned);
      alignment(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key.a_aligned);
      alignment(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key.c_aligned);
      alignment(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key.c_aligned);
      status = lt.cublasLtMatmulAlgoGetHeuristic(handle, plan.operation, plan.a, plan.b, plan.c,
                                                 plan.c, preference, candidates, found, &count);
      each_layout(key.lanes);
    } catch (...) {
      lt.cublasLtMatmulPreferenceDestroy(preference);
      throw;
    }
    lt.cublasLtMatmulPreferenceDestroy(preference);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE) return;
    check(status, "cublasLtMatmulAlgoGetHeuristic");
    for (int i = 0; i < count && !plan.found; ++i) {
      cublasLtMatmulHeuristicResult_t real{};
      plan.found =
          found[i].state == CUBLAS_STATUS_SUCCESS &&
          lt.cublasLtMatmulAlgoCheck(handle, plan.operation, plan.a, plan.b, plan.c, plan.c,
                                     &found[i].algo, &real) == CUBLAS_STATUS_SUCCESS &&
          real.workspaceSize <= workspace_bytes;
      if (plan.found) plan.algorithm = found[i].algo;
    }
  }

  const Plan& plan_of(const MatrixProduct& p, Precision precision) {
    const Key key = key_of(p, precision);
    const auto [entry, added] = plans.try_emplace(key);
    if (!added) return entry->second;
    try {
      describe(p, key, entry->second);
      choose(key, entry->second, nominal_lanes, nominal_workspace);
      // Rather bits that differ between numbers of lanes than none; an epilogue can be done without.
      if (!entry->second.found && p.epilogue == Epilogue::none)
        choose(key, entry->second, key.lanes, workspace_bytes);
    } catch (...) {
      drop(entry->second);
      plans.erase(entry);
      throw;
    }
    return entry->second;
  }

  Functions lt;
  cudaStream_t stream;
  cublasLtHandle_t handle = nullptr;
  void* workspace = nullptr;
  std::map<Key, Plan> plans;
};

Products::Products(cudaStream_t stream) : impl_(std::make_unique<Impl>(stream)) {}
Products::~Products() = default;

bool Products::offers(const MatrixProduct& product, Precision precision) {
  return impl_->plan_of(product, precision).found;
}

void Products::run(const MatrixProduct& p, Precision precision) {
  const Impl::Plan& plan = impl_->plan_of(p, precision);
  if (!plan.found) {
    throw CudaError("[cublasLtMatmulAlgoGetHeuristic] no algorithm for " + std::to_string(p.m) +
                    " x " + std::to_string(p.n) + " x " + std::to_string(p.k) + ", epilogue " +
                    std::to_string(static_cast<int>(p.epilogue)));
  }
  impl_->point(p, plan);
  const float one = 1, beta = p.accumulate ? 1 : 0;
  check(impl_->lt.cublasLtMatmul(impl_->handle, plan.operation, &one, p.b.data, plan.a, p.a.data,
                                 plan.b, &beta, p.c.data, plan.c, p.c.data, plan.c, &plan.algorithm,
                                 impl_->workspace, workspace_bytes, impl_->stream),
        "cublasLtMatmul");
}

}  // namespace vernier::engine::cuda
