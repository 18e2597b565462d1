import type { ScalarBuilder } from "../scalar.js";
import { elementwise, monicPolynomial, polynomial } from "./elementwise.js";

const FLOAT = ["f32"] as const;
const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** Where float32 ends: e^x is 0 below and ∞ above. */
const [EXP_LOW, EXP_HIGH] = [-87.33654, 88.3762626647949];

/** e^x = 2^n e^r with |r| ≤ ln 2 / 2 (Cephes expf): e^r − 1, and 2^n. */
function expParts<V>(s: ScalarBuilder<V>, x: V): { excess: V; power: V } {
  const inside = s.min(s.max(x, s.float(EXP_LOW)), s.float(EXP_HIGH));
  const n = s.round(s.mul(inside, s.float(Math.LOG2E)));
  const r = s.multiplyAdd(n, s.float(2.1219444e-4), s.multiplyAdd(n, s.float(-0.693359375), inside));
  const p = polynomial(
    s,
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  );
  const power = s.floatOfBits(s.shiftLeft(s.addInt(s.signedOfFloat(n), s.int(127)), 23));
  return { excess: s.multiplyAdd(p, s.mul(r, r), r), power };
}

function exp<V>(s: ScalarBuilder<V>, x: V): V {
  const { excess, power } = expParts(s, x);
  const y = s.mul(s.add(excess, s.float(1)), power);
  const high = s.select(s.less(s.float(EXP_HIGH), x), s.float(Infinity), y);
  return s.select(s.less(x, s.float(EXP_LOW)), s.float(0), high);
}

/** e^x − 1 = 2^n (e^r − 1) + (2^n − 1): near 0, where n = 0, nothing cancels. */
function expm1<V>(s: ScalarBuilder<V>, x: V): V {
  const { excess, power } = expParts(s, x);
  const y = s.multiplyAdd(excess, power, s.sub(power, s.float(1)));
  return s.select(s.less(s.float(EXP_HIGH), x), s.float(Infinity), y);
}

/** log x = e log 2 + log m with m in [√½, √2) (the series of fdlibm's logf). */
function log<V>(s: ScalarBuilder<V>, x: V): V {
  const bits = s.bitsOfFloat(x);
  const exponent = s.shiftRightSigned(s.subInt(bits, s.int(0x3f3504f3)), 23);
  const f = s.sub(s.floatOfBits(s.subInt(bits, s.shiftLeft(exponent, 23))), s.float(1));
  const e = s.floatOfSigned(exponent);
  const q = s.div(f, s.add(f, s.float(2)));
  const z = s.mul(q, q);
  const series = s.mul(z, polynomial(s, z, [0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693]));
  const half = s.mul(s.mul(s.float(0.5), f), f);
  const small = s.multiplyAdd(e, s.float(9.0580006145e-6), s.mul(q, s.add(half, series)));
  const y = s.multiplyAdd(e, s.float(6.9313812256e-1), s.add(s.sub(small, half), f));
  const positive = s.select(
    s.lessOrEqual(x, s.float(0)),
    s.select(s.less(x, s.float(0)), s.float(NaN), s.float(-Infinity)),
    y,
  );
  return s.select(s.less(x, s.float(Infinity)), positive, x);
}

/** log u · x / (u − 1) with u = 1 + x as rounded: the errors of both factors cancel (Goldberg 1991, theorem 4). */
function log1p<V>(s: ScalarBuilder<V>, x: V): V {
  const u = s.add(x, s.float(1));
  const rounded = s.sub(u, s.float(1));
  const y = s.mul(log(s, u), s.div(x, rounded));
  const apart = s.select(s.equal(rounded, s.float(0)), x, y);
  return s.select(s.less(x, s.float(Infinity)), apart, x);
}

/** Beyond ±8, tanh is ±1 to 2.3e-7. */
const TANH_BOUND = 8;

/**
 * Odd rational function on [-8, 8], 4.3e-7 relative; a NaN stays. The denominator's leading coefficient is 1: its first step is an
 * addition, which a processor has other units for than for multiplications, of which a loop over tanh has more than enough.
 */
function tanh<V>(s: ScalarBuilder<V>, x: V): V {
  const inside = s.min(s.max(x, s.float(-TANH_BOUND)), s.float(TANH_BOUND));
  const z = s.mul(inside, inside);
  const above = polynomial(s, z, [46.471920013427734, 11999.884765625, 525602.3125, 4066347]);
  const below = monicPolynomial(s, z, [970.5114135742188, 96842.296875, 1881046.75, 4066347.5]);
  return s.div(s.mul(inside, above), below);
}

/** (e + e / (e + 1)) / 2 with e = e^|x| − 1, under the sign of x. */
function sinh<V>(s: ScalarBuilder<V>, x: V): V {
  const e = expm1(s, s.abs(x));
  const share = s.select(s.less(e, s.float(Infinity)), s.div(e, s.add(e, s.float(1))), s.float(1));
  const size = s.mul(s.float(0.5), s.add(e, share));
  return s.select(s.less(x, s.float(0)), s.neg(size), size);
}

/** Quarter turns in x, and the remainder in [-π/4, π/4]; absolute error 1e-7 for |x| ≤ 8192. */
function reduceAngle<V>(s: ScalarBuilder<V>, x: V): { quarter: V; r: V } {
  const n = s.round(s.mul(x, s.float(2 / Math.PI)));
  const parts = [-1.5703125, -4.837512969970703e-4, -7.54978995489188e-8];
  const r = parts.reduce((rest, part) => s.multiplyAdd(n, s.float(part), rest), x);
  return { quarter: s.signedOfFloat(n), r };
}

/** sin(x + shift·π/2) by the Cephes polynomials. */
function sine<V>(s: ScalarBuilder<V>, x: V, shift: number): V {
  const { quarter, r } = reduceAngle(s, x);
  const turn = s.addInt(quarter, s.int(shift));
  const z = s.mul(r, r);
  const sinSeries = polynomial(s, z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]);
  const sin = s.multiplyAdd(s.mul(sinSeries, z), r, r);
  const cosSeries = polynomial(s, z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5]);
  const cos = s.multiplyAdd(cosSeries, z, s.float(1));
  const y = s.select(s.maskOfInt(s.andInt(turn, s.int(1))), cos, sin);
  return s.select(s.maskOfInt(s.andInt(turn, s.int(2))), s.neg(y), y);
}

/** atan of t in [0, 1]: beyond tan π/8 from π/4 on (Cephes atanf). */
function atanOfRatio<V>(s: ScalarBuilder<V>, t: V): V {
  const far = s.less(s.float(Math.SQRT2 - 1), t);
  const r = s.select(far, s.div(s.sub(t, s.float(1)), s.add(t, s.float(1))), t);
  const z = s.mul(r, r);
  const series = polynomial(s, z, [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1]);
  const angle = s.multiplyAdd(s.mul(series, z), r, r);
  return s.select(far, s.add(angle, s.float(Math.PI / 4)), angle);
}

/** The angle in the first octant, from the smaller over the larger coordinate, and reflections of it. */
function atan2<V>(s: ScalarBuilder<V>, y: V, x: V): V {
  const [height, width] = [s.abs(y), s.abs(x)];
  const [small, large] = [s.min(height, width), s.max(height, width)];
  const ratio = s.select(s.equal(small, large), s.float(1), s.div(small, large));
  const octant = atanOfRatio(s, s.select(s.equal(large, s.float(0)), s.float(0), ratio));
  const quadrant = s.select(s.less(width, height), s.sub(s.float(Math.PI / 2), octant), octant);
  const left = s.maskOfInt(s.shiftRightUnsigned(s.bitsOfFloat(x), 31));
  const half = s.select(left, s.sub(s.float(Math.PI), quadrant), quadrant);
  const sign = s.shiftLeft(s.shiftRightUnsigned(s.bitsOfFloat(y), 31), 31);
  const angle = s.floatOfBits(s.orInt(s.bitsOfFloat(half), sign));
  return s.select(s.and(s.equal(x, x), s.equal(y, y)), angle, s.float(NaN));
}

/** Odd rational function on [-4, 4], beyond which erf is ±1 in float32 (coefficients as in Eigen). */
function erf<V>(s: ScalarBuilder<V>, x: V): V {
  const inside = s.min(s.max(x, s.float(-4)), s.float(4));
  const z = s.mul(inside, inside);
  const above = polynomial(
    s,
    z,
    [
      -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5, -7.34990630326855e-4,
      -2.95459980854025e-3, -1.60960333262415e-2,
    ],
  );
  const below = polynomial(
    s,
    z,
    [-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3, -1.42647390514189e-2],
  );
  return s.div(s.mul(inside, above), below);
}

/** erf in float64: Taylor series near 0, continued fraction of erfc beyond 2.5. */
function referenceErf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return TWO_OVER_SQRT_PI * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

/** Functions with a series: float32 accuracy about 1e-7 relative, 5e-7 for tanh. */
export const transcendental = {
  exp: elementwise("exp", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.exp(x!),
    lower: (s, [x]) => exp(s, x!),
    partials: (_, y) => [y],
  }),
  log: elementwise("log", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.log(x!),
    lower: (s, [x]) => log(s, x!),
    partials: ([x]) => [x!.reciprocal()],
  }),
  expm1: elementwise("expm1", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.expm1(x!),
    lower: (s, [x]) => expm1(s, x!),
    partials: ([x]) => [x!.exp()],
  }),
  log1p: elementwise("log1p", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.log1p(x!),
    lower: (s, [x]) => log1p(s, x!),
    partials: ([x]) => [x!.add(1).reciprocal()],
  }),
  sigmoid: elementwise("sigmoid", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => 1 / (1 + Math.exp(-x!)),
    lower: (s, [x]) => s.div(s.float(1), s.add(s.float(1), exp(s, s.neg(x!)))),
    partials: (_, y) => [y.mul(y.neg().add(1))],
  }),
  softplus: elementwise("softplus", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.max(x!, 0) + Math.log1p(Math.exp(-Math.abs(x!))),
    lower: (s, [x]) => s.add(s.max(x!, s.float(0)), log1p(s, exp(s, s.neg(s.abs(x!))))),
    partials: ([x]) => [x!.sigmoid()],
  }),
  sinh: elementwise("sinh", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.sinh(x!),
    lower: (s, [x]) => sinh(s, x!),
    partials: ([x]) => [x!.cosh()],
  }),
  cosh: elementwise("cosh", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.cosh(x!),
    lower: (s, [x]) => {
      const e = exp(s, s.abs(x!));
      return s.mul(s.float(0.5), s.add(e, s.div(s.float(1), e)));
    },
    partials: ([x]) => [x!.sinh()],
  }),
  tanh: elementwise("tanh", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.tanh(x!),
    lower: (s, [x]) => tanh(s, x!),
    partials: (_, y) => [y.square().neg().add(1)],
  }),
  sin: elementwise("sin", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.sin(x!),
    lower: (s, [x]) => sine(s, x!, 0),
    partials: ([x]) => [x!.cos()],
  }),
  cos: elementwise("cos", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => Math.cos(x!),
    lower: (s, [x]) => sine(s, x!, 1),
    partials: ([x]) => [x!.sin().neg()],
  }),
  atan2: elementwise("atan2", {
    arity: 2,
    takes: FLOAT,
    reference: ([y, x]) => Math.atan2(y!, x!),
    lower: (s, [y, x]) => atan2(s, y!, x!),
    partials: ([y, x]) => {
      const square = x!.square().add(y!.square());
      return [x!.div(square), y!.div(square).neg()];
    },
  }),
  erf: elementwise("erf", {
    arity: 1,
    takes: FLOAT,
    reference: ([x]) => referenceErf(x!),
    lower: (s, [x]) => erf(s, x!),
    partials: ([x]) => [x!.square().neg().exp().mul(TWO_OVER_SQRT_PI)],
  }),
};
