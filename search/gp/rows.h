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

  /// Trials whose configuration lies outside the space have no row, nor those that are absent. Embedded configurations are kept where they did not change.
  void update(const History& history, const Results& results, int objectives = 1);

  const Matrix& x() const { return x_; }  // (rows, coordinates)
  const Matrix& y() const {
    return y_;
  }  // (rows, objectives), transformed; 0 at rows without result
  const std::vector<char>& known() const { return known_; }
  /// Variance of each y beside the noise of all; empty: none.
  const Vector& doubt() const { return doubt_; }
  int successes() const { return successes_; }

  /// Rows with a result, for fitting one objective.
  FitData fit_data(int objective = 0) const;
  /// Rows without a result.
  Eigen::Index unknown() const;
  /// The least posterior mean over rows that are not barred (infinite: all are), pending ones included, for each draw of `row_means` (rows, draws).
  Vector best_means(const Matrix& row_means) const;
  /// Rows that no other dominates by their posterior means (rows, objectives), at most `count`, barred ones left out.
  std::vector<Eigen::Index> front(const Matrix& row_means, std::size_t count) const;
  /// The `count` successes with the least posterior mean, best first. Where all are barred: those.
  std::vector<Point> incumbents(const Vector& row_means, std::size_t count) const;
  /// The configuration of a row.
  const Point& point(Eigen::Index row) const {
    return *embedded_[trials_[static_cast<std::size_t>(row)]].point;
  }

 private:
  struct Embedded {
    Config config;
    std::optional<Point> point;
    Eigen::RowVectorXd row;
  };
  void embed(const History& history);
  std::vector<std::size_t> choose(const Results& results) const;
  void transform(const Results& results, int objectives);
  void doubts(const Results& results, double factor);

  const Embedding* embedding_;
  std::vector<Embedded> embedded_;   // one a trial
  std::vector<std::size_t> trials_;  // of each row
  Matrix x_;
  Matrix y_;
  Vector doubt_;
  std::vector<char> known_, failed_, barred_;
  int successes_ = 0;
};

}  // namespace vernier::search::gp
