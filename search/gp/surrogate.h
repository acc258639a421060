// The Gaussian processes of all objectives over the same rows, and when they are fitted.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "search/gp/fit_record.h"
#include "search/gp/model.h"
#include "search/gp/rows.h"

namespace vernier::search::gp {

class Surrogate {
 public:
  /// `embedding` outlives it. `place`: of its fits among those of the models that are stored together.
  Surrogate(const Embedding& embedding, std::uint64_t seed, int objectives, FitPlace place = {});

  /// Takes the hyperparameters last stored in the history, fitted anew where that is due (from the last ones, with three more starts at every
  /// 5th fit), and brings the models up to `rows`. `results`: how many there are; `draws`: of what pending trials may come to,
  /// fixed scrambled Sobol points as normal numbers (0: their means). False where a covariance cannot be factorised.
  bool update(const History& history, const Rows& rows, int results, int draws);

  /// To be stored with the proposal; empty where no fit was due.
  const std::vector<double>& new_fit() const { return new_fit_; }
  const Model& model(int objective = 0) const {
    return models_[static_cast<std::size_t>(objective)];
  }
  /// One an axis; the geometric mean over the objectives.
  std::vector<double> lengthscales() const;

 private:
  FitRecord fit(const std::optional<FitRecord>& last, const Rows& rows, int results) const;

  const Embedding* embedding_;
  std::uint64_t seed_;
  int objectives_, size_;  // size_: hyperparameters of one objective
  FitPlace place_;
  Vector theta_;
  std::vector<double> new_fit_;
  std::vector<Model> models_;
};

}  // namespace vernier::search::gp
