/* The C side of `npm run bench -- hmc`: hmc CHAINS SIDE STEPS TRAJECTORIES STEP_SIZE THREADS
 *
 * Hybrid Monte Carlo of two-dimensional lattice phi^4 (m^2 = -4, lambda = 8, the action of arXiv:2101.08176), as a
 * physicist tunes it for one machine: LANES chains side by side, so that every instruction works on LANES chains and
 * neighbours are other addresses; a halo of one site instead of wrapping; momenta by Threefry-2x32 with 20 rounds and the
 * inverse error function (Giles 2012), as the programs that it is compared with draw theirs; one thread for each
 * processor. Answers each line on stdin with the seconds of one run, and the mean acceptance.
 *
 *   cc -O3 -march=native -ffast-math -pthread hmc.c -o hmc -lm
 */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LANES 16
#define MAX_SIDE 64
#define MASS_SQUARED (-4.0f)
#define COUPLING 8.0f

typedef struct { float at[MAX_SIDE + 2][MAX_SIDE + 2][LANES] __attribute__((aligned(64))); } Field;
typedef struct { float at[MAX_SIDE][MAX_SIDE][LANES] __attribute__((aligned(64))); } Momenta;

static int chains, side, steps, trajectories, threads;
static float epsilon;

/* The exclusive or of both words of Threefry-2x32-20 (Salmon et al., SC 2011). */
static inline uint32_t random_bits(uint32_t k0, uint32_t k1, uint32_t c0, uint32_t c1) {
  static const int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t key[3] = {k0, k1, k0 ^ k1 ^ 0x1BD11BDAu};
  uint32_t x = c0 + key[0], y = c1 + key[1];
#pragma GCC unroll 20
  for (int round = 0; round < 20; round++) {
    const int r = rotations[round % 8];
    x += y;
    y = (y << r) | (y >> (32 - r));
    y ^= x;
    if (round % 4 == 3) {
      x += key[(round / 4 + 1) % 3];
      y += key[(round / 4 + 2) % 3] + round / 4 + 1;
    }
  }
  return x ^ y;
}

static inline float uniform(uint32_t bits) {
  union { uint32_t bits; float value; } one = {.bits = (bits >> 9) | 0x3f800000u};
  return one.value - 1.0f;
}

static inline float normal(uint32_t bits) {
  float x = 2.0f * uniform(bits) - 1.0f;
  x = x < -0.99999994f ? -0.99999994f : x;
  const float w = -logf(1.0f - x * x), c = w - 2.5f, t = sqrtf(w > 5.0f ? w : 5.0f) - 3.0f;
  const float central =
      1.50140941f +
      c * (0.246640727f +
           c * (-0.00417768164f +
                c * (-0.00125372503f +
                     c * (0.00021858087f + c * (-4.39150654e-06f + c * (-3.5233877e-06f + c * (3.43273939e-07f + c * 2.81022636e-08f)))))));
  const float tail =
      2.83297682f +
      t * (1.00167406f +
           t * (0.00943887047f +
                t * (-0.0076224613f +
                     t * (0.00573950773f + t * (-0.00367342844f + t * (0.00134934322f + t * (0.000100950558f - t * 0.000200214257f)))))));
  return (w < 5.0f ? central : tail) * x * 1.41421356f;
}

static void fill_halo(Field *q) {
  const size_t row = (size_t)(side + 2) * sizeof q->at[0][0];
  for (int y = 1; y <= side; y++) {
    memcpy(q->at[y][0], q->at[y][side], sizeof q->at[0][0]);
    memcpy(q->at[y][side + 1], q->at[y][1], sizeof q->at[0][0]);
  }
  memcpy(q->at[0], q->at[side], row);
  memcpy(q->at[side + 1], q->at[1], row);
}

static void draw(Momenta *p, uint32_t seed, uint32_t number) {
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      for (int lane = 0; lane < LANES; lane++)
        p->at[y][x][lane] = normal(random_bits(seed + lane, number, 0, y * side + x));
}

static void drift(Field *q, const Momenta *p, float rate) {
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      for (int lane = 0; lane < LANES; lane++) q->at[y + 1][x + 1][lane] += rate * p->at[y][x][lane];
}

static void kick(const Field *q, Momenta *p) {
  for (int y = 1; y <= side; y++)
    for (int x = 1; x <= side; x++)
      for (int lane = 0; lane < LANES; lane++) {
        const float phi = q->at[y][x][lane];
        const float sum = q->at[y - 1][x][lane] + q->at[y + 1][x][lane] + q->at[y][x - 1][lane] + q->at[y][x + 1][lane];
        p->at[y - 1][x - 1][lane] -= 2 * epsilon * ((MASS_SQUARED + 4 + 2 * COUPLING * phi * phi) * phi - sum);
      }
}

/* S of every lane; the halo must be right. */
static void action(const Field *q, float *result) {
  float total[LANES] = {0};
  for (int y = 1; y <= side; y++)
    for (int x = 1; x <= side; x++)
      for (int lane = 0; lane < LANES; lane++) {
        const float phi = q->at[y][x][lane], square = phi * phi;
        total[lane] += (MASS_SQUARED + 4 + COUPLING * square) * square - 2 * phi * (q->at[y + 1][x][lane] + q->at[y][x + 1][lane]);
      }
  memcpy(result, total, sizeof total);
}

static void kinetic(const Momenta *p, float *result) {
  float total[LANES] = {0};
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      for (int lane = 0; lane < LANES; lane++) total[lane] += 0.5f * p->at[y][x][lane] * p->at[y][x][lane];
  memcpy(result, total, sizeof total);
}

static double magnetization_sink;

/* All trajectories of LANES chains; the number of accepted ones. */
static double run_pack(int pack) {
  static _Thread_local Field q, old;
  static _Thread_local Momenta p;
  float before[LANES], after[LANES], t0[LANES], t1[LANES];
  const uint32_t seed = 1000 + pack * LANES;
  double accepted = 0, magnetization = 0;
  draw(&p, seed, 0xffffffffu);
  memset(&q, 0, sizeof q);
  drift(&q, &p, 0.3f);
  fill_halo(&q);
  action(&q, before);
  for (int n = 0; n < trajectories; n++) {
    memcpy(old.at, q.at, (size_t)(side + 2) * sizeof q.at[0]);
    draw(&p, seed, n);
    kinetic(&p, t0);
    drift(&q, &p, 0.5f * epsilon);
    for (int step = 0; step < steps; step++) {
      fill_halo(&q);
      kick(&q, &p);
      drift(&q, &p, epsilon);
    }
    drift(&q, &p, -0.5f * epsilon);
    fill_halo(&q);
    action(&q, after);
    kinetic(&p, t1);
    int keep[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      keep[lane] = uniform(random_bits(seed + lane, n, 1, 0)) < expf(before[lane] + t0[lane] - after[lane] - t1[lane]);
      before[lane] = keep[lane] ? after[lane] : before[lane];
      accepted += keep[lane];
    }
    float sum[LANES] = {0};
    for (int y = 0; y < side + 2; y++)
      for (int x = 0; x < side + 2; x++)
        for (int lane = 0; lane < LANES; lane++) {
          q.at[y][x][lane] = keep[lane] ? q.at[y][x][lane] : old.at[y][x][lane];
          sum[lane] += q.at[y][x][lane];
        }
    magnetization += sum[0];
  }
  magnetization_sink += magnetization;
  return accepted;
}

static void *work(void *argument) {
  static _Thread_local double accepted;
  accepted = 0;
  for (int pack = (int)(intptr_t)argument; pack < chains / LANES; pack += threads) accepted += run_pack(pack);
  double *answer = malloc(sizeof *answer);
  *answer = accepted;
  return answer;
}

int main(int count, char **arguments) {
  if (count != 7) return 2;
  chains = atoi(arguments[1]), side = atoi(arguments[2]), steps = atoi(arguments[3]), trajectories = atoi(arguments[4]);
  epsilon = (float)atof(arguments[5]), threads = atoi(arguments[6]);
  if (side > MAX_SIDE || chains % LANES || threads > 64) return 2;
  printf("C, %d lanes, %d threads\n", LANES, threads);
  fflush(stdout);
  for (char line[16]; fgets(line, sizeof line, stdin);) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pthread_t thread[64];
    double accepted = 0;
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, work, (void *)(intptr_t)i);
    for (int i = 0; i < threads; i++) {
      void *answer;
      pthread_join(thread[i], &answer);
      accepted += *(double *)answer;
      free(answer);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.9f %f\n", end.tv_sec - start.tv_sec + 1e-9 * (end.tv_nsec - start.tv_nsec), accepted / chains / trajectories);
    fflush(stdout);
  }
  return 0;
}
