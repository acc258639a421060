#include <utility>

#include "engine/cuda/check.h"
#include "engine/cuda/convolutions.h"
#include "engine/cuda/cuda_device.h"
#include "engine/cuda/products.h"

namespace vernier::engine::cuda {
namespace {

template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads) run(const Kernel kernel) {
  const Team team{static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x)};
  kernel(team, static_cast<int>(blockIdx.y), static_cast<int>(blockIdx.x));
}

class Graph final : public Recording {
 public:
  explicit Graph(cudaGraph_t graph) {
    const cudaError_t code = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    check(code, "cudaGraphInstantiate");
  }
  Graph(const Graph&) = delete;
  ~Graph() override { cudaGraphExecDestroy(executable_); }
  cudaGraphExec_t executable() const { return executable_; }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index) : index_(index) {
    use();
    VERNIER_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    try {
      products_ = std::make_unique<Products>(stream_);
    } catch (...) {  // a constructor that throws has no destructor
      cudaStreamDestroy(stream_);
      throw;
    }
  }
  CudaDevice(const CudaDevice&) = delete;
  ~CudaDevice() override {
    cudaSetDevice(index_);
    convolutions_.reset();
    products_.reset();
    cudaStreamDestroy(stream_);
  }

  void* allocate(std::size_t bytes) override {
    use();
    void* memory = nullptr;
    VERNIER_CUDA_CHECK(cudaMalloc(&memory, bytes));
    return memory;
  }
  void release(void* memory) noexcept override {
    cudaSetDevice(index_);
    cudaFree(memory);
  }
  void fill(void* to, int byte, std::size_t bytes) override {
    use();
    VERNIER_CUDA_CHECK(cudaMemsetAsync(to, byte, bytes, stream_));
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    use();
    VERNIER_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_));
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    use();
    VERNIER_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_));
    synchronize();  // the caller's memory may go
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    use();
    VERNIER_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_));
    synchronize();
  }
  void synchronize() override {
    use();
    VERNIER_CUDA_CHECK(cudaStreamSynchronize(stream_));
  }
  void product(const MatrixProduct& product, Precision precision) override {
    use();
    products_->run(product, precision);
  }
  bool offers(const MatrixProduct& product, Precision precision) override {
    use();
    return products_->offers(product, precision);
  }

  void convolve(const Convolution& convolution, Precision precision) override {
    use();
    if (!offers(convolution, precision)) throw CudaError("[convolution] not offered");
    convolutions_->run(convolution, precision);
  }
  bool offers(const Convolution& convolution, Precision precision) override {
    use();
    // Opened late: most networks have no use for cuDNN, and it takes a second and memory.
    if (!convolutions_) convolutions_ = std::make_unique<Convolutions>(stream_);
    return convolutions_->offers(convolution, precision);
  }

  void begin_recording() override {
    use();
    VERNIER_CUDA_CHECK(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
  }
  std::unique_ptr<Recording> end_recording() override {
    cudaGraph_t graph = nullptr;
    VERNIER_CUDA_CHECK(cudaStreamEndCapture(stream_, &graph));
    return std::make_unique<Graph>(graph);
  }
  void replay(const Recording& recording) override {
    use();
    VERNIER_CUDA_CHECK(cudaGraphLaunch(static_cast<const Graph&>(recording).executable(), stream_));
  }

  void start(KernelId id, const void* kernel, int blocks, int lanes) override {
    use();
    switch (id) {
#define KERNEL(name)                                       \
  case KernelId::name:                                     \
    put(*static_cast<const name*>(kernel), blocks, lanes); \
    break;
#include "engine/cuda/kernels.def"
#undef KERNEL
    }
  }

 private:
  /// CUDA's current device is the calling thread's own.
  void use() const { VERNIER_CUDA_CHECK(cudaSetDevice(index_)); }

  template <class Kernel>
  void put(const Kernel& kernel, int blocks, int lanes) {
    // What an earlier call has left (an allocation refused, a plan that cuDNN could not build) is not this launch's. A lost device says so again.
    (void)cudaGetLastError();
    run<<<dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(lanes)), Kernel::threads, 0,
          stream_>>>(kernel);
    VERNIER_CUDA_CHECK(cudaGetLastError());
  }

  int index_;
  cudaStream_t stream_ = nullptr;
  std::unique_ptr<Products> products_;
  std::unique_ptr<Convolutions> convolutions_;
};

}  // namespace

std::unique_ptr<Device> make_cuda_device(int index) { return std::make_unique<CudaDevice>(index); }

}  // namespace vernier::engine::cuda
