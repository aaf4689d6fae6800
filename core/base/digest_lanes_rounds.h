// SM3 and SHA-256 as rounds over a vector of lanes: one text, compiled once an instruction set.
//
// The including source opens a namespace of its own and brings, before the include:
//   HANSA_LANES          the attribute that names the instruction set (nothing for the scalar twin);
//   HANSA_LANES_INLINE   the same for what is never called, only inlined
//   Lane, lanes          the vector of 32-bit words, and how many messages it holds
//   add, xor2, xor3, choose, majority, rotate<n>, shift_right<n>, splat, load_state, store_state
//   load_block           the 16 big-endian words of each lane's block
// For digest_lanes_*.cpp only, hence no include guard.
//
// Sources: GB/T 32905-2016 sections 4 and 5 (SM3); FIPS 180-4 sections 4.1.2, 4.2.2 and 6.2 (SHA-256).

using Sixteen = std::make_integer_sequence<unsigned, 16>;

// --- SM3 ---------------------------------------------------------------------------------------

HANSA_LANES_INLINE Lane sm3_p0(Lane x) {
    return xor3(x, rotate<9>(x), rotate<17>(x));
}
HANSA_LANES_INLINE Lane sm3_p1(Lane x) {
    return xor3(x, rotate<15>(x), rotate<23>(x));
}

/// Word j of the expanded message takes the place of word j - 16.
HANSA_LANES_INLINE void sm3_expand(Lane (&w)[16], unsigned j) {
    const Lane inner = xor3(w[j & 15], w[(j + 7) & 15], rotate<15>(w[(j + 13) & 15]));
    w[j & 15] = xor3(sm3_p1(inner), rotate<7>(w[(j + 3) & 15]), w[(j + 10) & 15]);
}

/// One round; the caller turns the names of the eight words instead of moving them.
template <bool late>
HANSA_LANES_INLINE void sm3_round(Lane a, Lane& b, Lane c, Lane& d, Lane e, Lane& f, Lane g, Lane& h, Lane w,
                                  Lane w_ahead, std::uint32_t constant) {
    const Lane a12 = rotate<12>(a);
    const Lane ss1 = rotate<7>(add(add(a12, e), splat(constant)));
    const Lane ff = late ? majority(a, b, c) : xor3(a, b, c);
    const Lane gg = late ? choose(e, f, g) : xor3(e, f, g);
    const Lane tt1 = add(add(ff, d), add(xor2(ss1, a12), xor2(w, w_ahead)));
    const Lane tt2 = add(add(gg, h), add(ss1, w));
    b = rotate<9>(b);
    d = tt1;
    f = rotate<19>(f);
    h = sm3_p0(tt2);
}

/// Round `i` of sixteen. Words are expanded in place, four ahead, where the message's own have been used.
template <bool late, bool expanded, unsigned i>
HANSA_LANES_INLINE void sm3_step(Lane (&s)[8], Lane (&w)[16], const std::uint32_t* constants) {
    if (expanded) sm3_expand(w, i + 4);
    Lane &a = s[(4 - i) & 3], &b = s[(5 - i) & 3], &c = s[(6 - i) & 3], &d = s[(7 - i) & 3];
    Lane &e = s[4 + ((4 - i) & 3)], &f = s[4 + ((5 - i) & 3)], &g = s[4 + ((6 - i) & 3)], &h = s[4 + ((7 - i) & 3)];
    sm3_round<late>(a, b, c, d, e, f, g, h, w[i], w[(i + 4) & 15], constants[i]);
}

/// A fold, because every index must be a constant: a word that is looked up is a word in memory.
template <bool late, unsigned... i>
HANSA_LANES_INLINE void sm3_sixteen(Lane (&s)[8], Lane (&w)[16], const std::uint32_t* constants,
                                    std::integer_sequence<unsigned, i...>) {
    (sm3_step < late, late || i >= 12, i > (s, w, constants), ...);
}

HANSA_LANES void sm3_blocks(std::uint32_t* state, const unsigned char* const* messages, std::size_t blocks) {
    Lane s[8], w[16];
    load_state(s, state);
    for (std::size_t block = 0; block < blocks; ++block) {
        load_block(w, messages, block * 64);
        Lane before[8];
        for (unsigned i = 0; i < 8; ++i) before[i] = s[i];
        sm3_sixteen<false>(s, w, sm3_constants, Sixteen{});
        for (unsigned j = 16; j < 64; j += 16) sm3_sixteen<true>(s, w, sm3_constants + j, Sixteen{});
        for (unsigned i = 0; i < 8; ++i) s[i] = xor2(s[i], before[i]);
    }
    store_state(state, s);
}

// --- SHA-256 -----------------------------------------------------------------------------------

HANSA_LANES_INLINE void sha256_expand(Lane (&w)[16], unsigned j) {
    const Lane early = w[(j + 1) & 15], late = w[(j + 14) & 15];
    const Lane s0 = xor3(rotate<25>(early), rotate<14>(early), shift_right<3>(early));
    const Lane s1 = xor3(rotate<15>(late), rotate<13>(late), shift_right<10>(late));
    w[j & 15] = add(add(w[j & 15], s0), add(w[(j + 9) & 15], s1));
}

HANSA_LANES_INLINE void sha256_round(Lane a, Lane b, Lane c, Lane& d, Lane e, Lane f, Lane g, Lane& h, Lane w,
                                     std::uint32_t constant) {
    const Lane s1 = xor3(rotate<26>(e), rotate<21>(e), rotate<7>(e));
    const Lane t1 = add(add(h, s1), add(choose(e, f, g), add(w, splat(constant))));
    const Lane s0 = xor3(rotate<30>(a), rotate<19>(a), rotate<10>(a));
    d = add(d, t1);
    h = add(t1, add(s0, majority(a, b, c)));
}

template <bool expanded, unsigned i>
HANSA_LANES_INLINE void sha256_step(Lane (&s)[8], Lane (&w)[16], const std::uint32_t* constants) {
    if (expanded) sha256_expand(w, i);
    sha256_round(s[(8 - i) & 7], s[(9 - i) & 7], s[(10 - i) & 7], s[(11 - i) & 7], s[(12 - i) & 7], s[(13 - i) & 7],
                 s[(14 - i) & 7], s[(15 - i) & 7], w[i], constants[i]);
}

template <bool expanded, unsigned... i>
HANSA_LANES_INLINE void sha256_sixteen(Lane (&s)[8], Lane (&w)[16], const std::uint32_t* constants,
                                       std::integer_sequence<unsigned, i...>) {
    (sha256_step<expanded, i>(s, w, constants), ...);
}

HANSA_LANES void sha256_blocks(std::uint32_t* state, const unsigned char* const* messages, std::size_t blocks) {
    Lane s[8], w[16];
    load_state(s, state);
    for (std::size_t block = 0; block < blocks; ++block) {
        load_block(w, messages, block * 64);
        Lane before[8];
        for (unsigned i = 0; i < 8; ++i) before[i] = s[i];
        sha256_sixteen<false>(s, w, sha256_constants, Sixteen{});
        for (unsigned j = 16; j < 64; j += 16) sha256_sixteen<true>(s, w, sha256_constants + j, Sixteen{});
        for (unsigned i = 0; i < 8; ++i) s[i] = add(s[i], before[i]);
    }
    store_state(state, s);
}
