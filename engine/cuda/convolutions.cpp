#include "engine/cuda/convolutions.h"

#define NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING
#include <cudnn_frontend.h>

#include <array>
#include <compare>
#include <map>
#include <unordered_map>
#include <vector>

#include "engine/cuda/check.h"
#include "engine/cuda/libraries.h"

namespace cudnn_frontend {
void* cudnn_dlhandle = nullptr;  // the front end's functions are looked up in it
}

namespace vernier::engine::cuda {
namespace {

namespace fe = cudnn_frontend;

constexpr std::int64_t workspace_bytes = std::int64_t{32} << 20;  // of a branch
constexpr int branches = 4;  // lanes computed side by side: one seldom fills the device
enum Uid : std::int64_t { uid_x = 1, uid_filters = 2, uid_y = 3 };

void check(cudnnStatus_t status, const char* call) {
  if (status != CUDNN_STATUS_SUCCESS)
    throw CudaError("[" + std::string(call) + "] cuDNN status " +
                    std::to_string(static_cast<int>(status)));
}

/// False where there is no cuDNN.
bool open_library() {
  static void* const handle = cudnn_library();
  fe::cudnn_dlhandle = handle;
  return handle != nullptr;
}

struct Key {
  ConvolutionKind kind;
  int rows;
  std::array<int, 6> sizes;  // of input and output
  std::array<int, 4> window;
  Number number;
  Precision precision;
  auto operator<=>(const Key&) const = default;
};

Key key_of(const Convolution& c, Precision precision) {
  const ImageSize &in = c.w.input, &out = c.w.output;
  return {c.kind,
          c.rows,
          {in.height, in.width, in.channels, out.height, out.width, out.channels},
          {c.w.height, c.w.width, c.w.stride, c.w.before},
          c.x.number,
          precision};
}

/// Images or filters (count, height, width, channels): the front end names them in the order count, channels, height, width.
fe::graph::Tensor_attributes tensor(const char* name, Uid uid, int count, int height, int width,
                                    int channels) {
  const std::int64_t c = channels, row = c * width;
  return fe::graph::Tensor_attributes()
      .set_name(name)
      .set_uid(uid)
      .set_dim({count, c, height, width})
      .set_stride({row * height, 1, row, c});
}

struct Described {
  std::shared_ptr<fe::graph::Graph> graph = std::make_shared<fe::graph::Graph>();
  std::shared_ptr<fe::graph::Tensor_attributes> result;
  std::vector<std::int64_t>
      expected;  // its sizes; of a forward pass the front end finds them itself
};

Described describe(const Convolution& c) {
  Described described;
  const auto& graph = described.graph;
  graph
      ->set_io_data_type(c.x.number == Number::bf16 ? fe::DataType_t::BFLOAT16
                                                    : fe::DataType_t::FLOAT)
      .set_intermediate_data_type(fe::DataType_t::FLOAT)
      .set_compute_data_type(fe::DataType_t::FLOAT);
  const Windows& w = c.w;
  const auto x = tensor("x", uid_x, c.rows, w.input.height, w.input.width, w.input.channels);
  const auto filters =
      tensor("filters", uid_filters, w.output.channels, w.height, w.width, w.input.channels);
  const auto y = tensor("y", uid_y, c.rows, w.output.height, w.output.width, w.output.channels);
  const Padding rows = padding_of(w.input.height, w.output.height, w.height, w.stride, w.before);
  const Padding columns = padding_of(w.input.width, w.output.width, w.width, w.stride, w.before);
  const auto with_window = [&](auto attributes) {
    return attributes.set_pre_padding({rows.before, columns.before})
        .set_post_padding({rows.behind, columns.behind})
        .set_stride({w.stride, w.stride})
        .set_dilation({1, 1});
  };
  const auto result = [&](std::shared_ptr<fe::graph::Tensor_attributes> made,
                          const fe::graph::Tensor_attributes& as) {
    made->set_output(true).set_uid(as.get_uid()).set_stride(as.get_stride());
    if (c.kind != ConvolutionKind::forward) made->set_dim(as.get_dim());
    described.result = std::move(made);
    described.expected = as.get_dim();
  };
  switch (c.kind) {
    case ConvolutionKind::forward:
      result(graph->conv_fprop(graph->tensor(x), graph->tensor(filters),
                               with_window(fe::graph::Conv_fprop_attributes())),
             y);
      break;
    case ConvolutionKind::input_gradient:
      result(graph->conv_dgrad(graph->tensor(y), graph->tensor(filters),
                               with_window(fe::graph::Conv_dgrad_attributes())),
             x);
      break;
    case ConvolutionKind::weight_gradient:
      result(graph->conv_wgrad(graph->tensor(y), graph->tensor(x),
                               with_window(fe::graph::Conv_wgrad_attributes())),
             filters);
      break;
  }
  return described;
}

/// Empty where the front end takes it.
std::string misfit(const Described& described) {
  auto status = described.graph->validate();
  if (status.is_bad()) return status.get_message();
  return described.result->get_dim() == described.expected
             ? ""
             : "the output of " + described.result->get_name() + " has other sizes than ours";
}

/// An algorithm that gives the same bits every time, computes in the precision asked for, and needs no compiler at run time. False: there is none.
bool settle(const Described& described, cudnnHandle_t handle, Precision precision) {
  fe::graph::Graph& graph = *described.graph;
  if (!misfit(described).empty() || graph.build_operation_graph(handle).is_bad()) return false;
  if (graph.create_execution_plans({fe::HeurMode_t::A, fe::HeurMode_t::FALLBACK}).is_bad())
    return false;
  std::vector<fe::NumericalNote_t> barred{fe::NumericalNote_t::NONDETERMINISTIC,
                                          fe::NumericalNote_t::REDUCED_PRECISION_REDUCTION,
                                          fe::NumericalNote_t::FFT, fe::NumericalNote_t::WINOGRAD};
  if (precision == Precision::fp32) {
    barred.push_back(fe::NumericalNote_t::TENSOR_CORE);  // of floats: tf32
    barred.push_back(fe::NumericalNote_t::DOWN_CONVERT_INPUTS);
  }
  graph.deselect_numeric_notes(barred);
  graph.deselect_behavior_notes({fe::BehaviorNote_t::RUNTIME_COMPILATION});
  graph.deselect_workspace_greater_than(workspace_bytes);
  return graph.check_support().is_good() &&
         graph.build_plans(fe::BuildPlanPolicy_t::HEURISTICS_CHOICE).is_good() &&
         graph.get_workspace_size() <= workspace_bytes;
}

}  // namespace

struct Convolutions::Impl {
  explicit Impl(cudaStream_t main) : main_stream(main) {
    if (!open_library()) return;
    try {
      VERNIER_CUDA_CHECK(cudaEventCreateWithFlags(&begun, cudaEventDisableTiming));
      for (Branch& branch : all) branch.open();
    } catch (...) {
      close();
      throw;
    }
    there = true;
  }
  ~Impl() { close(); }
  void close() {
    plans.clear();
    for (Branch& branch : all) branch.close();
    if (begun != nullptr) cudaEventDestroy(begun);
    begun = nullptr;
  }

  /// A stream beside the device's own, with a handle of its own: none is moved from stream to stream while work is recorded.
  struct Branch {
    cudaStream_t stream = nullptr;
    cudaEvent_t done = nullptr;
    cudnnHandle_t handle = nullptr;
    void* workspace = nullptr;

    void open() {
      VERNIER_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
      VERNIER_CUDA_CHECK(cudaEventCreateWithFlags(&done, cudaEventDisableTiming));
      VERNIER_CUDA_CHECK(cudaMalloc(&workspace, workspace_bytes));
      check(fe::detail::create_handle(&handle), "cudnnCreate");
      check(fe::detail::set_stream(handle, stream), "cudnnSetStream");
    }
    void close() {
      if (handle != nullptr) fe::detail::destroy_handle(handle);
      if (workspace != nullptr) cudaFree(workspace);
      if (done != nullptr) cudaEventDestroy(done);
      if (stream != nullptr) cudaStreamDestroy(stream);
      *this = {};
    }
  };

  /// Null: none.
  fe::graph::Graph* plan_of(const Convolution& c, Precision precision) {
    if (!there) return nullptr;
    const auto [entry, added] = plans.try_emplace(key_of(c, precision));
    if (added) {
      Described described = describe(c);
      try {
        if (settle(described, all[0].handle, precision)) entry->second = std::move(described.graph);
      } catch (const std::exception&) {
        // The front end throws for some of what cuDNN refuses. A lost device is found out by the next call.
      }
    }
    return entry->second.get();
  }

  cudaStream_t main_stream;
  cudaEvent_t begun = nullptr;
  std::array<Branch, branches> all;
  bool there = false;
  std::map<Key, std::shared_ptr<fe::graph::Graph>> plans;
};

Convolutions::Convolutions(cudaStream_t stream) : impl_(std::make_unique<Impl>(stream)) {}
Convolutions::~Convolutions() = default;

bool Convolutions::offers(const Convolution& convolution, Precision precision) {
  return impl_->plan_of(convolution, precision) != nullptr;
}

/// The lanes in turn on the branches, between what the main stream has done and what it will do.
void Convolutions::run(const Convolution& c, Precision precision) {
  const fe::graph::Graph* plan = impl_->plan_of(c, precision);
  if (plan == nullptr) throw CudaError("[convolution] cuDNN has no algorithm for it");
  const int used = std::min(branches, c.lanes);
  VERNIER_CUDA_CHECK(cudaEventRecord(impl_->begun, impl_->main_stream));
  for (int b = 0; b < used; ++b)
    VERNIER_CUDA_CHECK(
        cudaStreamWaitEvent(impl_->all[static_cast<std::size_t>(b)].stream, impl_->begun, 0));
  for (int lane = 0; lane < c.lanes; ++lane) {
    const Impl::Branch& branch = impl_->all[static_cast<std::size_t>(lane % used)];
    std::unordered_map<std::int64_t, void*> pointers{{uid_x, c.x.of(lane).data},
                                                     {uid_filters, c.filters.of(lane).data},
                                                     {uid_y, c.y.of(lane).data}};
    auto status = plan->execute(branch.handle, pointers, branch.workspace);
    if (status.is_bad()) throw CudaError("[cudnnBackendExecute] " + status.get_message());
  }
  for (int b = 0; b < used; ++b) {
    const Impl::Branch& branch = impl_->all[static_cast<std::size_t>(b)];
    VERNIER_CUDA_CHECK(cudaEventRecord(branch.done, branch.stream));
    VERNIER_CUDA_CHECK(cudaStreamWaitEvent(impl_->main_stream, branch.done, 0));
  }
}

std::string validate_convolution(const Convolution& convolution) {
  if (!open_library()) return "no libcudnn.so.9";
  return misfit(describe(convolution));
}

}  // namespace vernier::engine::cuda
