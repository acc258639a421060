#include "engine/data/npy.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "core/text.h"
#include "engine/data/numbers.h"

namespace vernier::engine {
namespace {

constexpr std::size_t most_dimensions = 8;

/// The header: a Python dictionary with the keys descr, fortran_order and shape, in any order.
class Header {
 public:
  Header(std::string_view text, std::size_t offset, const std::string& file)
      : text_(text), offset_(offset), file_(file) {}

  void read(NpyArray& array) {
    bool seen[3] = {};
    expect('{');
    while (!accept('}')) {
      const std::size_t at = at_;
      const std::string_view key = quoted();
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : -1;
      if (which < 0 || seen[which]) {
        at_ = at;
        refuse("each of 'descr', 'fortran_order' and 'shape' once");
      }
      seen[which] = true;
      expect(':');
      if (which == 0) read_type(array);
      if (which == 1) array.fortran_order = read_truth();
      if (which == 2) read_shape(array);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!(seen[0] && seen[1] && seen[2])) refuse("the keys 'descr', 'fortran_order' and 'shape'");
    space();
    if (at_ < text_.size()) refuse("the end of the header");
  }

 private:
  [[noreturn]] void refuse(const std::string& expected) const {
    const std::string found(text_.substr(std::min(at_, text_.size()), 30));
    fail<UsageError>("[{}] byte {}: found '{}' in the header; expected {}", file_, offset_ + at_,
                     printable(found), expected);
  }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse(fmt::format("'{}'", c));
  }
  std::string_view quoted() {
    space();
    const std::size_t from = at_ + 1;
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) refuse("a quoted text");
    const std::size_t to = text_.find(text_[at_], from);
    if (to == std::string_view::npos) refuse("a closing quote");
    at_ = to + 1;
    return text_.substr(from, to - from);
  }
  void read_type(NpyArray& array) {
    space();
    const std::size_t at = at_;
    constexpr const char* types = "u1 u2 u4 u8 i1 i2 i4 i8 b1 f4 f8";
    const std::string_view text = text_.substr(at, 1) == "[" ? "" : quoted();
    const bool known = text.size() == 3 && std::string_view("<>|=").find(text[0]) != text.npos &&
                       std::string_view(types).find(text.substr(1)) != text.npos &&
                       text[1] != ' ' && text[2] != ' ' && (text[0] != '|' || text[2] == '1');
    if (!known) {
      at_ = at;
      refuse(fmt::format("a type of {}, with < or > before it", types));
    }
    array.big_endian = text[0] == '>';
    array.kind = text[1];
    array.width = static_cast<std::size_t>(text[2] - '0');
  }
  bool read_truth() {
    space();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "True";
    }
    refuse("True or False");
  }
  void read_shape(NpyArray& array) {
    expect('(');
    while (!accept(')')) {
      space();
      const std::size_t from = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      const auto size = parse_int(std::string(text_.substr(from, at_ - from)));
      if (!size || *size < 1 || array.shape.size() == most_dimensions) {
        at_ = from;
        refuse(fmt::format("a size of 1 or more, at most {} of them", most_dimensions));
      }
      array.shape.push_back(static_cast<std::size_t>(*size));
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    if (array.shape.empty()) refuse("at least one size in the shape");
  }

  std::string_view text_;
  std::size_t offset_;
  const std::string& file_;
  std::size_t at_ = 0;
};

}  // namespace

std::size_t NpyArray::place(std::size_t index) const {
  if (!fortran_order) return index;
  std::size_t at = 0, rest = index, stride = count();
  for (std::size_t d = shape.size(); d-- > 0;) {  // the last runs fastest in C order
    stride /= shape[d];
    at += rest % shape[d] * stride;
    rest /= shape[d];
  }
  return at;
}

double NpyArray::value(std::size_t place) const {
  const auto as = [&]<class T>(T) {
    return static_cast<double>(number_at<T>(data, place * sizeof(T), big_endian));
  };
  switch (kind) {
    case 'f':
      return width == 4 ? as(float{}) : as(double{});
    case 'i':
      return width == 1   ? as(std::int8_t{})
             : width == 2 ? as(std::int16_t{})
             : width == 4 ? as(std::int32_t{})
                          : as(std::int64_t{});
    default:
      return width == 1   ? as(std::uint8_t{})
             : width == 2 ? as(std::uint16_t{})
             : width == 4 ? as(std::uint32_t{})
                          : as(std::uint64_t{});
  }
}

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  constexpr std::string_view magic = "\x93NUMPY";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic))
    fail<UsageError>(
        "[{}] byte 0: the file does not start with 93 4e 55 4d 50 59; expected NumPy's "
        ".npy",
        name);
  if (bytes.size() < 12)
    fail<UsageError>("[{}] byte {}: the file ends within its header; expected 12 bytes", name,
                     bytes.size());
  const int version = std::to_integer<int>(bytes[6]);
  if (version < 1 || version > 3)
    fail<UsageError>("[{}] byte 6: version {}; expected 1, 2 or 3", name, version);
  const std::size_t start = version == 1 ? 10 : 12;
  const std::size_t length = version == 1 ? number_at<std::uint16_t>(bytes, 8, false)
                                          : number_at<std::uint32_t>(bytes, 8, false);
  if (length > bytes.size() - start)
    fail<UsageError>("[{}] byte 8: a header of {} bytes; expected no more than the {} left", name,
                     length, bytes.size() - start);
  NpyArray array;
  Header(text.substr(start, length), start, name).read(array);
  array.offset = start + length;
  const std::size_t left = bytes.size() - array.offset;
  std::size_t count = 1;
  for (const std::size_t size : array.shape) {
    if (count > left / size)
      fail<UsageError>(
          "[{}] byte {}: the file ends early; expected the numbers of its shape, of {} "
          "bytes each, behind byte {}",
          name, bytes.size(), array.width, array.offset);
    count *= size;
  }
  if (left != count * array.width)
    fail<UsageError>("[{}] byte {}: {} bytes of numbers; expected {}: {} of {} bytes", name,
                     array.offset, left, count * array.width, count, array.width);
  array.data = bytes.subspan(array.offset);
  return array;
}

}  // namespace vernier::engine
