// Minimises Branin's function, whose minimum is 0.397887, in 50 trials: branin [DATABASE]. Afterwards: vernier top branin --db DATABASE.
#include <vernier/vernier.h>

#include <cmath>
#include <exception>
#include <iostream>
#include <string>

int main(int count, char** words) {
  const double pi = std::acos(-1.0);
  try {
    vernier::Study study({.name = "branin",
                          .database = count > 1 ? words[1] : "vernier.db",
                          .sampler = "gp",
                          .direction = vernier::minimize,
                          .seed = 1});
    study.optimize(
        [&](vernier::Trial& trial) {
          const double x = trial.suggest_float("x", -5, 10);
          const double y = trial.suggest_float("y", 0, 15);
          const double valley = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
          return valley * valley + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
        },
        50);
    const vernier::TrialInfo best = study.best();
    std::cout << "trial " << best.number << ": " << *best.value;
    for (const auto& [name, value] : best.params)
      std::cout << "  " << name << " = " << std::get<double>(value);
    std::cout << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
