// How cuBLASLt is asked for each shape of product: its descriptors, and the algorithm, chosen once.
#pragma once
#include <compare>
#include <map>

#include "engine/cuda/device.h"
#include "engine/cuda/lt.h"

namespace vernier::engine::cuda {

inline constexpr std::size_t product_workspace = std::size_t{64} << 20;  // bytes

struct ProductPlan {
  LtObject<cublasLtMatmulDesc_t> operation;
  LtObject<cublasLtMatrixLayout_t> a, b, c;
  cublasLtMatmulAlgo_t algorithm{};
  bool found = false;
};

class ProductPlans {
 public:
  /// Both outlive it.
  ProductPlans(const Lt& lt, cublasLtHandle_t handle) : lt_(lt), handle_(handle) {}

  /// Valid as long as this.
  const ProductPlan& find(const MatrixProduct& product, Precision precision);
  /// Has a plan's epilogue read and write at the product's own addresses.
  void point(const MatrixProduct& product, const ProductPlan& plan) const;

 private:
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
  static Key key_of(const MatrixProduct& product, Precision precision);
  LtObject<cublasLtMatrixLayout_t> layout(int rows, int columns, int row, Number number,
                                          std::size_t stride) const;
  void set_lanes(cublasLtMatrixLayout_t layout, int lanes) const;
  template <class T>
  void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute,
           const T& value) const;
  void point(const MatrixProduct& product, const ProductPlan& plan, const void* bias,
             void* bias_gradient, void* mask) const;
  ProductPlan describe(const MatrixProduct& product, const Key& key) const;
  LtObject<cublasLtMatmulPreference_t> preference(const Key& key, std::size_t most_workspace) const;
  void choose(const Key& key, ProductPlan& plan, int lanes, std::size_t most_workspace) const;

  const Lt& lt_;
  cublasLtHandle_t handle_;
  std::map<Key, ProductPlan> plans_;
};

}  // namespace vernier::engine::cuda
