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
  Values x, y;
  Values factor;                 // dropout: 0 or scale
  Values normalised, deviation;  // batch norm
};

class Network {
 public:
  Network(const Architecture& net, const NamedTensors& weights, const Batch& batch)
      : net_(net), weights_(weights), batch_(batch), rows_(static_cast<std::size_t>(batch.rows)) {}

  Result run() {
    Values value = batch_.x;
    Shape shape = net_.input;
    std::vector<Tape> tapes;
    for (const Layer& layer : net_.layers) {
      Tape tape;
      tape.inputs = static_cast<int>(elements(shape));
      shape = output_shape(layer, shape);
      tape.units = static_cast<int>(elements(shape));
      tape.x = value;
      std::visit([&](const auto& kind) { forward(layer.name, kind, tape); }, layer.kind);
      value = tape.y;
      tapes.push_back(std::move(tape));
    }
    result_.outputs = value;
    Values gradient = loss(value, static_cast<int>(elements(shape)));
    for (std::size_t i = net_.layers.size(); i-- > 0;) {
      std::visit(
          [&](const auto& kind) {
            gradient = backward(net_.layers[i].name, kind, tapes[i], gradient);
          },
          net_.layers[i].kind);
    }
    return std::move(result_);
  }

 private:
  const Values& weight(const std::string& name) const { return weights_.at(name); }

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

  void forward(const std::string& name, const BatchNormLayer&, Tape& t) {
    const auto n = static_cast<std::size_t>(t.units);
    const auto rows = static_cast<double>(rows_);
    Values mean = weight(name + ".mean");
    Values variance = weight(name + ".variance");
    t.normalised.resize(t.x.size());
    t.y.resize(t.x.size());
    for (std::size_t c = 0; c < n; ++c) {
      double m = mean[c], v = variance[c];
      if (batch_.training) {
        m = v = 0;
        for (std::size_t r = 0; r < rows_; ++r) m += t.x[r * n + c] / rows;
        for (std::size_t r = 0; r < rows_; ++r) v += std::pow(t.x[r * n + c] - m, 2) / rows;
        mean[c] += batch_norm_momentum * (m - mean[c]);
        variance[c] += batch_norm_momentum * (v * rows / (rows - 1) - variance[c]);
      }
      t.deviation.push_back(1 / std::sqrt(v + batch_norm_epsilon));
      for (std::size_t r = 0; r < rows_; ++r) {
        t.normalised[r * n + c] = (t.x[r * n + c] - m) * t.deviation[c];
        t.y[r * n + c] =
            t.normalised[r * n + c] * weight(name + ".gain")[c] + weight(name + ".shift")[c];
      }
    }
    result_.statistics[name + ".mean"] = mean;
    result_.statistics[name + ".variance"] = variance;
  }
  Values backward(const std::string& name, const BatchNormLayer&, const Tape& t, const Values& g) {
    const auto n = static_cast<std::size_t>(t.units);
    const auto rows = static_cast<double>(rows_);
    Values dgain(n, 0), dshift(n, 0), dx(g.size(), 0);
    for (std::size_t c = 0; c < n; ++c) {
      const double gain = weight(name + ".gain")[c];
      // Chain rule through variance and mean, one after the other (Ioffe and Szegedy 2015, section 3).
      double dvariance = 0, dmean = 0;
      for (std::size_t r = 0; r < rows_; ++r) {
        const std::size_t i = r * n + c;
        dgain[c] += g[i] * t.normalised[i];
        dshift[c] += g[i];
        dvariance += g[i] * gain * t.normalised[i] * -0.5 * t.deviation[c] * t.deviation[c];
        dmean -= g[i] * gain * t.deviation[c];
      }
      for (std::size_t r = 0; r < rows_; ++r) {
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
