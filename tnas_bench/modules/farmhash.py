"""FarmHash Fingerprint64, the hash of TensorFlow's lookup tables ("farmhash-64").

After Pike and Alakuijala's FarmHash 1.1 (github.com/google/farmhash, ``farmhashna::Hash64``), whose names it keeps: the
one variant whose values are promised never to change. All arithmetic is modulo 2**64.
"""

MASK = 0xFFFFFFFFFFFFFFFF
K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
Pair = tuple[int, int]


def farmhash64(token: str) -> int:
    """The fingerprint of a token's UTF-8 bytes: what ``tf.strings.to_hash_bucket_fast`` takes modulo its buckets."""
    data = token.encode()
    if len(data) <= 16:
        return _hash_0_to_16(data)
    if len(data) <= 32:
        return _hash_17_to_32(data)
    return _hash_33_to_64(data) if len(data) <= 64 else _hash_long(data)


def _word(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 8], "little")


def _rotate(value: int, shift: int) -> int:
    value &= MASK
    return value >> shift | value << 64 - shift & MASK


def _shift_mix(value: int) -> int:
    value &= MASK
    return value ^ value >> 47


def _hash_16(u: int, v: int, multiplier: int) -> int:
    a = _shift_mix((u ^ v) * multiplier)
    b = _shift_mix((v ^ a) * multiplier)
    return b * multiplier & MASK


def _hash_0_to_16(data: bytes) -> int:
    size = len(data)
    multiplier = K2 + 2 * size
    if size >= 8:
        a, b = _word(data, 0) + K2, _word(data, size - 8)
        c = _rotate(b, 37) * multiplier + a
        d = (_rotate(a, 25) + b) * multiplier
        return _hash_16(c & MASK, d & MASK, multiplier)
    if size >= 4:
        first, last = int.from_bytes(data[:4], "little"), int.from_bytes(data[-4:], "little")
        return _hash_16(size + (first << 3), last, multiplier)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[-1] << 2)
        return _shift_mix(y * K2 ^ z * K0) * K2 & MASK
    return K2


def _hash_17_to_32(data: bytes) -> int:
    size = len(data)
    multiplier = K2 + 2 * size
    a, b = _word(data, 0) * K1, _word(data, 8)
    c, d = _word(data, size - 8) * multiplier, _word(data, size - 16) * K2
    u = _rotate(a + b, 43) + _rotate(c, 30) + d
    v = a + _rotate(b + K2, 18) + c
    return _hash_16(u & MASK, v & MASK, multiplier)


def _hash_33_to_64(data: bytes) -> int:
    size = len(data)
    multiplier = K2 + 2 * size
    a, b = _word(data, 0) * K2, _word(data, 8)
    c, d = _word(data, size - 8) * multiplier, _word(data, size - 16) * K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d & MASK
    z = _hash_16(y, a + _rotate(b + K2, 18) + c & MASK, multiplier)
    e, f = _word(data, 16) * multiplier, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * multiplier, (z + _word(data, size - 24)) * multiplier
    u = _rotate(e + f, 43) + _rotate(g, 30) + h
    v = e + _rotate(f + a, 18) + g
    return _hash_16(u & MASK, v & MASK, multiplier)


def _weak_hash_32(data: bytes, start: int, a: int, b: int) -> Pair:
    w, x, y, z = (_word(data, start + step) for step in (0, 8, 16, 24))
    a += w
    b = _rotate(b + a + z, 21)
    c = a
    a += x + y
    b += _rotate(a, 44)
    return a + z & MASK, b + c & MASK


def _mixed(data: bytes, start: int, state: tuple[int, int, int, Pair, Pair], multiplier: int, last: int) -> tuple:
    """The state after 64 more bytes; ``last`` is 9 for the last 64 and 1 before."""
    x, y, z, v, w = state
    x = _rotate(x + y + v[0] + _word(data, start + 8), 37) * multiplier & MASK
    y = _rotate(y + v[1] + _word(data, start + 48), 42) * multiplier
    x ^= w[1] * last & MASK
    y = y + v[0] * last + _word(data, start + 40) & MASK
    z = _rotate(z + w[0], 33) * multiplier & MASK
    v = _weak_hash_32(data, start, v[1] * multiplier, x + w[0])
    w = _weak_hash_32(data, start + 32, z + w[1], y + _word(data, start + 16))
    return z, y, x, v, w


def _hash_long(data: bytes) -> int:
    seed, left = 81, (len(data) - 1) % 64  # bytes after the last whole block of 64, less one
    y = seed * K1 + 113
    state = (seed * K2 + _word(data, 0), y, _shift_mix(y * K2 + 113) * K2, (0, 0), (0, 0))
    for start in range(0, len(data) - 1 - left, 64):
        state = _mixed(data, start, state, K1, 1)
    x, y, z, v, w = state
    multiplier = K1 + ((z & 0xFF) << 1)
    w = (w[0] + left & MASK, w[1])
    v = (v[0] + w[0] & MASK, v[1])
    w = (w[0] + v[0] & MASK, w[1])
    x, y, z, v, w = _mixed(data, len(data) - 64, (x, y, z, v, w), multiplier, 9)
    u = _hash_16(v[0], w[0], multiplier) + _shift_mix(y) * K0 + z
    t = _hash_16(v[1], w[1], multiplier) + x
    return _hash_16(u & MASK, t & MASK, multiplier)
