// Whole trainings against the double oracle: order of examples, dropout masks, schedule, clipping, optimizer, averaging, metrics.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/shuffle.h"
#include "engine/cohort/checkpoint.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/ir/graph.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

reference::Batch gather(const Part& part, int features, const std::vector<std::uint64_t>& rows) {
  reference::Batch batch;
  batch.rows = static_cast<int>(rows.size());
  for (const auto r : rows) {
    const auto width = static_cast<std::size_t>(features);
    for (std::size_t k = 0; k < width; ++k) batch.x.push_back(part.x[r * width + k]);
    batch.labels.push_back(part.labels[r]);
  }
  return batch;
}

double norm(const reference::NamedTensors& tensors) {
  double sum = 0;
  for (const auto& [name, values] : tensors) {
    for (double v : values) sum += v * v;
  }
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("two epochs follow the double oracle for every optimizer") {
  const Dataset data = noise_data(8, 6, 4, 4, 40, 21);
  for (const OptimizerInfo& info : optimizer_table) {
    CAPTURE(info.name);
    TrialSettings s;
    s.model.widths = {9};
    s.model.activation = "tanh";
    s.model.dropout = 0.25;
    s.train.batch_size = 8;
    s.train.epochs = 2;
    s.train.lr = 0.02;
    s.train.optimizer = std::string(info.name);
    s.train.weight_decay = 0.05;
    s.train.clip_norm = 0.5;
    s.train.ema = 0.8;
    s.train.label_smoothing = 0.1;
    s.train.schedule.type = "cosine";
    s.train.schedule.warmup = 0.5;
    s.seed = 21;
    s.repeat = 3;
    const Recipe recipe = make_recipe(s, shape_of(data), null_log());

    auto w = reference::initial_weights(recipe.architecture, recipe.key(Stream::init));
    auto average = w;
    std::map<std::string, std::vector<double>> state[3];
    for (auto& st : state) {
      for (const auto& [name, values] : w) st[name].assign(values.size(), 0);
    }
    OptimizerClock clock;
    CpuCohort cohort(s, std::make_shared<const Dataset>(data), "cpu-test");
    cohort.admit(s, nullptr);
    for (int epoch = 0; epoch < 2; ++epoch) {
      double loss = 0, norms = 0, lr = 0;
      std::int64_t correct = 0;
      for (int b = 0; b < 5; ++b) {
        std::vector<std::uint64_t> rows;
        for (int r = 0; r < 8; ++r) {
          rows.push_back(permute(static_cast<std::uint64_t>(8 * b + r), 40,
                                 recipe.key(Stream::order), static_cast<std::uint32_t>(epoch)));
        }
        auto batch = gather(data.train, 6, rows);
        batch.smoothing = 0.1;
        batch.dropout_key = recipe.key(Stream::dropout);
        batch.update = static_cast<std::uint32_t>(epoch * 5 + b);
        auto result = reference::run(recipe.architecture, w, batch);
        loss += result.loss / 5;
        correct += result.correct;
        const double length = norm(result.gradients);
        norms += length / 5;
        lr = learning_rate(recipe.schedule, epoch * 5 + b, 10, {});
        const auto step = next_step<double>(recipe.optimizer, recipe.hyper, lr, clock);
        const double scale = std::min(1.0, 0.5 / (length + 1e-6));
        with_optimizer(recipe.optimizer, [&]<Optimizer O>() {
          for (auto& [name, g] : result.gradients) {
            for (std::size_t i = 0; i < g.size(); ++i) {
              update_weight<O>(step, w[name][i], g[i] * scale, state[0][name][i], state[1][name][i],
                               state[2][name][i]);
              average[name][i] += 0.2 * (w[name][i] - average[name][i]);
            }
          }
        });
      }
      auto valid = gather(data.valid, 6, [] {
        std::vector<std::uint64_t> all;
        for (std::uint64_t i = 0; i < 21; ++i) all.push_back(i);
        return all;
      }());
      valid.training = false;
      const auto want = reference::run(recipe.architecture, average, valid);
      const auto row = cohort.advance(std::atomic<bool>{false}, {}).at(0);
      CHECK(metric(row, "train_loss") == doctest::Approx(loss).epsilon(1e-4));
      CHECK(metric(row, "train_acc") == doctest::Approx(static_cast<double>(correct) / 40));
      CHECK(metric(row, "val_loss") == doctest::Approx(want.loss).epsilon(1e-4));
      CHECK(metric(row, "val_acc") == doctest::Approx(static_cast<double>(want.correct) / 21));
      CHECK(metric(row, "lr") == doctest::Approx(lr));
      CHECK(metric(row, "grad_norm") == doctest::Approx(norms).epsilon(1e-4));
      CHECK(metric(row, "weight_norm") == doctest::Approx(norm(w)).epsilon(1e-4));
    }
    const Checkpoint saved = cohort.save(0);
    const CheckpointReader reader(saved.bytes);
    for (const Tensor& tensor : build_graph(recipe.architecture).tensors) {
      if (tensor.role != Role::parameter) continue;
      CAPTURE(tensor.name);
      std::vector<float> got(elements(tensor.shape));
      reader.read("weights/" + tensor.name, got, {tensor.shape.begin(), tensor.shape.end()});
      CHECK(relative_error(got, w.at(tensor.name)) < 1e-4);
    }
  }
}
