// What a trial trains, as the study file's sections say it. Parsing checks keys, types and ranges.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace vernier::engine {

struct DataSettings {
  std::string set = "digits";
  std::string dir;              // sought first; already resolved against the study file
  std::string file, target;     // csv: a table and its column; npy: inputs and what is predicted
  std::optional<int> n;         // generators: training examples
  std::optional<double> noise;  // generators
  double gap = 0;  // moons: the second one lies so much lower; from 1 on a line separates them
  std::optional<int> train, valid,
      test;  // counts; valid defaults to 1/6 of the training examples, stratified
  std::uint64_t split_seed = 1;
  std::string normalize = "standardize";  // a name of normalizations()
  std::vector<std::string> classes;       // those kept, by name or number; empty: all
  std::optional<int> subset;              // training examples kept, stratified
  double label_noise = 0;                 // share of training labels redrawn
  std::string style = "plain";            // digits: plain, or street (32 x 32 x 3)
  bool permute = false;                   // the pixels (features), all examples alike
  int shift = 0;                          // validation and test images move by up to so many pixels
  int folds = 0;                          // cross-validation; 0: one split
  int fold = 0;                           // which of them is the validation part; never a setting
  /// The resident data set depends on exactly these settings.
  std::string key() const;
};

/// Of training images only, each example drawn anew at every update: engine/math/augment.h. 0: off.
struct AugmentSettings {
  double flip = 0;        // probability of a horizontal mirror image
  int crop = 0;           // pixels of padding around the image that is cropped
  double shift = 0;       // pixels, by parts of one
  double scale = 0;       // share
  double brightness = 0;  // deviations of the prepared data, added
  double contrast = 0;    // share
  double jitter = 0;      // as brightness, per channel
  int cutout = 0;         // pixels of the square's side
};

struct ModelSettings {
  std::string type = "mlp";    // a name of models()
  int depth = 2, width = 128;  // mlp: hidden layers and units in each
  std::vector<int> widths;     // instead of both
  std::string activation = "relu";
  std::string init;  // empty: by activation (he for relu and kin, glorot for the others)
  std::optional<double> gain;
  bool bias = true;
  bool batch_norm = false;
  std::optional<double> dropout;  // not given: the model's own, 0 for most
  double input_dropout = 0;
  double width_factor = 1;        // image models: filters and units times this, rounded
  Json layers;                    // layers: the list as written (engine/models/layers.h)
  std::string shortcut = "conv";  // resnets, where the shape changes: conv (1 x 1) or pad (zeros)
};

struct ScheduleSettings {
  std::string type = "constant";  // constant, step, exponential, cosine, linear, one_cycle, plateau
  double warmup = 0;              // epochs, may be fractional
  double gamma = 0.1;             // step, plateau; exponential: per epoch, 0.95 where not given
  double every = 10;              // step: epochs
  double final_share = 0;         // cosine, linear: last lr / lr
  int patience = 5;               // plateau: measured steps
};

struct EarlyStopSettings {
  int patience = 0;  // measured steps without improvement; 0: off
  double min_delta = 0;
  bool restore = true;  // keep the weights of the best step
};

/// What is kept of a training beside its usual metrics: engine/recorded.
struct RecordSettings {
  std::vector<std::string> kinds;  // names of recordings()
  int every = 0;  // measured steps from a picture to the next; 0: a twentieth of a full training
};

struct TrainSettings {
  int epochs = 10;
  int measures_per_epoch = 1;
  int batch_size = 128;
  std::string optimizer = "adam";
  double lr = 0.001;
  std::optional<double> momentum, beta1, beta2, eps;
  double weight_decay = 0;  // adamw: 0.01 where not given
  double clip_norm = 0;     // 0: off
  double label_smoothing = 0;
  std::string loss;                // empty: cross_entropy for classes, mse for numbers
  std::string precision = "fp32";  // tf32, bf16: on GPUs (engine/math/precision.h)
  ScheduleSettings schedule;
  EarlyStopSettings early_stop;
  double ema = 0;  // decay of averaged weights used in evaluation; 0: off
  /// common: every trial has the study's; per_trial: its own; a whole number, as text: that one (a parameter with some values is training over seeds)
  std::string seed = "common";
  // Transfer: the weights to start with, as the caller names them ("STUDY#17"), handed to admit() as a checkpoint with `start`
  std::string from;
  std::vector<std::string>
      freeze;  // layers that stay as they are: names, * for any part; as a parameter one name, or none
  bool new_head = false;  // the last layer with weights is drawn anew
  RecordSettings record;
};

/// All of one trial. `metric` and `maximize`: what early stopping and the best step look at.
struct TrialSettings {
  DataSettings data;
  ModelSettings model;
  TrainSettings train;
  AugmentSettings augment;
  std::string metric = "val_acc";
  bool maximize = true;
  std::uint64_t seed = 0;  // already resolved: what train.seed says
  std::uint32_t repeat = 0;
  /// Steps of a full training: epochs x measures_per_epoch.
  int steps() const { return train.epochs * train.measures_per_epoch; }
};

/// From {"data": {...}, "model": {...}, "train": {...}, "augment": {...}} (metric, seed and repeat are the caller's). Throws UsageError whose text starts
/// with the dotted key in brackets, "[train.lr] ...": unknown key with the nearest, wrong type, out of range.
TrialSettings settings_from_json(const Json& sections);
/// Every dotted key that settings_from_json accepts: what may be a parameter.
const std::vector<std::string>& setting_names();

/// What train.record may name.
struct RecordingInfo {
  std::string name, summary;
};
const std::vector<RecordingInfo>& recordings();

/// What data.normalize may be.
const std::vector<std::string>& normalizations();

}  // namespace vernier::engine
