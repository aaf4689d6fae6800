// The block functions behind DigestLanes, one set an instruction set. Inside of digest_lanes only.
//
// `state` holds word 0 of all lanes, then word 1, ...: 8 times `lanes` words, aligned to 64 bytes.
// `messages` has one pointer a lane; each must have `blocks` times 64 bytes. Lanes that nobody needs
// may repeat another lane's pointer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hansa::lanes {

using BlockFunction = void (*)(std::uint32_t* state, const unsigned char* const* messages, std::size_t blocks);

/// What an instruction set can do. A missing function is nullptr.
struct Kernels {
    std::size_t lanes = 1;
    BlockFunction sm3 = nullptr;
    BlockFunction sha256 = nullptr;
};

Kernels scalar_kernels();  ///< one lane; SHA-256 with the processor's own instructions where it has them
Kernels plain_kernels();   ///< one lane, C++ alone: the twin of all others
Kernels pair_kernels();    ///< 2 lanes, SHA-256 only; call only where the processor has SHA instructions
Kernels avx2_kernels();    ///< 8 lanes; call only where the processor has AVX2
Kernels avx512_kernels();  ///< 16 lanes; call only where it has AVX-512 F and BW

bool has_avx2();
bool has_avx512();
bool has_sha_instructions();

// 64 round constants and 8 first words each.
// SM3: GB/T 32905-2016, 4.1 and 4.2, each constant turned by its round. SHA-256: FIPS 180-4, 4.2.2 and 5.3.3.
alignas(64) inline constexpr std::uint32_t sm3_constants[64] = {
    0x79CC4519, 0xF3988A32, 0xE7311465, 0xCE6228CB, 0x9CC45197, 0x3988A32F, 0x7311465E, 0xE6228CBC,
    0xCC451979, 0x988A32F3, 0x311465E7, 0x6228CBCE, 0xC451979C, 0x88A32F39, 0x11465E73, 0x228CBCE6,
    0x9D8A7A87, 0x3B14F50F, 0x7629EA1E, 0xEC53D43C, 0xD8A7A879, 0xB14F50F3, 0x629EA1E7, 0xC53D43CE,
    0x8A7A879D, 0x14F50F3B, 0x29EA1E76, 0x53D43CEC, 0xA7A879D8, 0x4F50F3B1, 0x9EA1E762, 0x3D43CEC5,
    0x7A879D8A, 0xF50F3B14, 0xEA1E7629, 0xD43CEC53, 0xA879D8A7, 0x50F3B14F, 0xA1E7629E, 0x43CEC53D,
    0x879D8A7A, 0x0F3B14F5, 0x1E7629EA, 0x3CEC53D4, 0x79D8A7A8, 0xF3B14F50, 0xE7629EA1, 0xCEC53D43,
    0x9D8A7A87, 0x3B14F50F, 0x7629EA1E, 0xEC53D43C, 0xD8A7A879, 0xB14F50F3, 0x629EA1E7, 0xC53D43CE,
    0x8A7A879D, 0x14F50F3B, 0x29EA1E76, 0x53D43CEC, 0xA7A879D8, 0x4F50F3B1, 0x9EA1E762, 0x3D43CEC5,
};
inline constexpr std::uint32_t sm3_start[8] = {
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
};
alignas(64) inline constexpr std::uint32_t sha256_constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};
inline constexpr std::uint32_t sha256_start[8] = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
};

}  // namespace hansa::lanes
