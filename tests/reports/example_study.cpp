#include "tests/reports/example_study.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base64.h"
#include "core/rng.h"
#include "core/text.h"
#include "reports/html/deflate.h"

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

namespace {

std::string pixels(std::size_t n, const std::function<double(std::size_t)>& at) {
  Bytes bytes(n);
  for (std::size_t i = 0; i < n; ++i)
    bytes[i] = static_cast<unsigned char>(std::clamp(at(i), 0.0, 1.0) * 255);
  return base64(bytes);
}

/// A ring of the size of a digit, thicker for larger `kind`.
double ring(std::size_t at, int kind) {
  const double x = static_cast<double>(at % 28) - 13.5, y = static_cast<double>(at / 28) - 13.5;
  return 1.4 - std::abs(std::hypot(x, y * (1 + 0.04 * kind)) - 8) / (1.5 + 0.2 * kind);
}

}  // namespace

void add_artifacts(store::Store& store, store::StudyId id, int number) {
  const auto add = [&](int step, const std::string& name, const std::string& kind,
                       const Json& json) {
    store.add_artifact(id, number, {step, name, kind, json.dump()});
  };
  Rng rng(RngKey{11, Stream::sampler, 0});
  Json classes = Json::array(), counts = Json::array(), items = Json::array();
  for (int i = 0; i < 10; ++i) {
    classes.push_back(std::to_string(i));
    Json row = Json::array();
    for (int k = 0; k < 10; ++k)
      row.push_back(i == k             ? 180 + static_cast<int>(rng.below(20))
                    : (i * k) % 7 == 3 ? static_cast<int>(rng.below(9))
                                       : 0);
    counts.push_back(row);
  }
  add(50, "confusion", "confusion", {{"part", "valid"}, {"classes", classes}, {"counts", counts}});
  for (int i = 0; i < 12; ++i) {
    items.push_back({{"index", 100 + i},
                     {"label", std::to_string(i % 10)},
                     {"predicted", std::to_string((i + 3) % 10)},
                     {"confidence", 0.99 - 0.01 * i},
                     {"loss", 5.0 - 0.2 * i}});
  }
  add(50, "worst", "examples",
      {{"part", "valid"},
       {"width", 28},
       {"height", 28},
       {"channels", 1},
       {"items", items},
       {"pixels",
        pixels(12 * 784, [](std::size_t i) { return ring(i % 784, static_cast<int>(i / 784)); })}});
  add(50, "dense1", "filters",
      {{"width", 28},
       {"height", 28},
       {"channels", 1},
       {"count", 24},
       {"scale", 0.31},
       {"pixels", pixels(24 * 784, [&](std::size_t i) {
          const double x = static_cast<double>(i % 28), y = static_cast<double>(i / 28 % 28);
          const double k = static_cast<double>(i / 784);
          return 0.5 + 0.4 * std::sin(0.2 * x * (1 + k / 9) + k) * std::cos(0.25 * y - k) +
                 0.05 * rng.normal();
        })}});
  for (const int step : {1, 10, 50}) {
    Json points{{"x", Json::array()}, {"y", Json::array()}, {"class", Json::array()}};
    for (int i = 0; i < 60; ++i) {
      const double t = 0.1 * i, side = i % 2 ? 1 : -1;
      points["x"].push_back(side * std::cos(t) * t / 6);
      points["y"].push_back(side * std::sin(t) * t / 6);
      points["class"].push_back(i % 2);
    }
    const double sharp = 0.5 + step / 20.0;
    const auto score = [&](std::size_t i) {
      const double x = -1 + 2 * (static_cast<double>(i % 48) + 0.5) / 48;
      const double y = -1 + 2 * (static_cast<double>(i / 48) + 0.5) / 48;
      const double phase = std::atan2(y, x) - 6 * std::hypot(x, y) * std::min(1.0, step / 40.0);
      return std::tanh(sharp * std::cos(phase));
    };
    add(step, "plane", "decision_map",
        {{"x", {-1, 1}},
         {"y", {-1, 1}},
         {"columns", 48},
         {"rows", 48},
         {"classes", {"inner", "outer"}},
         {"class", pixels(48 * 48, [&](std::size_t i) { return score(i) > 0 ? 1.01 / 255 : 0; })},
         {"confidence", pixels(48 * 48, [&](std::size_t i) { return std::abs(score(i)); })},
         {"points", points}});
    Json x = Json::array(), y = Json::array(), px = Json::array(), py = Json::array();
    for (int i = 0; i <= 100; ++i) {
      const double at = 0.0628 * i;
      x.push_back(at);
      y.push_back(std::sin(at) * std::min(1.0, step / 30.0));
      if (i % 4 == 0) {
        px.push_back(at);
        py.push_back(std::sin(at) + 0.1 * rng.normal());
      }
    }
    add(step, "fit", "fitted_curve",
        {{"x", x},
         {"y", y},
         {"x_name", "time"},
         {"y_name", "signal"},
         {"points", {{"x", px}, {"y", py}}}});
  }
  for (int step = 5; step <= 50; step += 5) {
    Json edges = Json::array(), bins = Json::array();
    for (int i = 0; i <= 40; ++i) edges.push_back(-2 + 0.1 * i);
    for (int i = 0; i < 40; ++i) {
      const double at = (-1.95 + 0.1 * i) / (0.3 + 0.01 * step);
      bins.push_back(std::lround(1000 * std::exp(-0.5 * at * at)));
    }
    add(step, "weights of dense1", "histogram", {{"edges", edges}, {"counts", bins}});
  }
  store.add_artifact(id, number, {50, "log", "log", "epoch 1\nwarning: <b>slow</b>\n"});
  store.add_artifact(id, number,
                     {50, "broken", "confusion", "{\"classes\":[\"a\"],\"counts\":[[1,2]]}"});
}

store::StudyId add_two_objectives(store::Store& store, const std::string& name, int trials) {
  Recipe recipe;
  recipe.trials = trials;
  store::NewStudy s = study(name, recipe);
  s.objectives = {{"val_acc", true}, {"latency_ms", false}};
  s.params = {{"model.width", "int", {{"low", 16}, {"high", 1024}, {"scale", "log"}}},
              {"model.activation", "categorical", {{"choices", {"relu", "tanh"}}}}};
  s.spec["claim"] = {{"text", "relu is more accurate than tanh at equal width"},
                     {"arms", "model.activation"},
                     {"better", "relu"},
                     {"than", "tanh"}};
  const auto id = store.create_study(s);
  Rng rng(RngKey{21, Stream::sampler, 0});
  store.transaction([&] {
    for (int number = 1; number <= trials; ++number) {
      store::NewTrial trial;
      trial.number = number;
      const auto width =
          static_cast<std::int64_t>(16 * std::exp2(6.0 * ((number - 1) / 2) / (trials / 2.0)));
      const bool relu = number % 2 == 0;
      trial.config.set("model.width", width);
      trial.config.set("model.activation", std::string(relu ? "relu" : "tanh"));
      store.add_trial(id, trial);
      store.set_running(id, number, number % 3 ? "gpu:0" : "gpu:10", "NVIDIA H200");
      const double size = static_cast<double>(width);
      const double value = 0.98 - 0.4 / std::sqrt(size) + (relu ? 0.006 : 0) + 0.002 * rng.normal();
      const double latency = 0.2 + size / 200 + 0.1 * std::abs(rng.normal());
      for (int step = 1; step <= 5; ++step)
        store.add_step(id, number,
                       {step,
                        {{"val_acc", value - 0.02 * (5 - step)}, {"latency_ms", latency}},
                        {{"seconds", 0.1}}},
                       value);
      store::TrialEnd end;
      end.value = value;
      end.best_step = 5;
      end.objectives = {value, latency};
      end.facts = {{"parameters", 794 * size}, {"flops", 1588 * size}};
      store.finish_trial(id, number, end);
    }
  });
  store.set_study(id, "finished", trials);
  return id;
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

std::vector<std::string> hostile_strings() {
  const char* const attacks[] = {"<script>hit()</script>",
                                 "<img src=x onerror=hit()>",
                                 "<svg/onload=hit()>",
                                 "<iframe srcdoc='<script>parent.hit()</script>'>",
                                 "<a href=javascript:hit()>x</a>",
                                 "<style>*{display:none}</style>",
                                 "<base href=//e.invalid/>",
                                 "<meta http-equiv=refresh content='0;url=//e.invalid'>",
                                 "<form action=//e.invalid><button autofocus onfocus=hit()>",
                                 "onmouseover=hit() x=",
                                 "{{title}}{{data}}{{script}}",
                                 "${hit()}`${hit()}`",
                                 "{a|x}{b|{c}}",
                                 "=HYPERLINK(\"//e.invalid\")",
                                 "@SUM(1)+cmd|'/C calc'!A0",
                                 "__proto__",
                                 "constructor",
                                 "&lt;b&gt;&#x3c;script&#x3e;",
                                 "\xE2\x80\xA8hit()\xE2\x80\xA9",
                                 "\xE2\x80\xAEtxet\xE2\x80\xAC",
                                 "url(javascript:hit())",
                                 "expression(hit())",
                                 "'+hit()+'",
                                 "\\u003cscript\\u003ehit()",
                                 "data:text/html,<script>hit()</script>"};
  const char* const around[][2] = {
      {"", ""},          {"\">", ""},      {"'>", ""},       {"-->", "<!--"},
      {"</script>", ""}, {"</title>", ""}, {"</style>", ""}, {"</textarea>", ""},
      {"]]>", ""},       {"*/", "/*"},     {"\";", "//"},    {"';", "//"},
      {"`", "`"},        {" ", " "},       {"a\tb\n", ""},   {"<!--", ""},
      {"<x y='", ""},    {"%3C", "%3E"},   {"<<", ">>"},     {"</svg></math>", ""}};
  std::vector<std::string> all;
  for (const char* attack : attacks)
    for (const auto& [before, after] : around) all.push_back(before + std::string(attack) + after);
  return all;
}

namespace {

/// One with each plot, over the first two choices of the first parameter.
Json hostile_claims(const store::NewStudy& study, const std::vector<std::string>& texts) {
  const std::string &arms = study.params[0].name, &other = study.params[1].name;
  Json claims = Json::array();
  for (const Json& plot : {Json{{"line", other}, {"by", arms}, {"metrics", {texts[1], texts[41]}}},
                           Json{{"line", arms}}, Json{{"curves", {texts[1], texts[41]}}},
                           Json{{"heat_map", {other, study.params[2].name}}},
                           Json{{"pictures", "confusion"}}, Json{{"pictures", "fit"}}}) {
    const std::string& text = texts[4 + 20 * claims.size()];
    claims.push_back({{"text", text},
                      {"arms", arms},
                      {"better", texts[0]},
                      {"than", texts[1]},
                      {"metric", texts[1]},
                      {"goal", "maximize"},
                      {"plot", plot}});
  }
  return claims;
}

}  // namespace

store::StudyId add_all_hostile(store::Store& store, const std::string& name) {
  const auto texts = hostile_strings();
  store::NewStudy s = study(name, {});
  s.note = join(texts, " ");
  s.sampler = texts[0];
  s.strategy = texts[1];
  s.host = texts[21];
  s.code_version = texts[2];
  s.params.clear();
  Json choices = Json::array();
  for (const auto& text : texts) choices.push_back(text);
  s.params.push_back({texts[0], "categorical", {{"choices", choices}, {"when", texts[3]}}});
  for (std::size_t k = 1; k < 26; ++k)
    s.params.push_back({texts[20 * (k - 1) + k % 20] + "#",
                        "float",
                        {{"low", 0.0}, {"high", 1.0}, {"when", texts[k]}}});
  s.objectives = {{texts[1], true}, {texts[41], false}};
  s.spec["claim"] = hostile_claims(s, texts);
  s.trials = 500;
  const auto id = store.create_study(s);
  Rng rng(RngKey{5, Stream::sampler, 0});
  store.transaction([&] {
    for (int number = 1; number <= 500; ++number) {
      const auto at = static_cast<std::size_t>(number - 1);
      store::NewTrial trial;
      trial.number = number;
      trial.config.set(s.params[0].name, texts[at]);
      for (std::size_t k = 1; k < s.params.size(); ++k)
        trial.config.set(s.params[k].name, at < 2 ? 0.5 : rng.uniform());
      store.add_trial(id, trial);
      store.set_running(id, number, texts[at % 7], texts[at]);
      const double value = rng.uniform();
      for (int step = 1; step <= 3; ++step)
        store.add_step(
            id, number,
            {step, {{texts[1], value}, {texts[41], 1 - value}, {texts[61 + at % 5], value}}, {}},
            value);
      store::TrialEnd end;
      end.value = value;
      end.objectives = {value, 1 - value};
      end.best_step = 3;
      end.reason = texts[at];
      end.facts = {{"parameters", 10.0 * number}};
      if (number % 10 == 0) {
        end.state = store::State::failed;
        end.value.reset();
        end.objectives.clear();
      }
      store.finish_trial(id, number, end);
      store.set_note(id, number, texts[at]);
      std::string tag = texts[at];
      std::replace_if(
          tag.begin(), tag.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, '_');
      store.set_tags(id, number, std::vector<std::string>{tag}, {});
    }
  });
  for (int number = 1; number <= 500; ++number) {
    const auto at = static_cast<std::size_t>(number - 1);
    store.add_artifact(id, number, {1, texts[at], "log", join(texts, "\n")});
    store.add_artifact(id, number, {1, texts[at] + "k", texts[(at + 7) % 500], texts[at]});
    Json classes{texts[at], texts[(at + 1) % 500]};
    store.add_artifact(
        id, number,
        {1, texts[at] + "c", "confusion",
         Json{{"part", texts[at]}, {"classes", classes}, {"counts", {{5, 1}, {2, 7}}}}.dump()});
    store.add_artifact(
        id, number,
        {1, texts[at] + "e", "examples",
         Json{{"part", texts[at]},
              {"width", 1},
              {"height", 1},
              {"channels", 1},
              {"items", {{{"label", texts[at]}, {"predicted", texts[(at + 3) % 500]}}}},
              {"pixels", "AA=="}}
             .dump()});
    store.add_artifact(
        id, number,
        {1, texts[at] + "f", "fitted_curve",
         Json{{"x", {0, 1}}, {"y", {0, 1}}, {"x_name", texts[at]}, {"y_name", texts[at]}}.dump()});
  }
  store.set_study(id, "finished", 500);
  return id;
}

store::StudyId add_empty(store::Store& store, const std::string& name) {
  Recipe recipe;
  recipe.trials = 50;
  return store.create_study(study(name, recipe));
}

}  // namespace vernier::reports::example
