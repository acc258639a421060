#include "engine/cpu/bench.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "core/stats.h"
#include "core/text.h"
#include "engine/cohort/cpu_lane.h"
#include "engine/cpu/gemm.h"

namespace vernier::engine::cpu {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// One n x n product after another.
class Product {
 public:
  explicit Product(int n) : n_(n), a_(count()), b_(count()), c_(count()) {
    Rng rng({1, Stream::data, 0});
    for (float& x : a_) x = unit_float(rng()) - 0.5f;
    for (float& x : b_) x = unit_float(rng()) - 0.5f;
  }
  double seconds() {
    const double start = now();
    gemm(false, false, n_, n_, n_, a_.data(), b_.data(), c_.data());
    return now() - start;
  }
  double flops() const { return 2.0 * n_ * n_ * n_; }

 private:
  std::size_t count() const { return static_cast<std::size_t>(n_) * static_cast<std::size_t>(n_); }
  int n_;
  std::vector<float> a_, b_, c_;
};

/// The peak: 1024 x 1024, and smaller ones that a busy machine interrupts less often; the best counts.
class Peak {
 public:
  void measure() {
    for (Product* product : {&large_, &small_, &small_}) {
      gflops_ = std::max(gflops_, product->flops() / product->seconds() / 1e9);
    }
  }
  double gflops() const { return gflops_; }

 private:
  Product large_{1024}, small_{384};
  double gflops_ = 0;
};

Dataset random_data(const Shape& input, int classes, int examples) {
  Dataset data;
  data.name = "random";
  data.shape = input;
  const int features = data.features = static_cast<int>(elements(input));
  data.classes = data.outputs = classes;
  Rng rng({2, Stream::data, 0});
  const auto fill = [&](Part& part, int n) {
    part.n = n;
    part.x.resize(static_cast<std::size_t>(n) * static_cast<std::size_t>(features));
    for (float& x : part.x) x = 2 * unit_float(rng()) - 1;
    for (int i = 0; i < n; ++i) {
      part.labels.push_back(
          static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(classes))));
    }
  };
  fill(data.train, examples);
  fill(data.valid, 1);
  return data;
}

struct Standard {
  const char* model;
  Shape input;
};
const std::vector<Standard> standards{
    {"mlp", {784}},
    {"logistic", {784}},
    {"lenet5", {28, 28, 1}},
    {"resnet20", {32, 32, 3}},
    {"wrn-16-1", {32, 32, 3}},
    {"wrn-16-4", {32, 32, 3}},
    {"resnet18", {32, 32, 3}},
};

TrialSettings standard(const std::string& model, int batch) {
  TrialSettings settings;
  settings.model.type = model;
  settings.train.batch_size = batch;
  settings.train.epochs = 1'000'000;
  if (model == "mlp") settings.model.widths = {256, 256};
  return settings;
}

const Shape& standard_input(const std::string& model) {
  for (const Standard& entry : standards)
    if (model == entry.model) return entry.input;
  fail<UsageError>("[bench] no standard shape for model '{}'{}", model,
                   hint(model, bench_models()));
}

int examples_for(const Shape& input, int batch) {
  return std::max(batch, input.size() == 1 ? 20'000 : 4'000);
}

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) cpus.push_back(i);
  }
  return cpus;
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/// Repetitions per second, summed over `threads` threads, each on its own core and with work of its own.
double rate(int threads, const std::vector<int>& cpus, double seconds,
            const std::function<std::function<void()>()>& make_work) {
  std::barrier<> start(threads);
  std::vector<double> rates(static_cast<std::size_t>(threads));
  {
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t) {
      pool.emplace_back([&, t] {
        pin(cpus[static_cast<std::size_t>(t)]);
        const ComputeScope scope;
        const auto work = make_work();
        for (int i = 0; i < 3; ++i) work();
        start.arrive_and_wait();
        const double from = now();
        int done = 0;
        while (now() - from < seconds) {
          work();
          ++done;
        }
        rates[static_cast<std::size_t>(t)] = done / (now() - from);
      });
    }
  }
  double sum = 0;
  for (double r : rates) sum += r;
  return sum;
}

}  // namespace

double gemm_peak_gflops(double seconds) {
  const ComputeScope scope;
  Peak peak;
  peak.measure();
  for (const double end = now() + seconds; now() < end;) peak.measure();
  return peak.gflops();
}

StepBench bench_step(const TrialSettings& settings, const Shape& input, int classes,
                     double seconds) {
  const ComputeScope scope;
  const Dataset data = random_data(input, classes, examples_for(input, settings.train.batch_size));
  CpuLane lane(make_recipe(settings, shape_of(data), null_log()), data, nullptr);
  Peak peak;
  StepBench result;
  result.flops = lane.plan().flops;
  std::vector<double> times;
  double norm = 0;
  const auto update = [&] {
    const double start = now();
    lane.update(norm);
    return now() - start;
  };
  const double first = update();
  const int warm = std::clamp(static_cast<int>(seconds / 4 / first), 1, 20);
  for (int i = 0; i < warm; ++i) update();
  const int in_turn = std::clamp(static_cast<int>(0.2 / first), 1, 100);
  for (const double end = now() + seconds; now() < end || times.size() < 3;) {
    peak.measure();
    if (in_turn > 1) update();  // the products have emptied the caches
    for (int i = 0; i < in_turn; ++i) times.push_back(update() * 1e6);
  }
  result.update_us_median = median(times);
  result.update_us_min = *std::min_element(times.begin(), times.end());
  result.peak_gflops = peak.gflops();
  result.share = result.flops / (result.update_us_median * 1e3) / result.peak_gflops;
  return result;
}

std::vector<std::string> bench_models() {
  std::vector<std::string> names;
  for (const Standard& entry : standards) names.emplace_back(entry.model);
  return names;
}

StepBench bench_step(const std::string& model, int batch, double seconds) {
  return bench_step(bench_settings(model, batch), standard_input(model), 10, seconds);
}

TrialSettings bench_settings(const std::string& model, int batch) {
  standard_input(model);
  return standard(model, batch);
}

Dataset bench_data(const std::string& model, int batch) {
  const Shape input = standard_input(model);
  return random_data(input, 10, examples_for(input, batch));
}

ScalingBench two_core_scaling(double seconds) {
  const std::vector<int> cpus = allowed_cpus();
  if (cpus.size() < 2) {
    fail<DeviceError>("[bench] this process may use {} core; expected at least two", cpus.size());
  }
  const Dataset data = random_data({784}, 10, 20'000);
  const Recipe recipe = make_recipe(standard("mlp", 128), shape_of(data), null_log());
  const auto trial = [&]() -> std::function<void()> {
    auto lane = std::make_shared<CpuLane>(recipe, data, nullptr);  // std::function must be copyable
    return [lane] {
      double norm = 0;
      lane->update(norm);
    };
  };
  const auto products = [&]() -> std::function<void()> {
    auto product = std::make_shared<Product>(512);
    return [product] { product->seconds(); };
  };
  // Short turns, what is compared next to each other: a machine that slows down for a while changes no ratio.
  constexpr int rounds = 21;
  const double slice = std::max(0.04, seconds / (rounds * 4));
  std::vector<double> trial_gains, product_gains, ratios;
  for (int i = 0; i < rounds; ++i) {
    const double one_trial = rate(1, cpus, slice, trial);
    const double one_product = rate(1, cpus, slice, products);
    const double two_products = rate(2, cpus, slice, products);
    const double two_trials = rate(2, cpus, slice, trial);
    trial_gains.push_back(two_trials / one_trial);
    product_gains.push_back(two_products / one_product);
    ratios.push_back(trial_gains.back() / product_gains.back());
  }
  ScalingBench result;
  result.trials = median(trial_gains);
  result.products = median(product_gains);
  result.ratio = median(ratios);
  return result;
}

MachineRates measure_rates() {
  const ComputeScope scope;
  MachineRates rates;
  Product product(256);
  double best = product.seconds();
  for (int i = 0; i < 10; ++i) best = std::min(best, product.seconds());
  rates.gflops = product.flops() / best / 1e9;

  std::vector<float> weights(1 << 20, 1.0f), gradient(1 << 20, 1e-3f);  // 8 MB in all
  double fastest = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = now();
    average_weights(weights.data(), gradient.data(), 0.9f, weights.size());
    fastest = std::min(fastest, now() - start);
  }
  rates.gigabytes_per_second =
      3.0 * static_cast<double>(weights.size() * sizeof(float)) / fastest / 1e9;
  return rates;
}

}  // namespace vernier::engine::cpu
