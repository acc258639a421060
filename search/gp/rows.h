// The trials of a history as rows of the model, in order of number.
//   Up to 2,000 trials each is a row. Beyond, the 500 best successes and the 500 latest trials are, so that the time for a suggestion stays
//   bounded; the model is then factorised anew for each.
//   Hyperparameters are fitted to at most 256 rows with a result: the 128 best and an even choice of the rest.
#pragma once
#include <Eigen/Core>
#include <vector>

#include "search/gp/embedding.h"
#include "search/gp/fit.h"
#include "search/gp/results.h"
#include "search/history.h"

namespace vernier::search::gp {

class Rows {
 public:
  /// `embedding` outlives it.
  explicit Rows(const Embedding& embedding) : embedding_(&embedding) {}

  /// Trials whose configuration lies outside the space have no row. Embedded configurations are kept where they did not change.
  void update(const History& history, const Results& results);

  const Matrix& x() const { return x_; }  // (rows, coordinates)
  const Vector& y() const { return y_; }  // transformed; 0 at rows without result
  const std::vector<char>& known() const { return known_; }
  int successes() const { return successes_; }

  /// Rows with a result, for fitting.
  FitData fit_data() const;
  /// The least posterior mean over rows that did not fail, pending ones included.
  double best_mean(const Vector& row_means) const;
  /// The `count` successes with the least posterior mean, best first, different from each other.
  std::vector<Point> incumbents(const Vector& row_means, std::size_t count) const;

 private:
  struct Embedded {
    Config config;
    std::optional<Point> point;
    Eigen::RowVectorXd row;
  };
  void embed(const History& history);
  std::vector<std::size_t> choose(const Results& results) const;

  const Embedding* embedding_;
  std::vector<Embedded> embedded_;   // one a trial
  std::vector<std::size_t> trials_;  // of each row
  Matrix x_;
  Vector y_;
  std::vector<char> known_, failed_;
  int successes_ = 0;
};

}  // namespace vernier::search::gp
