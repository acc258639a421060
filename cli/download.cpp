#include "cli/download.h"

#include <poll.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/process.h"

namespace vernier::cli {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = 0;
  std::string output, errors;
};

Outcome run(const std::vector<std::string>& argv) {
  experiments::ChildOptions options;
  options.argv = argv;
  experiments::Child child = experiments::start_child(options);
  Outcome outcome;
  bool output = true, errors = true;
  while (output || errors) {
    pollfd fds[2] = {{output ? child.output.get() : -1, POLLIN, 0},
                     {errors ? child.errors.get() : -1, POLLIN, 0}};
    poll(fds, 2, -1);
    if (output) output = experiments::drain(child.output, outcome.output);
    if (errors) errors = experiments::drain(child.errors, outcome.errors);
  }
  pollfd ended{child.handle.get(), POLLIN, 0};
  poll(&ended, 1, -1);
  outcome.code = experiments::reap(child);
  return outcome;
}

std::string last_line(const std::string& text) {
  const std::string whole(trim(text));
  const std::size_t at = whole.rfind('\n');
  return printable(at == std::string::npos ? whole : whole.substr(at + 1));
}

/// 32 hexadecimal digits.
std::string md5_of(const fs::path& file, bool inflated) {
  // The file is an argument of sh, never a part of what it reads.
  const char* script = inflated ? "gzip -dc <\"$1\" | md5sum" : "md5sum <\"$1\"";
  const Outcome outcome = run({"sh", "-c", script, "sh", file.string()});
  if (outcome.code != 0 || outcome.output.size() < 32)
    fail("[datasets get] md5sum of {}: {}", file.string(), last_line(outcome.errors));
  return outcome.output.substr(0, 32);
}

/// A name beside the place that is meant, gone again unless it was moved there.
class Partial {
 public:
  explicit Partial(fs::path path) : path_(std::move(path)) { remove(); }
  ~Partial() { remove(); }
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  fs::path path_;
};

void download_to(const std::string& url, const engine::DownloadFile& file, const fs::path& part) {
  const Outcome outcome =
      run({"curl", "--fail", "--location", "--silent", "--show-error", "--proto", "=http,https",
           "--retry", "2", "--output", part.string(), "--", url + file.name});
  if (outcome.code != 0)
    fail<UsageError>("[datasets get] {}{}: {}; expected a file there (--from names another place)",
                     url, file.name, last_line(outcome.errors));
  const std::string found = md5_of(part, file.inflated);
  if (found != file.md5)
    fail<UsageError>(
        "[datasets get] {}{}: md5 {}{}; expected {}: it is not the file that was "
        "published, and is not kept",
        url, file.name, found, file.inflated ? " of what it holds" : "", file.md5);
}

void unpack(const fs::path& archive, const engine::Download& download, const fs::path& folder) {
  const Outcome outcome =
      run({"tar", "--extract", "--gzip", "--file", archive.string(), "--directory", folder.string(),
           "--strip-components=1", "--no-same-owner", "--no-same-permissions"});
  if (outcome.code != 0)
    fail<UsageError>("[datasets get] tar of {}: {}", download.files[0].name,
                     last_line(outcome.errors));
}

}  // namespace

std::vector<Fetched> fetch(const engine::Download& download, const std::string& url,
                           const fs::path& folder,
                           const std::function<void(const std::string&)>& tell) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    fail<UsageError>("[datasets get] {}: {}; expected a folder that can be written",
                     folder.string(), error.message());
  const auto all_there = [&] {
    return std::all_of(download.unpacked.begin(), download.unpacked.end(),
                       [&](const std::string& name) { return fs::exists(folder / name); });
  };
  std::vector<Fetched> fetched;
  for (const engine::DownloadFile& file : download.files) {
    const bool archive = !download.unpacked.empty();
    const fs::path place = folder / file.name;
    if (archive ? all_there() : fs::exists(place) && md5_of(place, file.inflated) == file.md5) {
      fetched.push_back({file.name, true});
      continue;
    }
    tell(url + file.name);
    const Partial part(place.string() + ".part");
    download_to(url, file, part.path());
    if (archive) {
      unpack(part.path(), download, folder);
      if (!all_there())
        fail<UsageError>("[datasets get] {} does not hold {}", file.name,
                         join(download.unpacked, ", "));
    } else {
      fs::rename(part.path(), place);
    }
    fetched.push_back({file.name, false});
  }
  return fetched;
}

}  // namespace vernier::cli
