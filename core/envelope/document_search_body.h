// The body of document_search.cpp, compiled once a level; it knows `Lanes` only by that name (core/xml/lanes.h).

inline std::uint64_t spaces(const char* at) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 64; i += Lanes::width) out |= std::uint64_t{Lanes::not_space(at + i)} << i;
    return ~out;
}

/// Where in the first 64 bytes something stands that a document should not hold; the bytes before and behind are read
/// too. The prefix counts where a name may begin: in others it is an end.
inline std::uint64_t suspects(const char* at, char first, char second) {
    const std::uint64_t markup = where(at, '<') & where(at + 1, '!', '?');
    std::uint64_t prefix = where(at, first) & where(at + 1, second);
    if (prefix != 0) prefix &= where(at - 1, '<', '/') | spaces(at - 1);
    const std::uint64_t reference = where(at, '&') & where(at + 1, '#');
    const std::uint64_t name_space = where(at, ':') & where(at + 1, 'h');
    return markup | prefix | reference | name_space;
}

inline const char* next_suspect(const char* at, const char* safe, char first, char second) {
    for (; at < safe; at += 64) {
        const std::uint64_t found = suspects(at, first, second);
        if (found != 0) return at + std::countr_zero(found);
    }
    return at;
}
