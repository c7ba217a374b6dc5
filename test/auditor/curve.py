"""Ed25519 as FORMAT.md, sections 3.4 and 3.5, defines it: enrolment of keys, and verification with the
cofactored equation and canonical encodings. Plain integers; tables of multiples make it fast enough."""

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def decode_point(data):
    """32 bytes to a point in extended coordinates (X, Y, Z, T), strictly; None if they are no point."""
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= 2**255 - 1
    if y >= P:
        return None
    u = (y * y - 1) % P
    v = (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
        if v * x * x % P != u:
            return None
    if x == 0 and sign == 1:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def add(p, q):
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * D * t1 * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def negate(p):
    x, y, z, t = p
    return (-x % P, y, z, -t % P)


def is_identity(p):
    x, y, z, _ = p
    return x % P == 0 and (y - z) % P == 0


def times_eight(p):
    for _ in range(3):
        p = add(p, p)
    return p


def multiply(p, n):
    """n times p by doubling and adding; slow, for enrolment only."""
    result = IDENTITY
    while n > 0:
        if n & 1:
            result = add(result, p)
        p = add(p, p)
        n >>= 1
    return result


class Multiples:
    """The multiples d * 16^i * p, for d from 1 to 15, as (y + x, y - x, 2dxy): a product is 64 additions."""

    def __init__(self, p):
        points = []
        for _ in range(64):
            multiple = IDENTITY
            for _ in range(15):
                multiple = add(multiple, p)
                points.append(multiple)
            p = add(multiple, p)
        self.table = [flat(point, inverse) for point, inverse in zip(points, inverses([q[2] for q in points]))]

    def add_times(self, n, start):
        """start + n * p, for n below 2^256."""
        x, y, z, t = start
        at = -1
        while n > 0:
            digit = n & 15
            if digit:
                plus, minus, product = self.table[at + digit]
                a = (y - x) * minus % P
                b = (y + x) * plus % P
                c = t * product % P
                d = 2 * z
                e, f, g, h = b - a, d - c, d + c, b + a
                x, y, z, t = e * f % P, g * h % P, f * g % P, e * h % P
            n >>= 4
            at += 15
        return (x, y, z, t)


def flat(p, inverse_of_z):
    x, y = p[0] * inverse_of_z % P, p[1] * inverse_of_z % P
    return ((y + x) % P, (y - x) % P, 2 * D * x * y % P)


def inverses(numbers):
    """The inverses of all numbers at the price of one."""
    prefixes = [1]
    for number in numbers:
        prefixes.append(prefixes[-1] * number % P)
    inverse = pow(prefixes[-1], -1, P)
    result = []
    for number, prefix in zip(reversed(numbers), reversed(prefixes[:-1])):
        result.append(inverse * prefix % P)
        inverse = inverse * number % P
    return result[::-1]


BASE = Multiples(decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")))
keys = {}
verdicts = {}


def enrol(key):
    """Whether a public key may be used at all (FORMAT.md, section 3.4)."""
    if key not in keys:
        point = decode_point(key) if len(key) == 32 else None
        usable = point is not None and not is_identity(times_eight(point)) and is_identity(multiply(point, L))
        keys[key] = Multiples(point) if usable else None
    return keys[key] is not None


def is_signed(key, message, signature):
    """Whether the signature is valid under the key (FORMAT.md, section 3.5). Each question is worked out once."""
    question = (key, message, signature)
    if question not in verdicts:
        verdicts[question] = enrol(key) and check(key, message, signature)
    return verdicts[question]


def check(key, message, signature):
    if len(signature) != 64:
        return False
    r = decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if r is None or s >= L:
        return False
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    # An enrolled key A has L * A = identity, so (L - k) * A = -k * A.
    left = keys[key].add_times(L - k, BASE.add_times(s, negate(r)))
    return is_identity(times_eight(left))
