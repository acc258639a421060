#include "engine/settings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/error.h"

namespace vernier::engine {
namespace {

std::string refusal(const std::string& json) {
  try {
    settings_from_json(Json::parse(json));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

void says(const std::string& json, const std::string& part) {
  const std::string text = refusal(json);
  CAPTURE(json);
  CAPTURE(text);
  CHECK(text.find(part) != std::string::npos);
}

TEST_CASE("without any section the defaults hold") {
  const TrialSettings s = settings_from_json(Json::object());
  CHECK(s.data.set == "digits");
  CHECK(s.data.normalize == "standardize");
  CHECK(s.data.split_seed == 1);
  CHECK(s.model.depth == 2);
  CHECK(s.model.width == 128);
  CHECK(s.model.activation == "relu");
  CHECK(s.train.optimizer == "adam");
  CHECK(s.train.lr == 0.001);
  CHECK(s.train.batch_size == 128);
  CHECK(s.train.epochs == 10);
  CHECK(s.train.schedule.type == "constant");
  CHECK(s.train.early_stop.patience == 0);
  CHECK(s.steps() == 10);
}

TEST_CASE("every key is read into its field") {
  const TrialSettings s = settings_from_json(Json::parse(R"({
    "data": {"set": "csv", "dir": "d", "file": "f.csv", "target": "t", "n": 100, "noise": 0.25, "train": 50, "valid": 20,
             "test": 10, "split_seed": 18446744, "normalize": "minmax", "subset": 30, "label_noise": 0.125, "style": "street", "permute": true,
             "shift": 4, "classes": ["cat", 3]},
    "model": {"type": "mlp", "depth": 3, "width": 64, "activation": "gelu", "init": "glorot", "gain": 2, "bias": false,
              "batch_norm": true, "dropout": 0.5, "input_dropout": 0.25},
    "train": {"epochs": 4, "measures_per_epoch": 5, "batch_size": 32, "optimizer": "nadam", "lr": 1, "momentum": 0.5,
              "beta1": 0.75, "beta2": 0.875, "eps": 0.5, "weight_decay": 0.0625, "clip_norm": 3, "label_smoothing": 0.1,
              "loss": "mse", "ema": 0.99, "seed": "per_trial",
              "schedule": {"type": "step", "warmup": 1.5, "gamma": 0.25, "every": 3, "final_share": 0.5, "patience": 7},
              "early_stop": {"patience": 6, "min_delta": 0.001, "restore": false}},
    "augment": {"flip": true, "crop": 4, "shift": 1.5, "scale": 0.25, "brightness": 0.5, "contrast": 0.75, "jitter": 0.125,
                "cutout": 8}})"));
  CHECK(s.augment.flip == 0.5);
  CHECK(s.augment.crop == 4);
  CHECK(s.augment.shift == 1.5);
  CHECK(s.augment.scale == 0.25);
  CHECK(s.augment.brightness == 0.5);
  CHECK(s.augment.contrast == 0.75);
  CHECK(s.augment.jitter == 0.125);
  CHECK(s.augment.cutout == 8);
  CHECK(
      s.data.key() ==
      R"(["csv","d","f.csv","t","100","0.25","0","50","20","10",18446744,"minmax",["cat","3"],"30","0.125","street",true,4,0,0])");
  CHECK(s.model.depth == 3);
  CHECK(s.model.width == 64);
  CHECK(s.model.activation == "gelu");
  CHECK(s.model.init == "glorot");
  CHECK(s.model.gain == 2.0);
  CHECK(!s.model.bias);
  CHECK(s.model.batch_norm);
  CHECK(s.model.dropout == 0.5);
  CHECK(s.model.input_dropout == 0.25);
  CHECK(s.train.epochs == 4);
  CHECK(s.train.measures_per_epoch == 5);
  CHECK(s.steps() == 20);
  CHECK(s.train.batch_size == 32);
  CHECK(s.train.optimizer == "nadam");
  CHECK(s.train.lr == 1.0);
  CHECK(s.train.momentum == 0.5);
  CHECK(s.train.beta1 == 0.75);
  CHECK(s.train.beta2 == 0.875);
  CHECK(s.train.eps == 0.5);
  CHECK(s.train.weight_decay == 0.0625);
  CHECK(s.train.clip_norm == 3.0);
  CHECK(s.train.label_smoothing == 0.1);
  CHECK(s.train.loss == "mse");
  CHECK(s.train.ema == 0.99);
  CHECK(s.train.seed == "per_trial");
  CHECK(s.train.schedule.type == "step");
  CHECK(s.train.schedule.warmup == 1.5);
  CHECK(s.train.schedule.gamma == 0.25);
  CHECK(s.train.schedule.every == 3.0);
  CHECK(s.train.schedule.final_share == 0.5);
  CHECK(s.train.schedule.patience == 7);
  CHECK(s.train.early_stop.patience == 6);
  CHECK(s.train.early_stop.min_delta == 0.001);
  CHECK(!s.train.early_stop.restore);
}

TEST_CASE("a schedule is a name or a section; widths are a list") {
  CHECK(
      settings_from_json(Json::parse(R"({"train": {"schedule": "cosine"}})")).train.schedule.type ==
      "cosine");
  CHECK(
      settings_from_json(Json::parse(R"({"train": {"schedule": {"type": "linear", "warmup": 1}}})"))
          .train.schedule.warmup == 1);
  CHECK(settings_from_json(Json::parse(R"({"model": {"widths": [64, 32.0]}})")).model.widths ==
        std::vector<int>{64, 32});
}

TEST_CASE("defaults that depend on another setting") {
  CHECK(
      settings_from_json(Json::parse(R"({"train": {"optimizer": "adamw"}})")).train.weight_decay ==
      0.01);
  CHECK(settings_from_json(Json::parse(R"({"train": {"optimizer": "adamw", "weight_decay": 0}})"))
            .train.weight_decay == 0);
  CHECK(settings_from_json(Json::parse(R"({"train": {"schedule": "exponential"}})"))
            .train.schedule.gamma == 0.95);
  CHECK(
      settings_from_json(Json::parse(R"({"train": {"schedule": {"type": "step", "gamma": 0.3}}})"))
          .train.schedule.gamma == 0.3);
}

TEST_CASE("whole numbers may come as doubles and the other way round, if exact") {
  const TrialSettings s = settings_from_json(
      Json::parse(R"({"model": {"width": 64.0}, "train": {"lr": 1, "clip_norm": 2}})"));
  CHECK(s.model.width == 64);
  CHECK(s.train.lr == 1.0);
  CHECK(settings_from_json(Json::parse(R"({"train": {"seed": 17.0}})")).train.seed == "17");
  says(R"({"model": {"width": 64.5}})",
       "[model.width] found 64.5; expected a whole number from 1 to 65536");
  says(R"({"model": {"width": 1e300}})", "[model.width] found 1e+300; expected a whole number");
}

TEST_CASE("unknown keys and names are refused with the nearest") {
  says(R"({"train": {"learning_rate": 1}})", "[train.learning_rate] unknown key");
  says(R"({"model": {"dept": 1}})", "[model.dept] unknown key; did you mean 'depth'?");
  says(R"({"modle": {"depth": 1}})", "[modle] unknown key; did you mean 'model'?");
  says(R"({"train": {"optimizer": "nesterof"}})",
       "[train.optimizer] unknown name 'nesterof'; did you mean 'nesterov'?");
  says(R"({"train": {"schedule": "cosin"}})",
       "[train.schedule.type] unknown name 'cosin'; did you mean 'cosine'?");
  says(R"({"train": {"early_stop": {"patiense": 3}}})",
       "[train.early_stop.patiense] unknown key; did you mean 'patience'?");
  says(R"({"data": {"set": "mnsit"}})", "[data.set] unknown name 'mnsit'; did you mean 'mnist'?");
}

TEST_CASE("wrong types and ranges name key, value and what was expected") {
  says(R"({"train": {"seed": "own"}})",
       "[train.seed] found \"own\"; expected common, per_trial or a whole number");
  says(R"({"train": {"seed": -1}})", "[train.seed] found -1; expected a whole number >= 0");
  says(R"({"train": {"seed": 1.5}})", "[train.seed] found 1.5; expected a whole number");
  says(R"({"train": {"lr": "high"}})", "[train.lr] found \"high\"; expected a number > 0");
  says(R"({"train": {"lr": 0}})", "[train.lr] found 0; expected a number > 0");
  says(R"({"train": {"lr": null}})", "[train.lr] found null");
  says(R"({"train": {"lr": true}})", "[train.lr] found true");
  says(R"({"train": {"batch_size": 0}})",
       "[train.batch_size] found 0; expected a whole number from 1 to");
  says(R"({"train": {"batch_size": "32"}})", "[train.batch_size] found \"32\"");
  says(R"({"train": {"momentum": 1}})", "[train.momentum] found 1; expected a number in [0, 1)");
  says(R"({"train": {"weight_decay": -1}})",
       "[train.weight_decay] found -1; expected a number >= 0");
  says(R"({"model": {"dropout": 1.0}})", "[model.dropout] found 1.0; expected a number in [0, 1)");
  says(R"({"model": {"bias": 1}})", "[model.bias] found 1; expected true or false");
  says(R"({"model": {"activation": "threshold"}})", "[model.activation] unknown name 'threshold'");
  says(R"({"model": {"widths": []}})",
       "[model.widths] found []; expected a list of 1 to 64 whole numbers");
  says(R"({"model": {"widths": [8, 0]}})", "[model.widths] found 0");
  says(R"({"model": {"widths": [8], "depth": 2}})", "[model.widths] given beside model.depth");
  says(R"({"model": 3})", "[model] found 3; expected a section with keys type, depth");
  says(R"({"train": {"early_stop": 5}})",
       "[train.early_stop] found 5; expected a section with keys patience");
  says(R"({"data": {"split_seed": -1}})", "[data.split_seed] found -1");
  says(R"({"data": {"split_seed": 18446744073709551615}})",
       "[data.split_seed] found 18446744073709551615");
  says(R"({"data": {"folds": 5, "valid": 100}})", "[data.folds] given beside data.valid");
  says(R"({"data": {"folds": 1}})", "[data.folds] found 1; expected");
  says(R"({"augment": {"flipp": true}})", "[augment.flipp] unknown key; did you mean 'flip'?");
  says(R"({"augment": {"scale": 1}})", "[augment.scale] found 1");
  says(R"({"data": {"set": "moons", "file": "x.csv"}})", "[data.file] given for data set 'moons'");
  says(R"({"model": {"layers": ["rleu"]}})", "[model.layers.0] unknown layer 'rleu'");
  says(R"({"train": {"from": "a"}})", "[train.from] found \"a\"; expected a trial, as STUDY#17");
  says(R"({"train": {"from": "a#best"}})", "[train.from] found");
  says(R"({"train": {"from": "#3"}})", "[train.from] found");
  says(R"({"train": {"from": "none", "head": "new"}})", "[train.head] new without train.from");
  says(R"({"train": {"freeze": []}})", "[train.freeze] found []; expected a list of layers");
  says(R"({"train": {"freeze": ""}})", "[train.freeze] found \"\"; expected a list of layers");
  says(R"({"train": {"from": "a#1", "head": "old"}})", "[train.head] unknown name 'old'");
  says(R"({"train": {"head": "new"}})", "[train.head] new without train.from");
  says(R"([])", "expected a section with keys data, model, train");
}

TEST_CASE("transfer is read") {
  CHECK(settings_from_json(Json::parse(R"({"train": {"from": "none"}})")).train.from.empty());
  const TrialSettings s = settings_from_json(
      Json::parse(R"({"train": {"from": "a#b#17", "freeze": ["c1", "blocks*"], "head": "new"}})"));
  CHECK(s.train.from == "a#b#17");
  CHECK(s.train.freeze == std::vector<std::string>{"c1", "blocks*"});
  CHECK(s.train.new_head);
  const auto freeze = [](const char* text) {
    return settings_from_json(Json{{"train", {{"freeze", text}}}}).train.freeze;
  };
  CHECK(freeze("c*") == std::vector<std::string>{"c*"});
  CHECK(freeze("none").empty());
}

TEST_CASE("every listed name is accepted by the reader at its place, and none twice") {
  const auto& names = setting_names();
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
  for (const char* expected : {"data.set", "model.depth", "train.lr", "train.schedule",
                               "train.schedule.warmup", "train.early_stop.patience"}) {
    CHECK(std::find(names.begin(), names.end(), expected) != names.end());
  }
  for (const std::string& name : names) {
    // An array of an object suits no key: the complaint must be about the value, at this key or the one below that a short form stands for.
    std::string pointer = "/" + name;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    Json sections;
    sections[Json::json_pointer(pointer)] = Json::array({Json::object()});
    const std::string text = refusal(sections.dump());
    CAPTURE(name);
    CAPTURE(text);
    CHECK(text.starts_with("[" + name));
    CHECK(text.find("unknown key") == std::string::npos);
  }
}

TEST_CASE("the data key tells every setting apart") {
  std::set<std::string> keys;
  DataSettings base;
  keys.insert(base.key());
  const auto add = [&](auto change) {
    DataSettings settings;
    change(settings);
    keys.insert(settings.key());
  };
  add([](DataSettings& s) { s.set = "moons"; });
  add([](DataSettings& s) { s.dir = "a"; });
  add([](DataSettings& s) { s.file = "a"; });
  add([](DataSettings& s) { s.target = "a"; });
  add([](DataSettings& s) { s.n = 1; });
  add([](DataSettings& s) { s.noise = 1; });
  add([](DataSettings& s) { s.gap = 1; });
  add([](DataSettings& s) { s.train = 1; });
  add([](DataSettings& s) { s.valid = 1; });
  add([](DataSettings& s) { s.test = 1; });
  add([](DataSettings& s) { s.split_seed = 2; });
  add([](DataSettings& s) { s.normalize = "none"; });
  add([](DataSettings& s) { s.classes = {"0", "1"}; });
  add([](DataSettings& s) { s.classes = {"1", "0"}; });
  add([](DataSettings& s) { s.subset = 1; });
  add([](DataSettings& s) { s.label_noise = 1e-300; });
  add([](DataSettings& s) { s.style = "street"; });
  add([](DataSettings& s) { s.permute = true; });
  add([](DataSettings& s) { s.shift = 1; });
  add([](DataSettings& s) { s.folds = 2; });
  add([](DataSettings& s) { s.fold = 1; });
  CHECK(keys.size() == 22);
}

}  // namespace
}  // namespace vernier::engine
