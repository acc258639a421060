// Random lists of layers as a study file writes them.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "core/rng.h"

namespace vernier::engine::testing {

/// For images; shapes are followed only as far as sizes must fit. Ends in {dense: classes}. Activations without a kink, at which single precision may
/// take the other side.
class RandomLayers {
 public:
  explicit RandomLayers(std::uint64_t seed) : rng_({seed, Stream::sampler, 2}) {}

  /// For images of `size` x `size`.
  Json make(int size) {
    size_ = size;
    Json list = stack(1 + below(4), 2, true);
    list.push_back(below(2) == 0 ? Json("global_avg_pool") : Json("flatten"));
    if (below(2) == 0) {
      list.push_back(Json{{"dense", Json{{"units", 1 + below(20)}, {"bias", below(2) == 0}}}});
      list.push_back(activation());
      if (below(3) == 0)  // a sum of units
        list.push_back(Json{{"residual", Json::array({Json{{"dense", 1 + below(9)}}, "tanh"})}});
      if (below(2) == 0) list.push_back(Json{{"dropout", 0.3}});
    }
    list.push_back(Json{{"dense", "classes"}});
    return list;
  }

 private:
  int below(int n) { return static_cast<int>(rng_.below(static_cast<std::uint64_t>(n))); }

  Json activation() {
    static const std::vector<std::string> names{"tanh", "gelu", "softplus", "elu", "sigmoid"};
    const std::string name = names[static_cast<std::size_t>(below(5))];
    if (below(3) == 0) return Json{{"activation", name}};
    return name;
  }
  Json conv(bool keeps_size) {
    static const std::vector<std::string> inits{"he",           "glorot_uniform", "lecun",
                                                "lecun_normal", "sharpen",        "blur"};
    const int kernel = 1 + 2 * below(2);
    Json section{{"filters", 1 + below(12)}, {"kernel", kernel}, {"padding", "same"}};
    if (!keeps_size && size_ >= 6) {
      const int stride = 1 + below(2);
      section["stride"] = stride;
      size_ = (size_ - 1) / stride + 1;
    }
    if (!keeps_size && size_ >= 6 && below(3) == 0) {
      section["padding"] = 0;
      section["stride"] = 1;
      size_ -= kernel - 1;
    }
    if (below(3) == 0) section["bias"] = below(2) == 0;
    if (kernel == 3 && below(3) == 0) section["init"] = inits[static_cast<std::size_t>(below(6))];
    return Json{{"conv", section}};
  }
  Json stack(int length, int depth, bool may_shrink) {
    Json list = Json::array();
    for (int i = 0; i < length; ++i) {
      switch (below(depth > 0 ? 8 : 4)) {
        case 0:
        case 1:
          list.push_back(conv(!may_shrink));
          break;
        case 2:
          if (may_shrink && size_ >= 6) {
            list.push_back(Json{{below(2) == 0 ? "max_pool" : "avg_pool", 2}});
            size_ /= 2;
          } else {
            list.push_back(
                Json{{"avg_pool", Json{{"kernel", 3}, {"stride", 1}, {"padding", "same"}}}});
          }
          break;
        case 3:
          list.push_back("batch_norm");
          break;
        case 4:
          list.push_back(Json{{"repeat", Json{{"times", below(3)},
                                              {"layers", stack(1 + below(2), depth - 1, false)}}}});
          break;
        case 5:
          list.push_back(Json{{"residual", stack(1 + below(3), depth - 1, false)}});
          break;
        case 6: {
          Json lists = Json::array();
          for (int b = 0; b < 1 + below(3); ++b) lists.push_back(stack(below(3), depth - 1, false));
          list.push_back(Json{{"branches", lists}});
          break;
        }
        default:
          list.push_back(Json{{"dropout", 0.2}});
      }
      if (below(2) == 0) list.push_back(activation());
    }
    return list;
  }

  Rng rng_;
  int size_ = 8;
};

}  // namespace vernier::engine::testing
