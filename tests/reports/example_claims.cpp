#include "tests/reports/example_claims.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "core/rng.h"
#include "tests/reports/example_study.h"

namespace vernier::reports::example {

namespace {

/// Name and choices of each parameter; every combination is a trial.
using Axes = std::vector<std::pair<std::string, Json>>;
/// The value that training comes to.
using Law = std::function<double(const Config&, double noise)>;

std::vector<Config> combinations(const Axes& axes) {
  std::vector<Config> all(1);
  for (const auto& [name, choices] : axes) {
    std::vector<Config> longer;
    for (const Config& config : all)
      for (const Json& choice : choices) {
        longer.push_back(config);
        longer.back().set(name, value_from_json(choice));
      }
    all = std::move(longer);
  }
  return all;
}

double number(const Config& config, const char* name) { return as_number(*config.find(name)); }
bool has(const Config& config, const char* name, const char* value) {
  return vernier::to_text(*config.find(name)) == value;
}

class Grid {
 public:
  Grid(store::Store& store, std::string name, Axes axes) : store_(store), axes_(std::move(axes)) {
    study_.name = std::move(name);
    study_.spec_hash = "0";
    study_.seed = 1;
    study_.sampler = "grid";
    study_.strategy = "full";
    study_.objectives = {{"val_acc", true}};
    study_.code_version = "0.1.0";
    study_.host = "example";
    study_.spec["study"] = study_.name;
    for (const auto& [param, choices] : axes_)
      study_.params.push_back(
          {param, choices[0].is_string() ? "categorical" : "ordinal", Json{{"choices", choices}}});
  }

  std::string run(const Json& claim, const Law& law, int steps = 12) {
    study_.spec["claim"] = claim;
    const auto configs = combinations(axes_);
    study_.trials = static_cast<int>(configs.size());
    id_ = store_.create_study(study_);
    Rng rng(RngKey{3, Stream::sampler, 0});
    store_.transaction([&] {
      for (std::size_t i = 0; i < configs.size(); ++i)
        train(static_cast<int>(i) + 1, configs[i], law(configs[i], rng.normal()), steps);
    });
    store_.set_study(id_, "finished", study_.trials);
    return study_.name;
  }

  store::StudyId id() const { return id_; }

 private:
  void train(int number, const Config& config, double value, int steps) {
    store::NewTrial trial;
    trial.number = number;
    trial.config = config;
    store_.add_trial(id_, trial);
    store_.set_running(id_, number, "cpu0", "cpu-avx2");
    for (int step = 1; step <= steps; ++step) {
      const double left = std::exp(-5.0 * step / steps);
      store_.add_step(id_, number,
                      {step,
                       {{"val_acc", value * (1 - left)},
                        {"train_acc", std::min(1.0, value * (1 - left) + 0.02)},
                        {"val_loss", 2.3 * left + 1 - value},
                        {"train_loss", 2.3 * left + 0.4 * (1 - value)}},
                       {{"seconds", 0.1}}},
                      value);
    }
    store::TrialEnd end;
    end.value = value * (1 - std::exp(-5.0));
    end.best_step = steps;
    store_.finish_trial(id_, number, end);
  }

  store::Store& store_;
  Axes axes_;
  store::NewStudy study_;
  store::StudyId id_ = 0;
};

const Json kFive{1, 2, 3, 4, 5}, kThree{1, 2, 3};

std::string optimizers(store::Store& store) {
  Grid grid(store, "optimizers",
            {{"train.optimizer", {"sgd", "momentum", "adam"}},
             {"train.lr", {0.001, 0.01, 0.1, 1.0}},
             {"train.seed", kFive}});
  const Json rest{{"arms", "train.optimizer"}, {"others", "best"}};
  Json first{{"text", "With its own learning rate, momentum beats plain SGD"},
             {"better", "momentum"},
             {"than", "sgd"},
             {"plot", {{"curves", {"train_loss", "val_loss"}}}}};
  Json second{{"text", "Adam at its best is no better than momentum by more than half a percent"},
              {"better", "momentum"},
              {"than", "adam"},
              {"margin", -0.005},
              {"plot", {{"line", "train.lr"}, {"by", "train.optimizer"}}}};
  Json third{{"text", "The best learning rate of Adam is as large as that of SGD"},
             {"better", "adam"},
             {"than", "sgd"},
             {"metric", "log(train.lr) / log(10)"},
             {"goal", "maximize"}};
  for (Json* claim : {&first, &second, &third}) claim->update(rest);
  return grid.run({first, second, third}, [](const Config& c, double noise) {
    const double at = std::log10(number(c, "train.lr"));
    const double best = has(c, "train.optimizer", "sgd")    ? -0.2
                        : has(c, "train.optimizer", "adam") ? -2.1
                                                            : -1;
    const double top = has(c, "train.optimizer", "sgd") ? 0.958 : 0.972;
    return top - 0.05 * (at - best) * (at - best) + 0.0015 * noise;
  });
}

std::string batch_lr(store::Store& store) {
  Grid grid(store, "batch-lr",
            {{"train.batch_size", {8, 16, 32, 64, 128, 256}},
             {"train.lr", {0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0}},
             {"train.seed", kThree}});
  return grid.run({{"text", "The best learning rate grows with the batch size"},
                   {"arms", "train.batch_size"},
                   {"better", "256"},
                   {"than", "8"},
                   {"metric", "log(train.lr) / log(10)"},
                   {"goal", "maximize"},
                   {"others", "best"},
                   {"plot", {{"heat_map", {"train.lr", "train.batch_size"}}}}},
                  [](const Config& c, double noise) {
                    const double ridge =
                        std::log10(number(c, "train.lr") / number(c, "train.batch_size")) + 2.3;
                    return 0.97 - 0.03 * ridge * ridge + 0.001 * noise;
                  });
}

std::string depth(store::Store& store) {
  Grid grid(store, "depth-mnist",
            {{"model.depth", {1, 2, 3, 5, 8}},
             {"model.activation", {"relu", "sigmoid"}},
             {"train.seed", kFive}});
  const Json law{
      {"text",
       "More than three hidden layers seldom help: five and three are equal within half a percent"},
      {"arms", "model.depth"},
      {"better", "5"},
      {"than", "3"},
      {"within", 0.005},
      {"where", "model.activation = relu"},
      {"plot", {{"line", "model.depth"}, {"metrics", {"val_acc", "train_acc"}}}}};
  const Json vanishing{{"text", "At eight layers relu trains and sigmoid does not"},
                       {"arms", "model.activation"},
                       {"better", "relu"},
                       {"than", "sigmoid"},
                       {"margin", 0.1},
                       {"where", "model.depth = 8"},
                       {"plot", {{"line", "model.depth"}}}};
  const Json wrong{{"text", "Deeper is always better"},
                   {"arms", "model.depth"},
                   {"better", "8"},
                   {"than", "1"},
                   {"where", "model.activation = sigmoid"}};
  return grid.run({law, vanishing, wrong}, [](const Config& c, double noise) {
    const double d = number(c, "model.depth");
    const double lost = has(c, "model.activation", "sigmoid") ? 0.012 * d * d : 0.0002 * d;
    return 0.975 - 0.02 * std::exp(-d) - lost + 0.0015 * noise;
  });
}

std::string xor_maps(store::Store& store) {
  Grid grid(store, "xor", {{"model.type", {"logistic", "mlp"}}, {"train.seed", kThree}});
  const auto name = grid.run({{"text", "A linear model cannot do xor; one hidden layer can"},
                              {"arms", "model.type"},
                              {"better", "mlp"},
                              {"than", "logistic"},
                              {"margin", 0.2},
                              {"plot", {{"pictures", "map"}}}},
                             [](const Config& c, double noise) {
                               return (has(c, "model.type", "mlp") ? 0.985 : 0.52) + 0.004 * noise;
                             });
  for (int number = 1; number <= 6; ++number) add_artifacts(store, grid.id(), number);
  return name;
}

std::string pictures(store::Store& store) {
  Grid grid(store, "pictures", {{"model.init", {"he", "zeros"}}, {"train.seed", kFive}});
  Json claims = Json::array();
  for (const char* picture : {"histograms", "filters", "fit", "confusion"})
    claims.push_back(
        {{"text", fmt::format("He's initialisation trains and zeros do not: {}", picture)},
         {"arms", "model.init"},
         {"better", "he"},
         {"than", "zeros"},
         {"plot", {{"pictures", picture}}}});
  const auto name = grid.run(claims, [](const Config& c, double noise) {
    return (has(c, "model.init", "he") ? 0.95 : 0.1) + 0.01 * noise;
  });
  for (int number = 1; number <= 5; ++number) add_artifacts(store, grid.id(), number);
  return name;
}

std::string scaling(store::Store& store) {
  Grid grid(store, "input-scaling",
            {{"data.normalize", {"none", "minmax", "standardize"}}, {"train.seed", kThree}});
  const Json help{{"text", "Standardised inputs beat raw ones"},
                  {"arms", "data.normalize"},
                  {"better", "standardize"},
                  {"than", "none"},
                  {"plot", {{"line", "data.normalize"}}}};
  const Json gpu{{"text", "A GPU trains more examples a second from batch size 256 on"},
                 {"arms", "device"},
                 {"better", "gpu"},
                 {"than", "cpu"}};
  return grid.run({help, gpu}, [](const Config& c, double noise) {
    return 0.9 + (has(c, "data.normalize", "none") ? 0 : 0.01) + 0.006 * noise;
  });
}

}  // namespace

std::vector<std::string> add_claims(store::Store& store) {
  return {optimizers(store), batch_lr(store), depth(store),
          xor_maps(store),   pictures(store), scaling(store)};
}

std::string add_many_claims(store::Store& store, int claims) {
  Grid grid(store, "many",
            {{"train.lr", {0.01, 0.03, 0.1, 0.3, 1.0}},
             {"model.width", {16, 32, 64, 128, 256}},
             {"train.seed", kFive}});
  Json list = Json::array();
  for (int i = 0; i < claims; ++i) {
    Json claim{{"text", fmt::format("Wider is better, said for the {}. time", i + 1)},
               {"arms", "model.width"},
               {"better", i % 3 ? "256" : "16"},
               {"than", i % 3 ? "16" : "64"},
               {"others", "best"}};
    const Json plots[] = {{{"line", "model.width"}, {"by", "train.lr"}},
                          {{"curves", {"train_loss", "val_loss"}}},
                          {{"heat_map", {"train.lr", "model.width"}}}};
    if (i % 4 < 3) claim["plot"] = plots[i % 4];
    list.push_back(std::move(claim));
  }
  return grid.run(list, [](const Config& c, double noise) {
    const double lr = std::log10(number(c, "train.lr")) + 1,
                 width = std::log2(number(c, "model.width"));
    return 0.9 + 0.01 * width - 0.03 * lr * lr + 0.003 * noise;
  });
}

}  // namespace vernier::reports::example
