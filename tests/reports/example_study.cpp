#include "tests/reports/example_study.h"

#include <algorithm>
#include <cmath>

#include "core/rng.h"

namespace vernier::reports::example {

namespace {

const char* const kActivations[] = {"relu", "tanh", "gelu", "sigmoid"};

std::vector<store::ParamRecord> space() {
  return {
      {"model.width", "int", {{"low", 16}, {"high", 1024}, {"scale", "log"}}},
      {"model.depth", "int", {{"low", 1}, {"high", 4}}},
      {"train.lr", "float", {{"low", 1e-5}, {"high", 1.0}, {"scale", "log"}}},
      {"model.dropout", "float", {{"low", 0.0}, {"high", 0.5}, {"when", "model.depth >= 2"}}},
      {"train.batch_size", "ordinal", {{"choices", {32, 64, 128, 256}}}},
      {"model.activation", "categorical", {{"choices", {"relu", "tanh", "gelu", "sigmoid"}}}},
      {"train.optimizer", "constant", {{"choices", {"adam"}}}},
  };
}

store::NewStudy study(const std::string& name, const Recipe& recipe) {
  store::NewStudy study;
  study.name = name;
  study.note = "How wide, how deep, how fast?";
  study.spec_text = "study: " + name + "\n";
  study.spec = {{"study", name}};
  study.spec_hash = "0";
  study.seed = recipe.seed;
  study.trials = recipe.trials;
  study.sampler = recipe.sampler;
  study.strategy = recipe.strategy;
  study.params = space();
  study.objectives = {{"val_acc", true}};
  study.code_version = "0.1.0";
  study.host = "example";
  return study;
}

struct Point {
  double log_width, depth, log_lr, dropout;
  int batch, activation;
};

class Search {
 public:
  Search(store::Store& store, const Recipe& recipe)
      : store_(store),
        recipe_(recipe),
        rng_(RngKey{recipe.seed, Stream::sampler, 0}),
        id_(store.create_study(study(recipe.name, recipe))) {}

  store::StudyId run() {
    for (int number = 1; number <= recipe_.trials; ++number) trial(number);
    store_.set_study(id_, "finished", recipe_.trials);
    return id_;
  }

 private:
  double uniform(double low, double high) { return low + (high - low) * rng_.uniform(); }

  Point propose(int number) {
    Point p{uniform(4, 10),
            std::floor(uniform(1, 5)),
            uniform(-5, 0),
            uniform(0, 0.5),
            32 << static_cast<int>(rng_.below(4)),
            static_cast<int>(rng_.below(4))};
    if (recipe_.sampler == "gp" && number > 12 && rng_.uniform() < 0.8) {
      const double reach = std::max(0.15, 1.0 - number / 60.0);
      p.log_width = std::clamp(8.6 + 1.6 * reach * rng_.normal(), 4.0, 10.0);
      p.depth = std::clamp(std::round(2.3 + reach * rng_.normal()), 1.0, 4.0);
      p.log_lr = std::clamp(-2.7 + 1.1 * reach * rng_.normal(), -5.0, 0.0);
      p.dropout = std::clamp(0.2 + 0.15 * reach * rng_.normal(), 0.0, 0.5);
      p.activation = rng_.uniform() < 0.75 ? (rng_.uniform() < 0.5 ? 0 : 2) : p.activation;
    }
    return p;
  }

  double asymptote(const Point& p) {
    const double dropout = p.depth >= 2 ? p.dropout : 0.0;
    const double activation[] = {0, 0.006, -0.001, 0.03};
    return 0.9825 - 0.0028 * std::pow(p.log_width - 8.8, 2) - 0.004 * std::pow(p.depth - 2.4, 2) -
           0.018 * std::pow(p.log_lr + 2.7, 2) - 0.05 * std::pow(dropout - 0.2, 2) -
           activation[p.activation] - 0.002 * std::log2(p.batch / 64.0) + 0.001 * rng_.normal();
  }

  void trial(int number) {
    const Point p = propose(number);
    const int width = static_cast<int>(std::lround(std::exp2(p.log_width)));
    store::NewTrial trial;
    trial.number = number;
    trial.config.set("model.width", std::int64_t{width});
    trial.config.set("model.depth", static_cast<std::int64_t>(p.depth));
    trial.config.set("train.lr", std::pow(10.0, p.log_lr));
    if (p.depth >= 2) trial.config.set("model.dropout", p.dropout);
    trial.config.set("train.batch_size", std::int64_t{p.batch});
    trial.config.set("model.activation", std::string(kActivations[p.activation]));
    trial.config.set("train.optimizer", std::string("adam"));
    store_.transaction([&] {
      store_.add_trial(id_, trial);
      store_.set_running(id_, number, number % 2 ? "cpu0" : "cpu1", "cpu-avx2");
      train(number, p, width);
    });
  }

  void train(int number, const Point& p, int width) {
    store::TrialEnd end;
    if (width * p.depth > 3600) {
      end.state = store::State::failed;
      end.reason = "out of memory: 9.1 GB needed, 8 GB allowed";
      store_.finish_trial(id_, number, end);
      return;
    }
    const double best = asymptote(p);
    const bool diverges = p.log_lr > -0.7 && rng_.uniform() < 0.7;
    const bool stops = best < 0.95 && recipe_.strategy != "full";
    const int last = diverges ? 4
                     : stops  ? recipe_.steps / 4 + static_cast<int>(rng_.below(6))
                              : recipe_.steps;
    const double rate = 1.2 + 1.5 * (p.log_lr + 5) / 5;
    double top = 0;
    for (int step = 1; step <= last; ++step) {
      const double progress = 1 - std::exp(-rate * std::pow(step, 0.75) / 4);
      double val = 0.1 + (std::max(best, 0.15) - 0.1) * progress + 0.0012 * rng_.normal();
      double train_loss =
          0.02 + 2.2 * (1 - progress) * (1 - progress) + 0.003 * std::abs(rng_.normal());
      double val_loss =
          (1 - val) * 3.2 + std::max(0.0, 0.0012 * (step - 20)) * (p.dropout < 0.1 ? 2 : 0.5);
      double norm = 2.5 / std::sqrt(step) + 0.1 * std::abs(rng_.normal());
      if (diverges) {
        val = 0.1;
        train_loss = val_loss = std::pow(10.0, 2.0 * step);
        norm = step == 4 ? NAN : std::pow(100.0, step);
      }
      val = std::min(val, 0.9999);
      if (val > top) {
        top = val;
        end.best_step = step;
      }
      store::StepRow row;
      row.step = step;
      row.results = {{"val_acc", val},
                     {"val_loss", val_loss},
                     {"train_loss", train_loss},
                     {"train_acc", std::min(0.9999, 1 - train_loss / 2.6)},
                     {"grad_norm", norm}};
      row.timings = {{"seconds", 0.02 * width * p.depth / p.batch + 0.05}};
      store_.add_step(id_, number, row, top);
    }
    end.state = diverges ? store::State::diverged
                : stops  ? store::State::stopped
                         : store::State::completed;
    if (diverges) end.reason = "train_loss is not finite at step 4";
    if (stops) end.reason = "below the median at step " + std::to_string(last);
    if (!diverges) end.value = top;
    end.facts = {{"parameters", 784.0 * width + width * (p.depth - 1) * width}};
    store_.finish_trial(id_, number, end);
  }

  store::Store& store_;
  Recipe recipe_;
  Rng rng_;
  store::StudyId id_;
};

}  // namespace

store::StudyId add_search(store::Store& store, const Recipe& recipe) {
  return Search(store, recipe).run();
}

store::StudyId add_hostile(store::Store& store) {
  const std::string attack =
      "<script>alert(1)</script>\"'`{{data}}\xE2\x80\xA8&amp;<img src=x onerror=alert(2)>";
  store::NewStudy s = study("</title></script><script>alert('study')</script> \"q\" 'q'", {});
  s.note = attack + "\x1b[31m\n{{title}}";
  s.params = {
      {"=cmd|'/C calc'!A0",
       "categorical",
       {{"choices", {"=1+1", "</script>", "\xE2\x80\xA8", "a b"}}}},
      {"<b>x</b>", "float", {{"low", 0.0}, {"high", 1.0}}},
      {"__proto__", "int", {{"low", 1}, {"high", 9}}},
      {"{a|rich}", "bool", {{"choices", {false, true}}}},
      {std::string(300, 'w'), "float", {{"low", 1e-3}, {"high", 1.0}, {"scale", "log"}}},
  };
  s.objectives = {{"</script><i>loss</i>", false}};
  s.trials = 30;
  const auto id = store.create_study(s);
  Rng rng(RngKey{7, Stream::sampler, 0});
  store.transaction([&] {
    for (int number = 1; number <= 30; ++number) {
      store::NewTrial trial;
      trial.number = number;
      const char* const choices[] = {"=1+1", "</script>", "\xE2\x80\xA8", "a b"};
      trial.config.set(s.params[0].name, std::string(choices[rng.below(4)]));
      const double x = rng.uniform();
      trial.config.set(s.params[1].name, x);
      trial.config.set(s.params[2].name, static_cast<std::int64_t>(1 + rng.below(9)));
      trial.config.set(s.params[3].name, rng.uniform() < 0.5);
      trial.config.set(s.params[4].name, std::pow(10.0, -3 * rng.uniform()));
      store.add_trial(id, trial);
      store.set_running(id, number, "<cpu0>", "cpu");
      store::TrialEnd end;
      for (int step = 1; step <= 8; ++step) {
        store.add_step(id, number, {step, {{s.objectives[0].first, x * x + 1.0 / step}}, {}},
                       x * x + 1.0 / step);
      }
      end.value = x * x + 0.125;
      end.best_step = 8;
      if (number % 7 == 0) {
        end.state = store::State::failed;
        end.value.reset();
        end.reason = "=HYPERLINK(\"http://example.invalid\") " + attack;
      }
      store.finish_trial(id, number, end);
    }
  });
  const std::vector<std::string> tags{"<u>tag</u>", "@final"};
  store.set_tags(id, 1, tags, {});
  store.set_note(id, 2, attack);
  store.set_study(id, "finished", 30);
  return id;
}

store::StudyId add_empty(store::Store& store, const std::string& name) {
  Recipe recipe;
  recipe.trials = 50;
  return store.create_study(study(name, recipe));
}

}  // namespace vernier::reports::example
