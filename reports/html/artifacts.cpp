#include "reports/html/artifacts.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <map>
#include <span>

#include "core/base64.h"
#include "core/error.h"
#include "core/text.h"

namespace vernier::reports {

namespace {

constexpr int kMostCells = 1 << 22;

struct Damaged : Error {
  using Error::Error;
};

const Json& at(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key)) fail<Damaged>("it has no '{}'", key);
  return json[key];
}

int whole(const Json& json, const char* key, int least, int most) {
  const Json& value = at(json, key);
  if (!value.is_number_integer() || value.get<std::int64_t>() < least ||
      value.get<std::int64_t>() > most) {
    fail<Damaged>("'{}' is no whole number from {} to {}", key, least, most);
  }
  return value.get<int>();
}

Json numbers(const Json& json, const char* key, std::size_t least, std::size_t most) {
  const Json& list = at(json, key);
  if (!list.is_array() || list.size() < least || list.size() > most)
    fail<Damaged>("'{}' is no list of {} to {} numbers", key, least, most);
  for (const Json& x : list)
    if (!x.is_number() && !x.is_null())
      fail<Damaged>("'{}' holds something that is no number", key);
  return list;
}

Json texts(const Json& json, const char* key, std::size_t most) {
  const Json& list = at(json, key);
  if (!list.is_array() || list.empty() || list.size() > most)
    fail<Damaged>("'{}' is no list of 1 to {} names", key, most);
  Json names = Json::array();
  for (const Json& name : list)
    names.push_back(name.is_string() ? name.get<std::string>() : name.dump());
  return names;
}

std::string text(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

/// base64 of exactly `bytes` bytes.
std::string pixels(const Json& json, const char* key, std::size_t bytes) {
  const Json& value = at(json, key);
  if (!value.is_string()) fail<Damaged>("'{}' is no text", key);
  const auto& code = value.get_ref<const std::string&>();
  if (code.size() != (bytes + 2) / 3 * 4)
    fail<Damaged>("'{}' is not base64 of {} bytes", key, bytes);
  const std::size_t padding = (3 - bytes % 3) % 3;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                        (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (i + padding >= code.size() ? c != '=' : !letter)
      fail<Damaged>("'{}' is not base64 of {} bytes", key, bytes);
  }
  return code;
}

std::size_t cells(std::initializer_list<int> sizes) {
  std::size_t product = 1;
  for (const int size : sizes) product *= static_cast<std::size_t>(size);
  if (product > kMostCells) fail<Damaged>("it has more than {} values", kMostCells);
  return product;
}

Json confusion(const Json& json) {
  Json classes = texts(json, "classes", 1000);
  const Json& counts = at(json, "counts");
  if (!counts.is_array() || counts.size() != classes.size())
    fail<Damaged>("'counts' is no list of {} rows", classes.size());
  for (const Json& row : counts) {
    if (!row.is_array() || row.size() != classes.size())
      fail<Damaged>("'counts' has a row that is not {} long", classes.size());
    for (const Json& n : row)
      if (!n.is_number() || n.get<double>() < 0) fail<Damaged>("'counts' holds no count");
  }
  return {{"part", text(json, "part")}, {"classes", classes}, {"counts", counts}};
}

Json size_of_pictures(const Json& json) {
  const int channels = whole(json, "channels", 1, 3);
  if (channels == 2) fail<Damaged>("'channels' is 2; expected 1 or 3");
  return {{"width", whole(json, "width", 1, 512)},
          {"height", whole(json, "height", 1, 512)},
          {"channels", channels}};
}

/// Of examples that are no pictures: a row of numbers each.
Json features(const Json& json, std::size_t items) {
  const Json& rows = json["features"];
  if (!rows.is_array() || rows.size() != items)
    fail<Damaged>("'features' is no list of {} rows", items);
  Json out = Json::array();
  for (const Json& row : rows) out.push_back(numbers(Json{{"features", row}}, "features", 1, 100));
  return out;
}

Json examples(const Json& json) {
  const bool pictures = !json.is_object() || !json.contains("features");
  Json out = pictures ? size_of_pictures(json) : Json::object();
  const Json& items = at(json, "items");
  if (!items.is_array() || items.size() > 1000) fail<Damaged>("'items' is no list of at most 1000");
  out["part"] = text(json, "part");
  out["items"] = Json::array();
  for (const Json& item : items) {
    Json kept{{"label", ""},
              {"predicted", ""},
              {"index", nullptr},
              {"confidence", nullptr},
              {"loss", nullptr}};
    for (const char* key : {"label", "predicted"}) {
      const Json& name = at(item, key);
      kept[key] = name.is_string() ? name.get<std::string>() : name.dump();
    }
    for (const char* key : {"index", "confidence", "loss"})
      if (item.contains(key) && item[key].is_number()) kept[key] = item[key];
    out["items"].push_back(kept);
  }
  if (!pictures) {
    out["features"] = features(json, items.size());
    return out;
  }
  out["pixels"] =
      pixels(json, "pixels",
             cells({static_cast<int>(items.size()), out["width"], out["height"], out["channels"]}));
  return out;
}

Json filters(const Json& json) {
  Json out = size_of_pictures(json);
  out["count"] = whole(json, "count", 1, 4096);
  const Json& scale = at(json, "scale");
  if (!scale.is_number() || !(scale.get<double>() >= 0)) fail<Damaged>("'scale' is no number");
  out["scale"] = scale;
  out["pixels"] =
      pixels(json, "pixels", cells({out["count"], out["width"], out["height"], out["channels"]}));
  return out;
}

Json points(const Json& json, bool classes) {
  Json out{{"x", Json::array()}, {"y", Json::array()}};
  if (!json.contains("points")) return out;
  const Json& from = json["points"];
  out["x"] = numbers(from, "x", 0, 20000);
  const std::size_t n = out["x"].size();
  out["y"] = numbers(from, "y", n, n);
  if (classes) out["class"] = numbers(from, "class", n, n);
  return out;
}

Json decision_map(const Json& json) {
  Json out{{"x", numbers(json, "x", 2, 2)},
           {"y", numbers(json, "y", 2, 2)},
           {"columns", whole(json, "columns", 2, 512)},
           {"rows", whole(json, "rows", 2, 512)},
           {"classes", texts(json, "classes", 255)}};
  const std::size_t n = cells({out["columns"], out["rows"]});
  out["class"] = pixels(json, "class", n);
  if (json.contains("confidence")) out["confidence"] = pixels(json, "confidence", n);
  out["points"] = points(json, true);
  return out;
}

Json fitted_curve(const Json& json) {
  Json out{{"x", numbers(json, "x", 2, 20000)}};
  out["y"] = numbers(json, "y", out["x"].size(), out["x"].size());
  out["x_name"] = text(json, "x_name");
  out["y_name"] = text(json, "y_name");
  out["points"] = points(json, false);
  return out;
}

Json histogram(const Json& json) {
  Json out{{"edges", numbers(json, "edges", 2, 1025)}};
  const std::size_t n = out["edges"].size() - 1;
  out["counts"] = numbers(json, "counts", n, n);
  return out;
}

Json picture(const std::string& blob) {
  if (!blob.starts_with("\x89PNG\r\n\x1a\n")) fail<Damaged>("it is no PNG file");
  const auto* bytes = reinterpret_cast<const unsigned char*>(blob.data());
  return {{"png", base64(std::span(bytes, blob.size()))}};
}

Json data_of(const store::Artifact& artifact) {
  static const std::map<std::string, Json (*)(const Json&)> readers{
      {"confusion", confusion},       {"examples", examples},         {"filters", filters},
      {"decision_map", decision_map}, {"fitted_curve", fitted_curve}, {"histogram", histogram}};
  if (artifact.kind == "png") return picture(artifact.blob);
  const auto reader = readers.find(artifact.kind);
  if (reader == readers.end()) fail<Damaged>("the page has no drawing for this kind");
  const Json json = Json::parse(artifact.blob, nullptr, false);
  if (json.is_discarded()) fail<Damaged>("it is no JSON");
  return reader->second(json);
}

}  // namespace

Json artifacts_json(const std::vector<store::Artifact>& artifacts, std::size_t most_bytes) {
  // What is newest comes first where not all of it fits.
  std::size_t used = 0, first = artifacts.size();
  while (first > 0 && used + artifacts[first - 1].blob.size() <= most_bytes)
    used += artifacts[--first].blob.size();
  Json list = Json::array();
  for (std::size_t i = 0; i < artifacts.size(); ++i) {
    const auto& artifact = artifacts[i];
    Json json{{"step", artifact.step}, {"name", artifact.name}, {"kind", artifact.kind}};
    try {
      if (i < first) {
        fail<Damaged>("left out: {} would make this page too large",
                      format_bytes(static_cast<double>(artifact.blob.size())));
      }
      if (artifact.kind == "log") {
        json["text"] = artifact.blob;
      } else {
        json["data"] = data_of(artifact);
      }
    } catch (const Error& error) {
      json["problem"] = error.what();
    } catch (const Json::exception&) {
      json["problem"] = "its JSON is not as expected";
    }
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace vernier::reports
