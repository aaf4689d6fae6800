#include "core/xml/lanes.h"

#include <cstring>

#include "core/xml/lanes_x86.h"

namespace hansa::xml::lanes {
namespace {

Level find_best() {
    for (const Level level : {Level::avx512, Level::avx2, Level::sse2}) {
        if (supported(level)) return level;
    }
    return Level::scalar;
}

/// Back over the begin of a character that the end of [from, end) cuts off. All before is good.
std::size_t whole_characters(std::string_view text, std::size_t from, std::size_t end) {
    for (std::size_t back = 1; back <= 3 && back <= end - from; ++back) {
        const auto byte = static_cast<unsigned char>(text[end - back]);
        if (byte < 0x80) break;
        if (byte < 0xC0) continue;
        const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        return back < length ? end - back : end;
    }
    return end;
}

constexpr std::size_t stride = 256;  ///< bytes between two looks at the faults

}  // namespace

bool supported(Level level) {
    switch (level) {
        case Level::scalar:
        case Level::sse2:
            return true;
        case Level::avx2:
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("popcnt");
        case Level::avx512:
            return supported(Level::avx2) && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi") &&
                   __builtin_cpu_supports("avx512vbmi2");
    }
    return false;
}

Level best_level() {
    static const Level best = find_best();
    return best;
}

std::string_view name_of(Level level) {
    constexpr std::string_view names[] = {"scalar", "sse2", "avx2", "avx512"};
    return names[static_cast<std::size_t>(level)];
}

std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to, Level level) {
    switch (level) {
        case Level::scalar:
            return Scalar::characters_end(text, from, to);
        case Level::sse2:
            return Sse2::characters_end(text, from, to);
        case Level::avx2:
            return Avx2::characters_end(text, from, to);
        case Level::avx512:
            return Avx512::characters_end(text, from, to);
    }
    return from;
}

TextBlock Scalar::text_block(const char* at) {
    TextBlock out{};
    for (unsigned i = 0; i < 64; ++i) {
        const auto byte = static_cast<unsigned char>(at[i]);
        const std::uint64_t bit = std::uint64_t{1} << i;
        if (is_text_stop(at[i])) out.stops |= bit;
        if (byte < 0x20 && !is_space(at[i])) out.controls |= bit;
        if (byte >= 0x80) out.beyond |= bit;
        if (byte >= 0x80 && byte < 0xC0) out.tails |= bit;
    }
    return out;
}

bool Scalar::characters_good(const char* at, unsigned count) {
    return is_xml_text({at, count});
}

std::size_t Scalar::characters_end(std::string_view text, std::size_t from, std::size_t to) {
    const std::string_view range = text.substr(0, to);
    while (from < to) {
        const Decoded c = decode_utf8(range, from);
        if (c.bytes == 0 || !is_xml_char(c.value)) break;
        from += c.bytes;
    }
    return from;
}

/// ASCII by vector; what stands beyond, character by character.
std::size_t Sse2::characters_end(std::string_view text, std::size_t from, std::size_t to) {
    const std::string_view range = text.substr(0, to);
    while (to - from >= width) {
        const __m128i v = load(text.data() + from);
        const __m128i controls = _mm_andnot_si128(spaces(v), between(v, 0, 0x1F));
        if ((mask(controls) | mask(v)) == 0) {
            from += width;
            continue;
        }
        for (const std::size_t block_end = from + width; from < block_end;) {
            const Decoded c = decode_utf8(range, from);
            if (c.bytes == 0 || !is_xml_char(c.value)) return from;
            from += c.bytes;
        }
    }
    return Scalar::characters_end(text, from, to);
}

// Whole strides first, their faults looked at once a stride; a stride with a fault is walked through by
// the twin, which finds the place. Control characters and U+FFFE are only looked for where there is a byte that
// could be part of one. The rest of the range goes through a buffer with spaces behind it.
[[gnu::target(HANSA_TARGET_AVX2)]] std::size_t Avx2::characters_end(std::string_view text, std::size_t from,
                                                                    std::size_t to) {
    const __m256i space = _mm256_set1_epi8(' ');
    const __m256i ef = _mm256_set1_epi8(static_cast<char>(0xEF));
    const std::size_t begin = from;
    __m256i before = space;
    while (to - from >= width) {
        const std::size_t end = from + std::min(stride, (to - from) / width * width);
        const __m256i before_stride = before;
        __m256i wrong = _mm256_setzero_si256();
        __m256i efs = wrong;
        __m256i lowest = space;
        for (std::size_t at = from; at < end; at += width) {
            const __m256i v = load(text.data() + at);
            wrong = _mm256_or_si256(wrong, faults(v, before));
            efs = _mm256_or_si256(efs, _mm256_cmpeq_epi8(v, ef));
            lowest = _mm256_min_epu8(lowest, v);
            before = v;
        }
        // An EF just before the stride counts too.
        if (!none(efs) || !none(_mm256_cmpeq_epi8(before_stride, ef))) {
            __m256i last = before_stride;
            for (std::size_t at = from; at < end; at += width) {
                const __m256i v = load(text.data() + at);
                wrong = _mm256_or_si256(wrong, not_characters(v, last));
                last = v;
            }
        }
        if (!none(_mm256_xor_si256(lowest, space))) {
            for (std::size_t at = from; at < end; at += width) {
                wrong = _mm256_or_si256(wrong, control_bytes(load(text.data() + at)));
            }
        }
        if (!none(wrong)) return Scalar::characters_end(text, whole_characters(text, begin, from), to);
        from = end;
    }
    char rest[width];
    _mm256_storeu_si256(static_cast<__m256i*>(static_cast<void*>(rest)), space);
    std::memcpy(rest, text.data() + from, to - from);
    if (!none(all_faults(load(rest), before))) {
        return Scalar::characters_end(text, whole_characters(text, begin, from), to);
    }
    return whole_characters(text, begin, to);
}

[[gnu::target(HANSA_TARGET_AVX512)]] std::size_t Avx512::characters_end(std::string_view text, std::size_t from,
                                                                        std::size_t to) {
    const __m512i space = _mm512_set1_epi8(' ');
    const __m512i ef = _mm512_set1_epi8(static_cast<char>(0xEF));
    const std::size_t begin = from;
    __m512i before = space;
    while (to - from >= width) {
        const std::size_t end = from + std::min(stride, (to - from) / width * width);
        const __m512i before_stride = before;
        __m512i wrong = _mm512_setzero_si512();
        __m512i lowest = space;
        Mask efs = _mm512_cmpeq_epi8_mask(before, ef);
        for (std::size_t at = from; at < end; at += width) {
            const __m512i v = load(text.data() + at);
            wrong = _mm512_or_si512(wrong, faults(v, before));
            efs |= _mm512_cmpeq_epi8_mask(v, ef);
            lowest = _mm512_min_epu8(lowest, v);
            before = v;
        }
        Mask others = _mm512_test_epi8_mask(wrong, wrong);
        if (efs != 0) {
            __m512i last = before_stride;
            for (std::size_t at = from; at < end; at += width) {
                const __m512i v = load(text.data() + at);
                others |= not_characters(v, last);
                last = v;
            }
        }
        if (_mm512_cmpneq_epi8_mask(lowest, space) != 0) {
            for (std::size_t at = from; at < end; at += width) others |= controls(load(text.data() + at));
        }
        if (others != 0) return Scalar::characters_end(text, whole_characters(text, begin, from), to);
        from = end;
    }
    const __m512i rest = _mm512_mask_loadu_epi8(space, low(static_cast<unsigned>(to - from)), text.data() + from);
    if (any_fault(rest, before)) return Scalar::characters_end(text, whole_characters(text, begin, from), to);
    return whole_characters(text, begin, to);
}

}  // namespace hansa::xml::lanes
