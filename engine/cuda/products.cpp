#include "engine/cuda/products.h"

#include <cublasLt.h>

#include <map>
#include <tuple>

#include "engine/cuda/check.h"
#include "engine/cuda/libraries.h"

namespace vernier::engine::cuda {
namespace {

constexpr std::size_t workspace_bytes = std::size_t{32} << 20;

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

using Shape =
    std::tuple<bool, bool, int, int, int, std::size_t, std::size_t, std::size_t, int, Precision>;

}  // namespace

struct Products::Impl {
  explicit Impl(cudaStream_t on) : stream(on) {
    VERNIER_CUDA_CHECK(cudaMalloc(&workspace, workspace_bytes));
    check(lt.cublasLtCreate(&handle), "cublasLtCreate");
  }
  ~Impl() {
    for (auto& [shape, plan] : plans) drop(plan);
    lt.cublasLtDestroy(handle);
    cudaFree(workspace);
  }

  struct Plan {
    cublasLtMatmulDesc_t operation = nullptr;
    cublasLtMatrixLayout_t a = nullptr, b = nullptr, c = nullptr;
    cublasLtMatmulAlgo_t algorithm{};
  };

  void drop(Plan& plan) const {
    if (plan.operation != nullptr) lt.cublasLtMatmulDescDestroy(plan.operation);
    for (cublasLtMatrixLayout_t layout : {plan.a, plan.b, plan.c})
      if (layout != nullptr) lt.cublasLtMatrixLayoutDestroy(layout);
  }

  /// `rows` and `columns` as cuBLAS has them: column by column.
  cublasLtMatrixLayout_t layout(int rows, int columns, int lanes, std::size_t stride) const {
    cublasLtMatrixLayout_t made = nullptr;
    check(lt.cublasLtMatrixLayoutCreate(&made, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                        static_cast<std::uint64_t>(columns), rows),
          "cublasLtMatrixLayoutCreate");
    const auto distance = static_cast<std::int64_t>(stride);
    check(lt.cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &lanes,
                                              sizeof lanes),
          "cublasLtMatrixLayoutSetAttribute");
    check(lt.cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                              &distance, sizeof distance),
          "cublasLtMatrixLayoutSetAttribute");
    return made;
  }

  /// A row-major c = a b is a column-major c' = b' a'.
  Plan make(const MatrixProduct& p, Precision precision) const {
    Plan plan;
    const cublasComputeType_t compute =
        precision == Precision::fp32 ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_32F_FAST_TF32;
    check(lt.cublasLtMatmulDescCreate(&plan.operation, compute, CUDA_R_32F),
          "cublasLtMatmulDescCreate");
    const auto transpose = [&](cublasLtMatmulDescAttributes_t attribute, bool on) {
      const cublasOperation_t operation = on ? CUBLAS_OP_T : CUBLAS_OP_N;
      check(lt.cublasLtMatmulDescSetAttribute(plan.operation, attribute, &operation,
                                              sizeof operation),
            "cublasLtMatmulDescSetAttribute");
    };
    transpose(CUBLASLT_MATMUL_DESC_TRANSA, p.transpose_b);
    transpose(CUBLASLT_MATMUL_DESC_TRANSB, p.transpose_a);
    plan.a = p.transpose_b ? layout(p.k, p.n, p.lanes, p.b_stride)
                           : layout(p.n, p.k, p.lanes, p.b_stride);
    plan.b = p.transpose_a ? layout(p.m, p.k, p.lanes, p.a_stride)
                           : layout(p.k, p.m, p.lanes, p.a_stride);
    plan.c = layout(p.n, p.m, p.lanes, p.c_stride);
    cublasLtMatmulPreference_t preference = nullptr;
    check(lt.cublasLtMatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
    check(lt.cublasLtMatmulPreferenceSetAttribute(preference,
                                                  CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                  &workspace_bytes, sizeof workspace_bytes),
          "cublasLtMatmulPreferenceSetAttribute");
    cublasLtMatmulHeuristicResult_t best{};
    int found = 0;
    const cublasStatus_t status = lt.cublasLtMatmulAlgoGetHeuristic(
        handle, plan.operation, plan.a, plan.b, plan.c, plan.c, preference, 1, &best, &found);
    lt.cublasLtMatmulPreferenceDestroy(preference);
    check(status, "cublasLtMatmulAlgoGetHeuristic");
    if (found == 0)
      throw CudaError("[cublasLtMatmulAlgoGetHeuristic] no algorithm for " + std::to_string(p.m) +
                      " x " + std::to_string(p.n) + " x " + std::to_string(p.k));
    plan.algorithm = best.algo;
    return plan;
  }

  Functions lt;
  cudaStream_t stream;
  cublasLtHandle_t handle = nullptr;
  void* workspace = nullptr;
  std::map<Shape, Plan> plans;
};

Products::Products(cudaStream_t stream) : impl_(std::make_unique<Impl>(stream)) {}
Products::~Products() = default;

void Products::run(const MatrixProduct& p, Precision precision) {
  const Shape shape{p.transpose_a, p.transpose_b, p.m,        p.n,     p.k,
                    p.a_stride,    p.b_stride,    p.c_stride, p.lanes, precision};
  auto known = impl_->plans.find(shape);
  if (known == impl_->plans.end())
    known = impl_->plans.emplace(shape, impl_->make(p, precision)).first;
  const Impl::Plan& plan = known->second;
  const float one = 1, beta = p.accumulate ? 1 : 0;
  check(impl_->lt.cublasLtMatmul(impl_->handle, plan.operation, &one, p.b, plan.a, p.a, plan.b,
                                 &beta, p.c, plan.c, p.c, plan.c, &plan.algorithm, impl_->workspace,
                                 workspace_bytes, impl_->stream),
        "cublasLtMatmul");
}

}  // namespace vernier::engine::cuda
