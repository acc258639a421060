#include "search/problems/smooth.h"

#include <array>
#include <cmath>
#include <numbers>

namespace vernier::search {
namespace {

using std::numbers::pi;
using Point = std::vector<double>;

Problem on_box(std::string name, std::size_t d, double low, double high, double (*f)(const Point&),
               double minimum, Point minimiser) {
  Problem out;
  out.name = std::move(name);
  for (std::size_t i = 0; i < d; ++i) {
    Parameter p;
    p.name = "x" + std::to_string(i);
    p.low = low;
    p.high = high;
    out.parameters.push_back(std::move(p));
    out.minimiser.set("x" + std::to_string(i), minimiser[i]);
  }
  out.value = [f](const Config& config) {
    Point x;
    for (const auto& [key, value] : config) x.push_back(as_number(value));
    return f(x);
  };
  out.minimum = minimum;
  return out;
}

double branin(const Point& x) {
  const double a = x[1] - 5.1 / (4 * pi * pi) * x[0] * x[0] + 5 / pi * x[0] - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
}

template <std::size_t D>
double hartmann(const Point& x, const std::array<std::array<double, D>, 4>& rates,
                const std::array<std::array<double, D>, 4>& centres) {
  constexpr std::array<double, 4> weights = {1.0, 1.2, 3.0, 3.2};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double distance = 0;
    for (std::size_t j = 0; j < D; ++j) {
      const double d = x[j] - 1e-4 * centres[i][j];
      distance += rates[i][j] * d * d;
    }
    sum += weights[i] * std::exp(-distance);
  }
  return -sum;
}

double hartmann_3(const Point& x) {
  return hartmann<3>(
      x, {{{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}}},
      {{{3689, 1170, 2673}, {4699, 4387, 7470}, {1091, 8732, 5547}, {381, 5743, 8828}}});
}

double hartmann_6(const Point& x) {
  return hartmann<6>(x,
                     {{{10, 3, 17, 3.5, 1.7, 8},
                       {0.05, 10, 17, 0.1, 8, 14},
                       {3, 3.5, 1.7, 10, 17, 8},
                       {17, 8, 0.05, 10, 0.1, 14}}},
                     {{{1312, 1696, 5569, 124, 8283, 5886},
                       {2329, 4135, 8307, 3736, 1004, 9991},
                       {2348, 1451, 3522, 2883, 3047, 6650},
                       {4047, 8828, 8732, 5743, 1091, 381}}});
}

double rosenbrock(const Point& x) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double valley = x[i + 1] - x[i] * x[i];
    sum += 100 * valley * valley + (1 - x[i]) * (1 - x[i]);
  }
  return sum;
}

double ackley(const Point& x) {
  double squares = 0, waves = 0;
  for (const double v : x) {
    squares += v * v;
    waves += std::cos(2 * pi * v);
  }
  const auto n = static_cast<double>(x.size());
  return -20 * std::exp(-0.2 * std::sqrt(squares / n)) - std::exp(waves / n) + 20 + std::numbers::e;
}

double levy(const Point& x) {
  const auto w = [&](std::size_t i) { return 1 + (x[i] - 1) / 4; };
  const auto square = [](double v) { return v * v; };
  const std::size_t last = x.size() - 1;
  double sum = square(std::sin(pi * w(0)));
  for (std::size_t i = 0; i < last; ++i)
    sum += square(w(i) - 1) * (1 + 10 * square(std::sin(pi * w(i) + 1)));
  return sum + square(w(last) - 1) * (1 + square(std::sin(2 * pi * w(last))));
}

}  // namespace

Problem branin2() {
  Problem out = on_box("branin2", 2, 0, 15, branin, 0.39788735772973816, {pi, 2.275});
  out.parameters[0].low = -5;
  out.parameters[0].high = 10;
  return out;
}

Problem hartmann3() {
  return on_box("hartmann3", 3, 0, 1, hartmann_3, -3.862779787332660,
                {0.114614, 0.555649, 0.852547});
}

Problem hartmann6() {
  return on_box("hartmann6", 6, 0, 1, hartmann_6, -3.322368011415515,
                {0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573});
}

Problem rosenbrock4() { return on_box("rosenbrock4", 4, -5, 10, rosenbrock, 0, {1, 1, 1, 1}); }

Problem ackley5() { return on_box("ackley5", 5, -32.768, 32.768, ackley, 0, {0, 0, 0, 0, 0}); }

Problem levy4() { return on_box("levy4", 4, -10, 10, levy, 0, {1, 1, 1, 1}); }

}  // namespace vernier::search
