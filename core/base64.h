// Base64 (RFC 4648, section 4, with padding).
#pragma once
#include <span>
#include <string>

namespace vernier {

std::string base64(std::span<const unsigned char> bytes);

}  // namespace vernier
