/** Factorisations and small systems: against what defines them, exact determinants, and JAX's derivatives. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import {
  applyQ,
  cholesky,
  constant,
  grad,
  hessianVectorProduct,
  householderQR,
  input,
  iota,
  Key,
  logAbsDeterminant,
  solve,
  solveTriangular,
  type Tensor,
  vmap,
} from "../../src/tensor/index.js";
import { MODES } from "../compile/case.js";
import { Compiled } from "../compile/compiled.js";
import { assertClose } from "../support/close.js";

const values = (tensor: Tensor): number[] => Array.from(evaluate([tensor])[0]!);
const normal = (shape: readonly number[], seed = 1): Tensor => Key.of(seed).normal(shape);
const identity = (n: number): Tensor =>
  iota([n, n], 0)
    .equal(iota([n, n], 1))
    .cast("f32");
const EXACT = { absolute: 1e-13 };

/** 1 / (i + j + 1): ill-conditioned, with a known determinant. */
const hilbert = (n: number): Tensor =>
  constant(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => 1 / (i + j + 1))));

suite("QR by Householder's reflections", () => {
  for (const [m, n] of [
    [1, 1],
    [4, 4],
    [7, 3],
    [20, 20],
  ] as const) {
    test(`of [${m}, ${n}]: Q R is the matrix, Qᵀ Q is one, R is a triangle`, () => {
      const a = normal([m, n]);
      const { reflections, r } = householderQR(a);
      const padded = r.pad([0, 0], [m - n, 0]);
      assertClose(values(applyQ(reflections, padded)), values(a), EXACT, "Q R");
      const q = applyQ(reflections, identity(m));
      assertClose(values(q.transpose().matmul(q)), values(identity(m)), EXACT, "Qᵀ Q");
      assertClose(values(applyQ(reflections, q, { transposed: true })), values(identity(m)), EXACT, "Qᵀ applied");
      const below = values(r).filter((_, i) => i % n < Math.floor(i / n));
      assert.ok(below.every((x) => x === 0));
    });
  }

  test("dependent and vanishing columns have a factorisation, too", () => {
    const a = constant([
      [1, 2, 0],
      [2, 4, 0],
      [3, 6, 0],
    ]);
    const { reflections, r } = householderQR(a);
    assertClose(values(applyQ(reflections, r)), values(a), EXACT);
    assertClose([values(r)[4]!, values(r)[8]!], [0, 0], EXACT);
  });

  test("random rotations are uniform: ⟨Q₁₁²⟩ = 1/n, ⟨Q₁₁⁴⟩ = 3/n(n + 2)", () => {
    const [count, n] = [4000, 3];
    const corner = (a: Tensor) => {
      const { reflections, r } = householderQR(a);
      const first = applyQ(reflections, iota([n, 1]).equal(0).cast("f32"));
      return first.at(0).at(0).mul(r.at(0).at(0).sign());
    };
    const entries = values(vmap(corner)(normal([count, n, n], 5)));
    const moment = (power: number) => entries.reduce((sum, q) => sum + q ** power, 0) / count;
    // Variances of q² and q⁴ on the sphere: four standard errors.
    assertClose([moment(2)], [1 / 3], { absolute: (4 * Math.sqrt(1 / 5 - 1 / 9)) / Math.sqrt(count) });
    assertClose([moment(4)], [1 / 5], { absolute: (4 * Math.sqrt(1 / 9 - 1 / 25)) / Math.sqrt(count) });
  });
});

suite("Cholesky", () => {
  test("L Lᵀ is the matrix, above the diagonal are zeros", () => {
    const b = normal([6, 6]);
    const a = b.matmul(b.transpose()).add(identity(6));
    const l = cholesky(a);
    assertClose(values(l.matmul(l.transpose())), values(a), { relative: 1e-13, absolute: 1e-13 });
    assert.ok(values(l).every((x, i) => i % 6 <= Math.floor(i / 6) || x === 0));
  });

  test("what is not positive definite is no number", () => {
    const l = values(
      cholesky(
        constant([
          [1, 2],
          [2, 1],
        ]),
      ),
    );
    assert.ok(Number.isNaN(l[3]!));
  });
});

suite("systems", () => {
  test("a solution solves, also where pivots vanish", () => {
    const a = constant([
      [0, 2, 1],
      [1, 0, 0],
      [3, 0, 5],
    ]);
    const b = normal([3, 4]);
    assertClose(values(a.matmul(solve(a, b))), values(b), EXACT);
  });

  test("triangles from above and from below", () => {
    const lower = constant([
      [2, 0, 0],
      [1, 3, 0],
      [-1, 4, 5],
    ]);
    const b = normal([3, 2]);
    assertClose(values(lower.matmul(solveTriangular(lower, b))), values(b), EXACT);
    const upper = lower.transpose();
    assertClose(values(upper.matmul(solveTriangular(upper, b, { lower: false }))), values(b), EXACT);
  });

  test("the determinants of Hilbert's matrices", () => {
    // 1/12, 1/2160, 1/6048000, 1/266716800000: OEIS A005249.
    for (const [n, inverse] of [
      [2, 12],
      [3, 2160],
      [4, 6048000],
      [5, 266716800000],
    ] as const)
      assertClose(values(logAbsDeterminant(hilbert(n))), [-Math.log(inverse)], { relative: 1e-11 });
    assert.deepEqual(
      values(
        logAbsDeterminant(
          constant([
            [1, 0],
            [0, 0],
          ]),
        ),
      ),
      [-Infinity],
    );
  });
});

suite("derivatives", () => {
  const b = constant([
    [1, 2, -1],
    [0.5, 1.5, 0.3],
    [-0.7, 0.2, 2],
  ]);
  const w = constant([
    [0.3, -0.2, 0.5],
    [1.1, 0.7, -0.4],
    [0.2, 0.9, -0.6],
  ]);
  const TOLERANCE = { relative: 1e-11, absolute: 1e-12 };

  test("of Cholesky's triangle", () => {
    const f = (x: Tensor) =>
      cholesky(x.matmul(x.transpose()).add(identity(3)))
        .mul(w)
        .sum();
    // jax.grad(lambda b: (jnp.linalg.cholesky(b @ b.T + jnp.eye(3)) * w).sum())(b)
    assertClose(
      values(grad(f)(b)),
      [
        0.3025539187991769, 0.3190065526942968, -0.2308990814957267, 0.09068741610532094, 1.468976106547444,
        0.8906614569669296, 0.23025814446756823, 0.38043430759738556, 0.04180436002883192,
      ],
      TOLERANCE,
    );
  });

  test("of a solution", () => {
    // jax.grad(lambda b: (jnp.linalg.solve(b, w) * w).sum())(b)
    assertClose(
      values(grad((x: Tensor) => solve(x, w).mul(w).sum())(b)),
      [
        -9.500634920634921, 2.9899546485260773, -4.546598639455783, 7.930158730158731, -2.6922902494331065,
        4.032879818594104, -8.536507936507936, 2.658503401360544, -4.165532879818594,
      ],
      TOLERANCE,
    );
  });

  test("of a determinant, first and second", () => {
    const inverse = solve(b, identity(3));
    assertClose(values(grad(logAbsDeterminant)(b)), values(inverse.transpose()), TOLERANCE);
    // jax.jvp(jax.grad(lambda b: jnp.linalg.slogdet(b)[1]), (b,), (w,))[1]
    assertClose(
      values(hessianVectorProduct(logAbsDeterminant)(b, w)),
      [
        14.107936507936508, -3.5326530612244893, 4.345804988662132, -22.126984126984127, 5.582766439909297,
        -7.278911564625851, 11.873015873015873, -3.1156462585034013, 3.99092970521542,
      ],
      TOLERANCE,
    );
  });
});

suite("misuse", () => {
  const cases: [what: string, misuse: () => unknown, message: RegExp][] = [
    ["a vector", () => cholesky(constant([1, 2])), /cholesky takes a matrix, got the shape \[2\]/],
    ["many matrices", () => householderQR(normal([5, 3, 3])), /For many matrices use vmap/],
    ["no square", () => solve(normal([3, 2]), normal([3, 1])), /solve takes a square matrix, got the shape \[3, 2\]/],
    ["more columns than rows", () => householderQR(normal([2, 3])), /as many rows as columns, or more; got \[2, 3\]/],
    ["a right side that does not fit", () => solve(normal([3, 3]), normal([2, 1])), /take 3 rows, got 2/],
    ["integers", () => cholesky(iota([2, 2])), /cholesky takes f32, got i32/],
  ];
  for (const [what, misuse, message] of cases) test(what, () => assert.throws(misuse, message));
});

for (const [mode, options] of MODES) {
  test(`compiled, for many matrices${mode}`, () => {
    const [count, n] = [5, 4];
    const a = input("a", [count, n, n]);
    const outputs = [
      { name: "solution", value: vmap((x: Tensor) => solve(x, x.transpose()))(a) },
      { name: "determinant", value: vmap(logAbsDeterminant)(a) },
      { name: "triangle", value: vmap((x: Tensor) => cholesky(x.matmul(x.transpose()).add(identity(n))))(a) },
    ];
    const given = values(normal([count, n, n], 3)).map(Math.fround);
    const compiled = new Compiled(
      { inputs: [{ name: "a", tensor: a, scope: "member" }], updates: [], outputs },
      options,
    );
    compiled.write("a", given).run();
    for (const { name, value } of outputs) {
      const [expected] = evaluate([value], new Map([["a", given]]));
      assertClose(compiled.read(name), expected!, { relative: 2e-4, absolute: 2e-4 }, name);
    }
  });
}
