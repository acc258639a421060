// Convolutions against their definition in double precision, on random shapes.
#include "engine/cpu/conv.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "engine/cpu/conv_weight_gradient.h"

using namespace vernier::engine;
using namespace vernier::engine::cpu;

namespace {

/// 64-byte aligned, as the arena is.
struct Floats {
  explicit Floats(std::size_t n) : all(n + 16) {}
  float* data() {
    return all.data() +
           (64 - reinterpret_cast<std::uintptr_t>(all.data()) % 64) % 64 / sizeof(float);
  }
  std::vector<float> all;
};

struct Case {
  ConvShape shape;
  std::mt19937 random;

  explicit Case(unsigned seed) : random(seed) {
    const auto pick = [this](int low, int high) {
      return std::uniform_int_distribution(low, high)(random);
    };
    shape.groups = pick(0, 3) == 0 ? pick(2, 3) : 1;
    Window& w = shape.window;
    w.height = pick(1, 5);
    w.width = pick(1, 5);
    w.stride = pick(1, 3);
    w.before = pick(0, std::min(w.height, w.width) - 1);
    w.after = pick(0, w.before);
    const int height = pick(w.height, 12), width = pick(w.width, 12), rows = pick(1, 40);
    shape.input = {rows, height, width, shape.groups * pick(1, 30)};
    shape.output = {rows, (height + w.before + w.after - w.height) / w.stride + 1,
                    (width + w.before + w.after - w.width) / w.stride + 1,
                    shape.groups * pick(1, 50)};
  }

  float* fill(Floats& to, const Images& images) {
    std::normal_distribution<float> normal;
    float* data = to.data();
    for (int n = 0; n < images.rows; ++n)
      for (int c = 0; c < images.channels; ++c)
        for (std::size_t p = 0; p < images.area(); ++p) data[at(images, n, c, p)] = normal(random);
    return data;
  }
  static std::size_t at(const Images& images, int n, int c, std::size_t pixel) {
    return static_cast<std::size_t>(n / 16) * images.stride() +
           static_cast<std::size_t>(c) * images.plane() + pixel * 16 +
           static_cast<std::size_t>(n % 16);
  }
  std::size_t weights() const {
    return static_cast<std::size_t>(shape.window.height * shape.window.width *
                                    (shape.input.channels / shape.groups) * shape.output.channels);
  }

  /// visit(x, y, w): the places of every product of the convolution.
  template <class F>
  void each_product(F&& visit) const {
    const auto& [input, output, window, groups] = shape;
    const int inputs = input.channels / groups, filters = output.channels / groups;
    for (int f = 0; f < output.channels; ++f)
      for (int c = 0; c < inputs; ++c)
        for (int i = 0; i < window.height; ++i)
          for (int j = 0; j < window.width; ++j)
            for (int y = 0; y < output.height; ++y)
              for (int x = 0; x < output.width; ++x) {
                const int row = y * window.stride + i - window.before,
                          column = x * window.stride + j - window.before;
                if (row < 0 || row >= input.height || column < 0 || column >= input.width) continue;
                const std::size_t weight = static_cast<std::size_t>(
                    ((i * window.width + j) * inputs + c) * output.channels + f);
                for (int n = 0; n < input.rows; ++n)
                  visit(at(input, n, f / filters * inputs + c,
                           static_cast<std::size_t>(row * input.width + column)),
                        at(output, n, f, static_cast<std::size_t>(y * output.width + x)), weight);
              }
  }
};

void check_close(const float* got, const std::vector<double>& expected,
                 const std::vector<double>& size) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(got[i] - expected[i]) / (1e-6 + size[i]));
  CHECK(worst < 3e-6);
}

}  // namespace

TEST_CASE("conv: values and both gradients are the sums that define them, whatever the shape") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Case c(seed);
    CAPTURE(seed);
    const ConvShape& shape = c.shape;
    Floats x_room(shape.input.count()), dy_room(shape.output.count()), y(shape.output.count()),
        dx(shape.input.count()), scratch(conv_scratch(shape));
    const float *x = c.fill(x_room, shape.input), *dy = c.fill(dy_room, shape.output);
    std::normal_distribution<float> normal;
    std::vector<float> w(c.weights()), bias(static_cast<std::size_t>(shape.output.channels));
    for (float& v : w) v = normal(c.random);
    for (float& v : bias) v = normal(c.random);

    // size: the sum of the products' magnitudes, which rounding is relative to
    std::vector<double> ys(shape.output.count()), y_size(ys), dxs(shape.input.count()),
        dx_size(dxs), dws(w.size()), dw_size(dws);
    c.each_product([&](std::size_t i, std::size_t o, std::size_t k) {
      const double forward = double{x[i]} * w[k], back = double{dy[o]} * w[k],
                   weight = double{x[i]} * dy[o];
      ys[o] += forward, y_size[o] += std::abs(forward);
      dxs[i] += back, dx_size[i] += std::abs(back);
      dws[k] += weight, dw_size[k] += std::abs(weight);
    });

    conv(shape, x, w.data(), nullptr, y.data(), scratch.data());
    check_close(y.data(), ys, y_size);
    conv(shape, x, w.data(), bias.data(), y.data(), scratch.data());
    for (int n = 0; n < shape.output.rows; ++n)
      for (int f = 0; f < shape.output.channels; ++f)
        for (std::size_t p = 0; p < shape.output.area(); ++p) {
          const std::size_t o = Case::at(shape.output, n, f, p);
          ys[o] += bias[static_cast<std::size_t>(f)];
          y_size[o] += 1;
        }
    for (int n = 0; n < shape.output.rows; ++n)
      for (int f = 0; f < shape.output.channels; f += 7) {
        const std::size_t o = Case::at(shape.output, n, f, 0);
        REQUIRE(std::abs(y.data()[o] - ys[o]) < 3e-6 * y_size[o] + 1e-6);
      }

    std::fill_n(dx.data(), shape.input.count(), NAN);
    conv_input_gradient(shape, dy, w.data(), dx.data(), false, scratch.data());
    std::vector<float> gaps(dx.data(), dx.data() + shape.input.count());
    for (std::size_t i = 0; i < gaps.size(); ++i)
      if (dx_size[i] == 0 && std::isnan(gaps[i])) gaps[i] = 0;  // between the planes
    check_close(gaps.data(), dxs, dx_size);
    for (std::size_t i = 0; i < gaps.size(); ++i) dx.data()[i] = gaps[i];
    conv_input_gradient(shape, dy, w.data(), dx.data(), true, scratch.data());
    for (double& v : dxs) v *= 2;
    check_close(dx.data(), dxs, dx_size);

    std::vector<float> dw(w.size(), NAN);
    Floats room(conv_weight_gradient_scratch(shape));
    conv_weight_gradient(shape, x, dy, dw.data(), room.data());
    check_close(dw.data(), dws, dw_size);
    // Whichever of the two was not chosen.
    Floats turned(weight_gradient_by_filters_scratch(shape));
    weight_gradient_by_filters(shape, x, dy, dw.data(), turned.data());
    check_close(dw.data(), dws, dw_size);
    weight_gradient_by_examples(shape, x, dy, dw.data());
    check_close(dw.data(), dws, dw_size);
  }
}
