#include "engine/cuda/product_plans.h"

#include <cstdint>
#include <utility>

namespace vernier::engine::cuda {
namespace {

// The bits of a lane must not depend on how many lanes there are, so the algorithm of a product must not: it is chosen for this many lanes,
// with this much workspace (which grows with the lanes where it is used), and then taken for any number.
constexpr int nominal_lanes = 8;
constexpr std::size_t nominal_workspace = std::size_t{4} << 20;
constexpr int candidates = 8;
constexpr std::size_t most_alignment = 16;  // of all a cohort's tensors, whatever its lanes

/// Of an address, and of a number in every lane.
std::size_t aligned(const void* data) {
  std::size_t most = most_alignment;
  while (most > 1 && reinterpret_cast<std::uintptr_t>(data) % most != 0) most /= 2;
  return most;
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

ProductPlans::Key ProductPlans::key_of(const MatrixProduct& p, Precision precision) {
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

/// A row-major matrix of `rows` and `columns` is to cuBLAS, which goes column by column, one of `columns` and `rows`.
LtObject<cublasLtMatrixLayout_t> ProductPlans::layout(int rows, int columns, int row, Number number,
                                                      std::size_t stride) const {
  cublasLtMatrixLayout_t made = nullptr;
  check(lt_.cublasLtMatrixLayoutCreate(&made, type_of(number), static_cast<std::uint64_t>(columns),
                                       static_cast<std::uint64_t>(rows), row),
        "cublasLtMatrixLayoutCreate");
  LtObject<cublasLtMatrixLayout_t> layout(made, lt_.cublasLtMatrixLayoutDestroy);
  const auto distance = static_cast<std::int64_t>(stride);
  set_lanes(made, nominal_lanes);
  check(lt_.cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                             &distance, sizeof distance),
        "cublasLtMatrixLayoutSetAttribute");
  return layout;
}

void ProductPlans::set_lanes(cublasLtMatrixLayout_t layout, int lanes) const {
  const std::int32_t count = lanes;
  check(lt_.cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                             sizeof count),
        "cublasLtMatrixLayoutSetAttribute");
}

template <class T>
void ProductPlans::set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute,
                       const T& value) const {
  check(lt_.cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value),
        "cublasLtMatmulDescSetAttribute");
}

/// A row-major c = a b is a column-major c' = b' a': our b is cuBLAS' A, our a its B.
ProductPlan ProductPlans::describe(const MatrixProduct& p, const Key& key) const {
  const cublasComputeType_t compute =
      key.precision == Precision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  cublasLtMatmulDesc_t made = nullptr;
  check(lt_.cublasLtMatmulDescCreate(&made, compute, CUDA_R_32F), "cublasLtMatmulDescCreate");
  ProductPlan plan;
  plan.operation = {made, lt_.cublasLtMatmulDescDestroy};
  const auto operation = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  set(made, CUBLASLT_MATMUL_DESC_TRANSA, operation(p.transpose_b));
  set(made, CUBLASLT_MATMUL_DESC_TRANSB, operation(p.transpose_a));
  if (p.epilogue != Epilogue::none) {
    set(made, CUBLASLT_MATMUL_DESC_EPILOGUE, name_of(p.epilogue));
    set(made, CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE, static_cast<std::int64_t>(key.bias_stride));
    if (has_mask(p.epilogue)) {  // both in bits
      set(made, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD,
          static_cast<std::int64_t>(mask_row_bytes(p.n)) * 8);
      set(made, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE,
          static_cast<std::int64_t>(p.mask_stride) * 8);
    }
    // What an algorithm may take for granted of the epilogue's memory is read off the addresses: what all of them have.
    void* nominal = reinterpret_cast<void*>(most_alignment);
    point(p, plan, nominal, nominal, nominal);
  }
  plan.a = p.transpose_b ? layout(p.n, p.k, key.b_row, p.b.number, p.b.stride)
                         : layout(p.k, p.n, key.b_row, p.b.number, p.b.stride);
  plan.b = p.transpose_a ? layout(p.k, p.m, key.a_row, p.a.number, p.a.stride)
                         : layout(p.m, p.k, key.a_row, p.a.number, p.a.stride);
  plan.c = layout(p.m, p.n, key.c_row, p.c.number, p.c.stride);
  return plan;
}

void ProductPlans::point(const MatrixProduct& p, const ProductPlan& plan, const void* bias,
                         void* bias_gradient, void* mask) const {
  cublasLtMatmulDesc_t operation = plan.operation.get();
  if (has_bias(p.epilogue)) set(operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
  if (p.epilogue == Epilogue::relu_gradient_bias)
    set(operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias_gradient);
  if (has_mask(p.epilogue)) set(operation, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, mask);
}

void ProductPlans::point(const MatrixProduct& p, const ProductPlan& plan) const {
  point(p, plan, p.bias.data, p.bias_gradient, p.mask);
}

LtObject<cublasLtMatmulPreference_t> ProductPlans::preference(const Key& key,
                                                              std::size_t most_workspace) const {
  cublasLtMatmulPreference_t made = nullptr;
  check(lt_.cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  LtObject<cublasLtMatmulPreference_t> preference(made, lt_.cublasLtMatmulPreferenceDestroy);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    check(lt_.cublasLtMatmulPreferenceSetAttribute(made, attribute, &value, sizeof value),
          "cublasLtMatmulPreferenceSetAttribute");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(most_workspace));
  // By default 256 is taken for granted.
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, static_cast<std::uint32_t>(key.b_aligned));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, static_cast<std::uint32_t>(key.a_aligned));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, static_cast<std::uint32_t>(key.c_aligned));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, static_cast<std::uint32_t>(key.c_aligned));
  return preference;
}

/// The first algorithm that the heuristic has for `lanes` and that can do key.lanes.
void ProductPlans::choose(const Key& key, ProductPlan& plan, int lanes,
                          std::size_t most_workspace) const {
  const auto preferred = preference(key, most_workspace);
  const auto each_layout = [&](int of) {
    for (const auto* layout : {&plan.a, &plan.b, &plan.c}) set_lanes(layout->get(), of);
  };
  cublasLtMatmulHeuristicResult_t found[candidates] = {};
  int count = 0;
  each_layout(lanes);
  const cublasStatus_t status = lt_.cublasLtMatmulAlgoGetHeuristic(
      handle_, plan.operation.get(), plan.a.get(), plan.b.get(), plan.c.get(), plan.c.get(),
      preferred.get(), candidates, found, &count);
  each_layout(key.lanes);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE) return;
  check(status, "cublasLtMatmulAlgoGetHeuristic");
  for (int i = 0; i < count && !plan.found; ++i) {
    cublasLtMatmulHeuristicResult_t real{};
    plan.found = found[i].state == CUBLAS_STATUS_SUCCESS &&
                 lt_.cublasLtMatmulAlgoCheck(handle_, plan.operation.get(), plan.a.get(),
                                             plan.b.get(), plan.c.get(), plan.c.get(),
                                             &found[i].algo, &real) == CUBLAS_STATUS_SUCCESS &&
                 real.workspaceSize <= product_workspace;
    if (plan.found) plan.algorithm = found[i].algo;
  }
}

const ProductPlan& ProductPlans::find(const MatrixProduct& p, Precision precision) {
  const Key key = key_of(p, precision);
  const auto known = plans_.find(key);
  if (known != plans_.end()) return known->second;
  ProductPlan plan = describe(p, key);
  choose(key, plan, nominal_lanes, nominal_workspace);
  // Rather bits that differ between numbers of lanes than none; an epilogue can be done without.
  if (!plan.found && p.epilogue == Epilogue::none) choose(key, plan, key.lanes, product_workspace);
  return plans_.emplace(key, std::move(plan)).first->second;
}

}  // namespace vernier::engine::cuda
