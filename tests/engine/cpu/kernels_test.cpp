// Every loop, on every instruction set this machine has, against the scalar formulas in double.
#include "engine/cpu/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/cpu/targets.h"
#include "engine/math/dropout.h"
#include "hwy/highway.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

/// Calls f once for each instruction set, the loops dispatched to it.
template <class F>
void on_every_target(F&& f) {
  hwy::SetSupportedTargetsForTest(0);
  const auto all = hwy::SupportedTargets();
  for (const auto& [target, name] : {std::pair{HWY_AVX3, "avx512"},
                                     {HWY_AVX2, "avx2"},
                                     {HWY_SSE4, "sse4"},
                                     {HWY_SCALAR, "scalar"}}) {
    if ((all & target) == 0 && target != HWY_SCALAR) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    CAPTURE(name);
    f();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// Floats between guards that must not change.
class Guarded {
 public:
  explicit Guarded(std::size_t n) : data_(n + 2 * guard, canary) {}
  explicit Guarded(const std::vector<float>& from) : Guarded(from.size()) {
    std::copy(from.begin(), from.end(), get());
  }
  ~Guarded() {
    for (std::size_t i = 0; i < guard; ++i) {
      CHECK(data_[i] == canary);
      CHECK(data_[data_.size() - 1 - i] == canary);
    }
  }
  float* get() { return data_.data() + guard; }
  std::vector<float> values() const { return {data_.begin() + guard, data_.end() - guard}; }

 private:
  static constexpr std::size_t guard = 16;
  static constexpr float canary = -12345.5f;
  std::vector<float> data_;
};

std::vector<float> normals(Rng& rng, int n, double scale = 1) {
  std::vector<float> x;
  for (int i = 0; i < n; ++i) x.push_back(static_cast<float>(scale * rng.normal()));
  return x;
}

}  // namespace

TEST_CASE("activations and slopes equal the formulas, for any width and far from 0") {
  on_every_target([] {
    Rng rng({1, Stream::data, 0});
    for (const ActivationInfo& info : activation_table) {
      CAPTURE(info.name);
      for (int cols : {1, 3, 8, 16, 19, 40}) {
        const int rows = 5;
        auto z = normals(rng, rows * cols, cols == 40 ? 20 : 2);
        const auto bias = normals(rng, cols), dy = normals(rng, rows * cols);
        Guarded y(z), saved(z.size()), g(dy), sum(static_cast<std::size_t>(cols));
        cpu::bias_activation(y.get(), saved.get(), bias.data(), rows, cols, info.id);
        cpu::activation_gradient(g.get(), y.get(), saved.get(), sum.get(), rows, cols, info.id);
        std::vector<double> total(static_cast<std::size_t>(cols), 0);
        for (std::size_t i = 0; i < z.size(); ++i) {
          const std::size_t c = i % static_cast<std::size_t>(cols);
          const float x = z[i] + bias[c];
          CHECK(saved.values()[i] == x);
          const double want = activate(info.id, static_cast<double>(x));
          CHECK(std::fabs(y.values()[i] - want) <= 3e-6 * std::max(1.0, std::fabs(want)));
          const double slope = activate_slope(info.id, static_cast<double>(x), want) * dy[i];
          CHECK(std::fabs(g.values()[i] - slope) <= 1e-5 * std::max(1.0, std::fabs(slope)));
          total[c] += slope;
        }
        for (std::size_t c = 0; c < total.size(); ++c)
          CHECK(sum.values()[c] == doctest::Approx(total[c]).epsilon(1e-4).scale(10));
      }
    }
  });
}

TEST_CASE("a NaN or an infinity is never made finite, but for infinities where the formula is") {
  on_every_target([] {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const ActivationInfo& info : activation_table) {
      if (info.id == Activation::threshold) continue;
      CAPTURE(info.name);
      for (int cols : {1, 16, 17}) {
        std::vector<float> y(static_cast<std::size_t>(cols), nan);
        cpu::bias_activation(y.data(), nullptr, nullptr, 1, cols, info.id);
        for (float v : y) CHECK(std::isnan(v));
      }
    }
    for (float bad : {nan, std::numeric_limits<float>::infinity()}) {
      for (int n : {3, 10, 37}) {
        std::vector<float> z(static_cast<std::size_t>(n), 1.0f);
        z[2] = bad;
        const std::int32_t label = 0;
        CHECK(std::isnan(
            cpu::class_loss_rows(Loss::cross_entropy, z.data(), &label, 1, n, 0, true).loss));
        CHECK(std::isnan(z[0]));
      }
    }
  });
}

TEST_CASE("class losses and their gradients equal the formulas for any number of classes") {
  on_every_target([] {
    Rng rng({2, Stream::data, 0});
    for (const LossInfo& info : loss_table) {
      CAPTURE(info.name);
      for (int n : {2, 3, 8, 10, 16, 17, 100}) {
        for (double smoothing : {0.0, 0.15}) {
          const int rows = 9;
          const auto z = normals(rng, rows * n, n == 10 ? 30 : 2);
          std::vector<std::int32_t> labels;
          for (int r = 0; r < rows; ++r)
            labels.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(n))));
          Guarded g(z), untouched(z);
          const auto sum = cpu::class_loss_rows(info.id, g.get(), labels.data(), rows, n,
                                                static_cast<float>(smoothing), true);
          const auto value = cpu::class_loss_rows(info.id, untouched.get(), labels.data(), rows, n,
                                                  static_cast<float>(smoothing), false);
          double loss = 0;
          std::int64_t correct = 0;
          std::vector<double> want(z.begin(), z.end());
          for (int r = 0; r < rows; ++r) {
            double* row = want.data() + r * n;
            correct += predicted_class(row, n) == labels[static_cast<std::size_t>(r)];
            loss += class_loss(info.id, row, n, labels[static_cast<std::size_t>(r)], smoothing,
                               1.0 / rows, row);
          }
          CHECK(sum.loss == doctest::Approx(loss).epsilon(1e-5));
          CHECK(value.loss == doctest::Approx(loss).epsilon(1e-5));
          CHECK(sum.correct == correct);
          CHECK(value.correct == correct);
          CHECK(relative_error(g.values(), want) < 1e-5);
        }
      }
    }
  });
}

TEST_CASE("softmax sums to one and its gradient is the Jacobian's product") {
  on_every_target([] {
    Rng rng({3, Stream::data, 0});
    for (int n : {1, 5, 16, 33}) {
      const auto x = normals(rng, 3 * n, 3), dy = normals(rng, 3 * n);
      Guarded y(x.size()), g(dy);
      cpu::softmax(y.get(), x.data(), 3, n);
      cpu::softmax_gradient(g.get(), y.get(), 3, n);
      for (int r = 0; r < 3; ++r) {
        double sum = 0, inner = 0;
        for (int k = 0; k < n; ++k) {
          const auto i = static_cast<std::size_t>(r * n + k);
          sum += y.values()[i];
          inner += static_cast<double>(y.values()[i]) * dy[i];
        }
        CHECK(sum == doctest::Approx(1).epsilon(1e-6));
        for (int k = 0; k < n; ++k) {
          const auto i = static_cast<std::size_t>(r * n + k);
          CHECK(std::fabs(g.values()[i] - y.values()[i] * (dy[i] - inner)) < 1e-6);
        }
      }
    }
  });
}

TEST_CASE("dropout masks are the keyed bits, element by element, on every instruction set") {
  on_every_target([] {
    const RngKey key{0x123456789ABCDEFull, Stream::dropout, 3};
    for (std::size_t n : {1u, 255u, 256u, 1000u}) {
      std::vector<float> x(n, 2.0f);
      std::vector<std::uint8_t> mask(n, 7);
      Guarded y(n);
      cpu::dropout(y.get(), x.data(), mask.data(), n, key, 2, 99, 0.3);
      std::vector<float> g(n, 1.0f);
      cpu::dropout_gradient(g.data(), mask.data(), n, 0.3);
      const float scale = static_cast<float>(1 / 0.7);
      for (std::size_t e = 0; e < n; ++e) {
        const float factor = keep_scale(key, 2, 99, e, dropout_threshold(0.3), scale);
        CHECK(y.values()[e] == 2.0f * factor);
        CHECK(g[e] == factor);
      }
    }
  });
}

TEST_CASE("optimizers equal the formulas in double") {
  on_every_target([] {
    Rng rng({4, Stream::data, 0});
    for (const OptimizerInfo& info : optimizer_table) {
      CAPTURE(info.name);
      OptimizerHyper hyper = info.defaults;
      hyper.weight_decay = 0.1;
      OptimizerClock clock, exact_clock;
      auto w = normals(rng, 37);
      std::vector<double> exact(w.begin(), w.end());
      std::vector<float> states[3];
      std::vector<double> exact_states[3];
      for (int s = 0; s < 3; ++s) {
        states[s].assign(37, 0);
        exact_states[s].assign(37, 0);
      }
      for (int t = 0; t < 5; ++t) {
        const auto g = normals(rng, 37);
        float* pointers[3] = {};
        for (int s = 0; s < info.states; ++s) pointers[s] = states[s].data();
        cpu::update_weights(info.id, next_step<float>(info.id, hyper, 0.01, clock), 0.5f, w.data(),
                            g.data(), pointers, 37);
        const auto step = next_step<double>(info.id, hyper, 0.01, exact_clock);
        with_optimizer(info.id, [&]<Optimizer O>() {
          for (std::size_t i = 0; i < 37; ++i) {
            update_weight<O>(step, exact[i], 0.5 * static_cast<double>(g[i]), exact_states[0][i],
                             exact_states[1][i], exact_states[2][i]);
          }
        });
      }
      CHECK(relative_error(w, exact) < 1e-6);
    }
    const auto x = normals(rng, 10001);
    double squares = 0;
    for (float v : x) squares += static_cast<double>(v) * v;
    CHECK(cpu::sum_of_squares(x.data(), x.size()) == doctest::Approx(squares).epsilon(1e-6));
  });
}

TEST_CASE("gather copies the rows that the order names") {
  on_every_target([] {
    for (int cols : {1, 15, 16, 33, 784}) {
      const int n = 300, rows = 271;
      std::vector<float> from(static_cast<std::size_t>(n * cols));
      for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
      const vernier::Shuffle order(static_cast<std::uint64_t>(n), {5, Stream::order, 0}, 4);
      Guarded to(static_cast<std::size_t>(rows * cols));
      cpu::gather(to.get(), from.data(), rows, cols, order, 20);
      const auto got = to.values();
      bool equal = true;
      for (int r = 0; r < rows; ++r) {
        const auto source =
            order(static_cast<std::uint64_t>(20 + r)) * static_cast<std::uint64_t>(cols);
        equal = equal && std::memcmp(got.data() + r * cols, from.data() + source,
                                     static_cast<std::size_t>(cols) * sizeof(float)) == 0;
      }
      CHECK(equal);
    }
  });
}
