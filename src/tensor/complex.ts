import type { Tensor } from "./tensor.js";

/** A tensor of complex numbers: two real ones of one shape. A tree of tensors, so that it may stand where trees may. */
export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}

/**
 * Arithmetic of complex tensors, each a pair of real ones; binary functions broadcast. Derivatives are those with respect to
 * the real and imaginary parts.
 *
 * @example
 * const i = complex.of(scalar(0), scalar(1));
 * complex.mul(i, i).re; // -1
 */
export const complex = {
  /** re + i·im; without imaginary part a real number. */
  of: (re: Tensor, im: Tensor = re.zerosLike()): Complex => ({ re, im }),
  /** radius · e^(i·angle). */
  polar: (radius: Tensor, angle: Tensor): Complex => ({ re: radius.mul(angle.cos()), im: radius.mul(angle.sin()) }),
  add: (a: Complex, b: Complex): Complex => ({ re: a.re.add(b.re), im: a.im.add(b.im) }),
  sub: (a: Complex, b: Complex): Complex => ({ re: a.re.sub(b.re), im: a.im.sub(b.im) }),
  mul: (a: Complex, b: Complex): Complex => ({
    re: a.re.mul(b.re).sub(a.im.mul(b.im)),
    im: a.re.mul(b.im).add(a.im.mul(b.re)),
  }),
  /** a / b, without overflow where |b|² would be too large or small (Smith, Comm. ACM 5 (1962) 435). */
  div(a: Complex, b: Complex): Complex {
    const scale = b.re.abs().max(b.im.abs());
    const [re, im] = [b.re.div(scale), b.im.div(scale)];
    const size = re.square().add(im.square()).mul(scale);
    const product = complex.mul(a, { re, im: im.neg() });
    return { re: product.re.div(size), im: product.im.div(size) };
  },
  neg: (a: Complex): Complex => ({ re: a.re.neg(), im: a.im.neg() }),
  /** The real part minus i times the imaginary one. */
  conjugate: (a: Complex): Complex => ({ re: a.re, im: a.im.neg() }),
  /** |a|²; its derivative exists at 0, too. */
  absSquare: (a: Complex): Tensor => a.re.square().add(a.im.square()),
  /** |a|; its derivative is NaN at 0. */
  abs: (a: Complex): Tensor => complex.absSquare(a).sqrt(),
  /** The angle in [−π, π]. */
  angle: (a: Complex): Tensor => a.im.atan2(a.re),
  exp: (a: Complex): Complex => complex.polar(a.re.exp(), a.im),
  /** The branch with an imaginary part in [−π, π]. */
  log: (a: Complex): Complex => ({ re: complex.absSquare(a).log().mul(0.5), im: complex.angle(a) }),
  sum: (a: Complex, axes?: number | readonly number[]): Complex => ({ re: a.re.sum(axes), im: a.im.sum(axes) }),
  /** Matrix product over the last two axes, as {@link Tensor.matmul}. */
  matmul: (a: Complex, b: Complex): Complex => ({
    re: a.re.matmul(b.re).sub(a.im.matmul(b.im)),
    im: a.re.matmul(b.im).add(a.im.matmul(b.re)),
  }),
} as const;
