// Measurements of this machine: the same plan and kernels that trials run, on random data.
#pragma once
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/plan/predict.h"
#include "engine/settings.h"

namespace vernier::engine::cpu {

struct StepBench {
  double update_us_median = 0, update_us_min = 0;
  double flops = 0;        // of one update: matrix products
  double peak_gflops = 0;  // of the matrix product below, measured in turns with the updates
  double share = 0;        // flops / update_us_median over the peak
};
/// Trains `settings.model` with `settings.train` on random examples of shape `input` for about `seconds` on the calling thread.
StepBench bench_step(const TrialSettings& settings, const Shape& input, int classes,
                     double seconds);
/// The models with a standard shape: mlp is 784-256-256-10, logistic 784-10, lenet5 for 28 x 28 x 1, the others for 32 x 32 x 3; 10 classes,
/// Adam.
std::vector<std::string> bench_models();
/// Throws UsageError for a model without one.
StepBench bench_step(const std::string& model, int batch, double seconds);

/// What the latter measures: the settings, and random examples for it. Throws UsageError likewise.
TrialSettings bench_settings(const std::string& model, int batch);
Dataset bench_data(const std::string& model, int batch);

/// Best rate of oneDNN's sgemm on matrices of 1024 x 1024 (and of 384 x 384, should the machine be too busy for whole large ones) on the
/// calling thread, in 1e9 operations per second.
double gemm_peak_gflops(double seconds);

struct ScalingBench {
  double trials = 0;    // updates per second of two trials on two cores over those of one alone
  double products = 0;  // the same of two loops of matrix products
  /// trials / products, the median over short turns: 1 where two trials scale as well as the machine lets them.
  double ratio = 0;
};
/// Two threads on the first two cores this process may use. Medians over rounds in turns. Throws DeviceError with one core.
ScalingBench two_core_scaling(double seconds);

/// A few milliseconds of measurement, for predictions.
MachineRates measure_rates();

}  // namespace vernier::engine::cpu
