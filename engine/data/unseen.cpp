#include "engine/data/unseen.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "engine/data/csv_columns.h"
#include "engine/data/idx.h"
#include "engine/data/source.h"

namespace vernier::engine {
namespace {

/// The study's table with the new rows behind it: read as one, so that every column means the same in both.
std::vector<float> like_table(const DataSettings& settings, const CsvTable& rows,
                              const std::string& name, std::span<const int> shape,
                              Folders folders) {
  const std::array<std::string, 1> names{settings.file};
  const auto path = find_file(settings, "tables", folders, names);
  CsvTable table = parse_csv(read_text(path), path.string());
  std::vector<int> column_of(table.header.size(), -1);  // in the new rows
  for (std::size_t c = 0; c < rows.header.size(); ++c) {
    const auto at = std::find(table.header.begin(), table.header.end(), rows.header[c]);
    if (at == table.header.end())
      fail<UsageError>("[{}:1] column '{}' is not in the study's table{}", name,
                       printable(rows.header[c]), hint(rows.header[c], table.header));
    column_of[static_cast<std::size_t>(at - table.header.begin())] = static_cast<int>(c);
  }
  for (std::size_t c = 0; c < table.header.size(); ++c)
    if (column_of[c] < 0 && table.header[c] != settings.target)
      fail<UsageError>("[{}:1] no column '{}'; expected those of the study's table", name,
                       printable(table.header[c]));
  const std::size_t before = table.rows.size();
  const std::vector<std::string> first =
      before > 0 ? table.rows.front() : std::vector<std::string>();
  for (std::size_t r = 0; r < rows.rows.size(); ++r) {
    std::vector<std::string> row = first;  // a target that is not asked for
    for (std::size_t c = 0; c < row.size(); ++c)
      if (table.header[c] != settings.target)
        row[c] = rows.rows[r][static_cast<std::size_t>(column_of[c])];
    table.rows.push_back(std::move(row));
    table.lines.push_back(rows.lines[r]);
  }
  const RawData both = csv_columns(table, settings.target, name);
  if (!std::equal(both.shape.begin(), both.shape.end(), shape.begin(), shape.end()))
    fail<UsageError>("[{}] texts that the study's table does not have; expected those it has",
                     name);
  return {both.pool.numbers.begin() +
              static_cast<std::ptrdiff_t>(before * static_cast<std::size_t>(shape[0])),
          both.pool.numbers.end()};
}

std::vector<float> like_numbers(const CsvTable& rows, const std::string& name,
                                std::size_t features) {
  if (rows.header.size() != features)
    fail<UsageError>("[{}:1] {} columns; expected {}, one a feature", name, rows.header.size(),
                     features);
  std::vector<float> x;
  for (std::size_t r = 0; r < rows.rows.size(); ++r) {
    for (std::size_t c = 0; c < features; ++c) {
      const auto number = parse_double(rows.rows[r][c]);
      if (!number || !std::isfinite(static_cast<float>(*number)))
        fail<UsageError>("[{}:{}] column '{}': found '{}'; expected a finite number", name,
                         rows.lines[r], printable(rows.header[c]), printable(rows.rows[r][c]));
      x.push_back(static_cast<float>(*number));
    }
  }
  return x;
}

}  // namespace

std::vector<float> load_unseen(const DataSettings& settings, const std::filesystem::path& file,
                               std::span<const int> shape,
                               std::span<const std::filesystem::path> folders) {
  const std::string name = file.string();
  std::size_t features = 1;
  for (const int d : shape) features *= static_cast<std::size_t>(d);
  if (settings.set == "csv" || file.extension() == ".csv") {
    const CsvTable rows = parse_csv(read_text(file), name);
    if (rows.rows.empty()) fail<UsageError>("[{}] no rows; expected examples", name);
    return settings.set == "csv" ? like_table(settings, rows, name, shape, folders)
                                 : like_numbers(rows, name, features);
  }
  const std::string text = read_text(file);
  const IdxArray images = parse_idx(std::as_bytes(std::span(text)), 3, name);
  const auto pixels =
      static_cast<std::size_t>(images.sizes[1]) * static_cast<std::size_t>(images.sizes[2]);
  if (pixels != features)
    fail<UsageError>("[{}] images of {} x {}; expected {} numbers each", name, images.sizes[1],
                     images.sizes[2], features);
  return {images.data.begin(), images.data.end()};
}

}  // namespace vernier::engine
