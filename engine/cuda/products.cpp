#include "engine/cuda/products.h"

#include <optional>
#include <string>

#include "engine/cuda/product_plans.h"

namespace vernier::engine::cuda {

struct Products::Impl {
  explicit Impl(cudaStream_t on) : stream(on) {
    check(lt.cublasLtCreate(&handle), "cublasLtCreate");
    if (const cudaError_t code = cudaMalloc(&workspace, product_workspace); code != cudaSuccess) {
      lt.cublasLtDestroy(handle);
      check(code, "cudaMalloc");
    }
    plans.emplace(lt, handle);
  }
  ~Impl() {
    plans.reset();
    lt.cublasLtDestroy(handle);
    cudaFree(workspace);
  }

  Lt lt;
  cudaStream_t stream;
  cublasLtHandle_t handle = nullptr;
  void* workspace = nullptr;  // one for all: on one stream no two products run at a time
  std::optional<ProductPlans> plans;
};

Products::Products(cudaStream_t stream) : impl_(std::make_unique<Impl>(stream)) {}
Products::~Products() = default;

bool Products::offers(const MatrixProduct& product, Precision precision) {
  return impl_->plans->find(product, precision).found;
}

void Products::run(const MatrixProduct& p, Precision precision) {
  const ProductPlan& plan = impl_->plans->find(p, precision);
  if (!plan.found) {
    throw CudaError("[cublasLtMatmulAlgoGetHeuristic] no algorithm for " + std::to_string(p.m) +
                    " x " + std::to_string(p.n) + " x " + std::to_string(p.k) + ", epilogue " +
                    std::to_string(static_cast<int>(p.epilogue)));
  }
  impl_->plans->point(p, plan);
  const float one = 1, beta = p.accumulate ? 1 : 0;
  check(impl_->lt.cublasLtMatmul(impl_->handle, plan.operation.get(), &one, p.b.data, plan.a.get(),
                                 p.a.data, plan.b.get(), &beta, p.c.data, plan.c.get(), p.c.data,
                                 plan.c.get(), &plan.algorithm, impl_->workspace, product_workspace,
                                 impl_->stream),
        "cublasLtMatmul");
}

}  // namespace vernier::engine::cuda
