// Where bytes stand in 64 of them, as a body that is compiled once a level (core/xml/lanes.h): it knows `Lanes` only by
// that name.

/// Bytes that are `a` or `b`.
inline std::uint64_t where(const char* at, char a, char b) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 64; i += Lanes::width) out |= std::uint64_t{Lanes::either(at + i, a, b)} << i;
    return out;
}
inline std::uint64_t where(const char* at, char c) {
    return where(at, c, c);
}
