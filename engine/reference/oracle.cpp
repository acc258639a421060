#include "engine/reference/oracle.h"

#include <cmath>
#include <utility>

#include "engine/ir/graph.h"
#include "engine/math/dropout.h"

namespace vernier::engine::reference {
namespace {

using Values = std::vector<double>;

/// What one layer remembers for its backward pass.
struct Tape {
  int inputs = 0, units = 0;
  Shape input, output;
  Values x, y;
  std::vector<std::vector<Tape>> inner;  // of the lists of layers inside
  Values factor;                         // dropout: 0 or scale
  Values normalised, deviation;          // batch norm
};

class Network {
 public:
  Network(const Architecture& net, const NamedTensors& weights, const Batch& batch)
      : net_(net), weights_(weights), batch_(batch), rows_(static_cast<std::size_t>(batch.rows)) {}

  Result run() {
    Shape shape = net_.input;
    std::vector<Tape> tapes;
    result_.outputs = forward(net_.layers, batch_.x, shape, tapes);
    backward(net_.layers, tapes, loss(result_.outputs, static_cast<int>(elements(shape))));
    return std::move(result_);
  }

 private:
  const Values& weight(const std::string& name) const { return weights_.at(name); }

  /// `shape` becomes that of the result.
  Values forward(const std::vector<Layer>& layers, Values value, Shape& shape,
                 std::vector<Tape>& tapes) {
    for (const Layer& layer : layers) {
      Tape tape;
      tape.input = shape;
      tape.inputs = static_cast<int>(elements(shape));
      tape.output = shape = output_shape(layer, shape);
      tape.units = static_cast<int>(elements(shape));
      tape.x = value;
      std::visit([&](const auto& kind) { forward(layer.name, kind, tape); }, layer.kind);
      value = tape.y;
      tapes.push_back(std::move(tape));
    }
    return value;
  }
  Values backward(const std::vector<Layer>& layers, const std::vector<Tape>& tapes,
                  Values gradient) {
    for (std::size_t i = layers.size(); i-- > 0;) {
      std::visit(
          [&](const auto& kind) { gradient = backward(layers[i].name, kind, tapes[i], gradient); },
          layers[i].kind);
    }
    return gradient;
  }

  void forward(const std::string& name, const DenseLayer& dense, Tape& t) {
    const auto in = static_cast<std::size_t>(t.inputs);
    const auto out = static_cast<std::size_t>(t.units);
    const Values& w = weight(name + ".weight");
    t.y.assign(rows_ * out, 0);
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t k = 0; k < out; ++k) {
        double sum = dense.bias ? weight(name + ".bias")[k] : 0;
        for (std::size_t i = 0; i < in; ++i) sum += t.x[r * in + i] * w[i * out + k];
        t.y[r * out + k] = sum;
      }
    }
  }
  Values backward(const std::string& name, const DenseLayer& dense, const Tape& t,
                  const Values& g) {
    const auto in = static_cast<std::size_t>(t.inputs);
    const auto out = static_cast<std::size_t>(t.units);
    const Values& w = weight(name + ".weight");
    Values dw(in * out, 0), db(out, 0), dx(rows_ * in, 0);
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t k = 0; k < out; ++k) {
        db[k] += g[r * out + k];
        for (std::size_t i = 0; i < in; ++i) {
          dw[i * out + k] += t.x[r * in + i] * g[r * out + k];
          dx[r * in + i] += w[i * out + k] * g[r * out + k];
        }
      }
    }
    result_.gradients[name + ".weight"] = std::move(dw);
    if (dense.bias) result_.gradients[name + ".bias"] = std::move(db);
    return dx;
  }

  void forward(const std::string&, const ActivationLayer& layer, Tape& t) {
    for (double x : t.x) t.y.push_back(activate(layer.activation, x));
  }
  Values backward(const std::string&, const ActivationLayer& layer, const Tape& t, Values g) {
    for (std::size_t i = 0; i < g.size(); ++i) {
      g[i] *= activate_slope(layer.activation, t.x[i], t.y[i]);
    }
    return g;
  }

  void forward(const std::string&, const SoftmaxLayer&, Tape& t) {
    const auto n = static_cast<std::size_t>(t.units);
    t.y.resize(t.x.size());
    for (std::size_t r = 0; r < rows_; ++r) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += std::exp(t.x[r * n + k]);
      for (std::size_t k = 0; k < n; ++k) t.y[r * n + k] = std::exp(t.x[r * n + k]) / sum;
    }
  }
  Values backward(const std::string&, const SoftmaxLayer&, const Tape& t, const Values& g) {
    const auto n = static_cast<std::size_t>(t.units);
    Values dx(g.size(), 0);
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) {  // the Jacobian y_k ([i = k] - y_i)
          dx[r * n + i] += g[r * n + k] * t.y[r * n + k] * ((i == k ? 1.0 : 0.0) - t.y[r * n + i]);
        }
      }
    }
    return dx;
  }

  void forward(const std::string&, const DropoutLayer& layer, Tape& t) {
    t.y = t.x;
    t.factor.assign(t.x.size(), 1.0);
    if (!batch_.training || layer.rate <= 0) return;
    for (std::size_t e = 0; e < t.x.size(); ++e) {
      const bool dropped =
          keep_scale(batch_.dropout_key, static_cast<std::uint32_t>(layer.number), batch_.update, e,
                     dropout_threshold(layer.rate), 1.0f) == 0.0f;
      t.factor[e] = dropped ? 0 : 1 / (1 - layer.rate);
      t.y[e] *= t.factor[e];
    }
  }
  Values backward(const std::string&, const DropoutLayer&, const Tape& t, Values g) {
    for (std::size_t i = 0; i < g.size(); ++i) g[i] *= t.factor[i];
    return g;
  }

  /// Of images every pixel counts as an example.
  void forward(const std::string& name, const BatchNormLayer&, Tape& t) {
    const auto n = static_cast<std::size_t>(t.output.back());
    const std::size_t examples = t.x.size() / n;
    const auto rows = static_cast<double>(examples);
    Values mean = weight(name + ".mean");
    Values variance = weight(name + ".variance");
    t.normalised.resize(t.x.size());
    t.y.resize(t.x.size());
    for (std::size_t c = 0; c < n; ++c) {
      double m = mean[c], v = variance[c];
      if (batch_.training) {
        m = v = 0;
        for (std::size_t r = 0; r < examples; ++r) m += t.x[r * n + c] / rows;
        for (std::size_t r = 0; r < examples; ++r) v += std::pow(t.x[r * n + c] - m, 2) / rows;
        mean[c] += batch_norm_momentum * (m - mean[c]);
        variance[c] += batch_norm_momentum * (v * rows / (rows - 1) - variance[c]);
      }
      t.deviation.push_back(1 / std::sqrt(v + batch_norm_epsilon));
      for (std::size_t r = 0; r < examples; ++r) {
        t.normalised[r * n + c] = (t.x[r * n + c] - m) * t.deviation[c];
        t.y[r * n + c] =
            t.normalised[r * n + c] * weight(name + ".gain")[c] + weight(name + ".shift")[c];
      }
    }
    result_.statistics[name + ".mean"] = mean;
    result_.statistics[name + ".variance"] = variance;
  }
  Values backward(const std::string& name, const BatchNormLayer&, const Tape& t, const Values& g) {
    const auto n = static_cast<std::size_t>(t.output.back());
    const std::size_t examples = t.x.size() / n;
    const auto rows = static_cast<double>(examples);
    Values dgain(n, 0), dshift(n, 0), dx(g.size(), 0);
    for (std::size_t c = 0; c < n; ++c) {
      const double gain = weight(name + ".gain")[c];
      // Chain rule through variance and mean, one after the other (Ioffe and Szegedy 2015, section 3).
      double dvariance = 0, dmean = 0;
      for (std::size_t r = 0; r < examples; ++r) {
        const std::size_t i = r * n + c;
        dgain[c] += g[i] * t.normalised[i];
        dshift[c] += g[i];
        dvariance += g[i] * gain * t.normalised[i] * -0.5 * t.deviation[c] * t.deviation[c];
        dmean -= g[i] * gain * t.deviation[c];
      }
      for (std::size_t r = 0; r < examples; ++r) {
        const std::size_t i = r * n + c;
        const double centred = t.normalised[i] / t.deviation[c];
        dx[i] = g[i] * gain * t.deviation[c] + dvariance * 2 * centred / rows + dmean / rows;
      }
    }
    result_.gradients[name + ".gain"] = std::move(dgain);
    result_.gradients[name + ".shift"] = std::move(dshift);
    return dx;
  }

  void forward(const std::string&, const FlattenLayer&, Tape& t) { t.y = t.x; }
  Values backward(const std::string&, const FlattenLayer&, const Tape&, Values g) { return g; }

  /// F: void(pixel of the input, pixel of the output, place in the window) for every pair that a window joins.
  template <class F>
  static void each_pair(const Window& w, const Shape& in, const Shape& out, F&& visit) {
    for (int oy = 0; oy < out[0]; ++oy) {
      for (int ox = 0; ox < out[1]; ++ox) {
        for (int ky = 0; ky < w.height; ++ky) {
          for (int kx = 0; kx < w.width; ++kx) {
            const int iy = oy * w.stride + ky - w.before;
            const int ix = ox * w.stride + kx - w.before;
            if (iy < 0 || iy >= in[0] || ix < 0 || ix >= in[1]) continue;
            visit(static_cast<std::size_t>(iy * in[1] + ix),
                  static_cast<std::size_t>(oy * out[1] + ox),
                  static_cast<std::size_t>(ky * w.width + kx));
          }
        }
      }
    }
  }
  static std::size_t channels(const Shape& shape) { return static_cast<std::size_t>(shape.back()); }

  /// F: void(input, output, weight) for every multiplication of one example.
  template <class F>
  static void each_product(const Conv2dLayer& conv, const Tape& t, F&& visit) {
    const std::size_t in = channels(t.input), out = channels(t.output);
    const auto groups = static_cast<std::size_t>(conv.groups);
    const std::size_t inputs = in / groups, outputs = out / groups;
    each_pair(conv.window, t.input, t.output,
              [&](std::size_t from, std::size_t to, std::size_t place) {
                for (std::size_t f = 0; f < out; ++f) {
                  for (std::size_t c = 0; c < inputs; ++c) {
                    visit(from * in + f / outputs * inputs + c, to * out + f,
                          (place * inputs + c) * out + f);
                  }
                }
              });
  }

  void forward(const std::string& name, const Conv2dLayer& conv, Tape& t) {
    const auto in = static_cast<std::size_t>(t.inputs), out = static_cast<std::size_t>(t.units);
    const Values& w = weight(name + ".weight");
    t.y.assign(rows_ * out, 0);
    if (conv.bias) {
      const Values& b = weight(name + ".bias");
      for (std::size_t i = 0; i < t.y.size(); ++i) t.y[i] = b[i % b.size()];
    }
    for (std::size_t r = 0; r < rows_; ++r) {
      each_product(conv, t, [&](std::size_t x, std::size_t y, std::size_t k) {
        t.y[r * out + y] += t.x[r * in + x] * w[k];
      });
    }
  }
  Values backward(const std::string& name, const Conv2dLayer& conv, const Tape& t,
                  const Values& g) {
    const auto in = static_cast<std::size_t>(t.inputs), out = static_cast<std::size_t>(t.units);
    const Values& w = weight(name + ".weight");
    Values dw(w.size(), 0), dx(rows_ * in, 0);
    for (std::size_t r = 0; r < rows_; ++r) {
      each_product(conv, t, [&](std::size_t x, std::size_t y, std::size_t k) {
        dw[k] += t.x[r * in + x] * g[r * out + y];
        dx[r * in + x] += w[k] * g[r * out + y];
      });
    }
    result_.gradients[name + ".weight"] = std::move(dw);
    if (conv.bias) {
      Values db(channels(t.output), 0);
      for (std::size_t i = 0; i < g.size(); ++i) db[i % db.size()] += g[i];
      result_.gradients[name + ".bias"] = std::move(db);
    }
    return dx;
  }

  /// Of every output: the inputs it sees, in the order of the window. Maximum: the first of the largest.
  std::vector<std::vector<std::size_t>> windows(const Window& w, const Tape& t) const {
    const std::size_t n = channels(t.input);
    std::vector<std::vector<std::size_t>> seen(rows_ * static_cast<std::size_t>(t.units));
    for (std::size_t r = 0; r < rows_; ++r) {
      each_pair(w, t.input, t.output, [&](std::size_t from, std::size_t to, std::size_t) {
        for (std::size_t c = 0; c < n; ++c) {
          seen[r * static_cast<std::size_t>(t.units) + to * n + c].push_back(
              r * static_cast<std::size_t>(t.inputs) + from * n + c);
        }
      });
    }
    return seen;
  }
  static std::size_t largest(const std::vector<std::size_t>& seen, const Values& x) {
    std::size_t best = seen.front();
    for (std::size_t i : seen) best = x[i] > x[best] ? i : best;
    return best;
  }
  void pool(Pooling pooling, const Window& w, Tape& t) {
    for (const auto& seen : windows(w, t)) {
      double sum = 0;
      for (std::size_t i : seen) sum += t.x[i];
      t.y.push_back(pooling == Pooling::max ? t.x[largest(seen, t.x)]
                                            : sum / static_cast<double>(seen.size()));
    }
  }
  Values pool_back(Pooling pooling, const Window& w, const Tape& t, const Values& g) {
    Values dx(t.x.size(), 0);
    const auto all = windows(w, t);
    for (std::size_t o = 0; o < all.size(); ++o) {
      if (pooling == Pooling::max) {
        dx[largest(all[o], t.x)] += g[o];
      } else {
        for (std::size_t i : all[o]) dx[i] += g[o] / static_cast<double>(all[o].size());
      }
    }
    return dx;
  }
  void forward(const std::string&, const PoolLayer& layer, Tape& t) {
    pool(layer.pooling, layer.window, t);
  }
  Values backward(const std::string&, const PoolLayer& layer, const Tape& t, const Values& g) {
    return pool_back(layer.pooling, layer.window, t, g);
  }
  /// As one window over the whole image.
  static Tape whole_image(const Tape& t) {
    Tape one = t;
    one.output = {1, 1, t.input[2]};
    return one;
  }
  void forward(const std::string&, const GlobalAveragePoolLayer&, Tape& t) {
    Tape one = whole_image(t);
    pool(Pooling::average, {t.input[0], t.input[1], 1, 0, 0}, one);
    t.y = one.y;
  }
  Values backward(const std::string&, const GlobalAveragePoolLayer&, const Tape& t,
                  const Values& g) {
    return pool_back(Pooling::average, {t.input[0], t.input[1], 1, 0, 0}, whole_image(t), g);
  }

  /// F: void(input, output) for every element that the shortcut keeps.
  template <class F>
  void each_kept(const PadShortcutLayer& pad, const Tape& t, F&& visit) const {
    for (std::size_t r = 0; r < rows_; ++r) {
      each_pair({1, 1, pad.stride, 0, 0}, t.input, t.output,
                [&](std::size_t from, std::size_t to, std::size_t) {
                  for (std::size_t c = 0; c < channels(t.input); ++c) {
                    visit(r * static_cast<std::size_t>(t.inputs) + from * channels(t.input) + c,
                          r * static_cast<std::size_t>(t.units) + to * channels(t.output) + c);
                  }
                });
    }
  }
  void forward(const std::string&, const PadShortcutLayer& pad, Tape& t) {
    t.y.assign(rows_ * static_cast<std::size_t>(t.units), 0);
    each_kept(pad, t, [&](std::size_t x, std::size_t y) { t.y[y] = t.x[x]; });
  }
  Values backward(const std::string&, const PadShortcutLayer& pad, const Tape& t, const Values& g) {
    Values dx(t.x.size(), 0);
    each_kept(pad, t, [&](std::size_t x, std::size_t y) { dx[x] += g[y]; });
    return dx;
  }

  void forward(const std::string&, const ResidualLayer& residual, Tape& t) {
    t.inner.resize(2);
    Shape body = t.input, shortcut = t.input;
    t.y = forward(residual.body, t.x, body, t.inner[0]);
    const Values other = forward(residual.shortcut, t.x, shortcut, t.inner[1]);
    for (std::size_t i = 0; i < t.y.size(); ++i) t.y[i] += other[i];
  }
  Values backward(const std::string&, const ResidualLayer& residual, const Tape& t,
                  const Values& g) {
    Values dx = backward(residual.body, t.inner[0], g);
    const Values other = backward(residual.shortcut, t.inner[1], g);
    for (std::size_t i = 0; i < dx.size(); ++i) dx[i] += other[i];
    return dx;
  }

  void forward(const std::string&, const BranchesLayer& layer, Tape& t) {
    t.y.resize(rows_ * static_cast<std::size_t>(t.units));
    std::size_t first = 0;
    for (const std::vector<Layer>& branch : layer.branches) {
      Shape shape = t.input;
      const Values part = forward(branch, t.x, shape, t.inner.emplace_back());
      const std::size_t n = channels(shape), all = channels(t.output);
      for (std::size_t i = 0; i < part.size(); ++i) t.y[i / n * all + first + i % n] = part[i];
      first += n;
    }
  }
  Values backward(const std::string&, const BranchesLayer& layer, const Tape& t, const Values& g) {
    Values dx(t.x.size(), 0);
    std::size_t first = 0;
    for (std::size_t b = 0; b < layer.branches.size(); ++b) {
      const std::size_t n = channels(output_shape(layer.branches[b], t.input));
      const std::size_t all = channels(t.output);
      Values part(g.size() / all * n);
      for (std::size_t i = 0; i < part.size(); ++i) part[i] = g[i / n * all + first + i % n];
      const Values back = backward(layer.branches[b], t.inner[b], part);
      for (std::size_t i = 0; i < dx.size(); ++i) dx[i] += back[i];
      first += n;
    }
    return dx;
  }

  Values loss(const Values& z, int n) {
    Values gradient(z.size());
    const double scale = 1.0 / batch_.rows;
    for (std::size_t r = 0; r < rows_; ++r) {
      const double* row = z.data() + r * static_cast<std::size_t>(n);
      double* dz = gradient.data() + r * static_cast<std::size_t>(n);
      if (batch_.labels.empty()) {
        result_.loss +=
            scale *
            number_loss(row, n, batch_.targets.data() + r * static_cast<std::size_t>(n), scale, dz);
      } else {
        result_.loss +=
            scale * class_loss(batch_.loss, row, n, batch_.labels[r], batch_.smoothing, scale, dz);
        result_.correct += predicted_class(row, n) == batch_.labels[r];
      }
    }
    return gradient;
  }

  const Architecture& net_;
  const NamedTensors& weights_;
  const Batch& batch_;
  std::size_t rows_;
  Result result_;
};

}  // namespace

Result run(const Architecture& architecture, const NamedTensors& weights, const Batch& batch) {
  return Network(architecture, weights, batch).run();
}

NamedTensors initial_weights(const Architecture& architecture, const RngKey& key) {
  NamedTensors weights;
  for (const Tensor& tensor : build_graph(architecture).tensors) {
    if (tensor.role == Role::value) continue;
    Values& to = weights[tensor.name];
    for (std::size_t i = 0; i < elements(tensor.shape); ++i) {
      to.push_back(static_cast<double>(initial_weight(tensor.init, key, tensor.number, i)));
    }
  }
  return weights;
}

}  // namespace vernier::engine::reference
