/* neighbours THREADS: tells whether the first-level caches of the processors are this machine's alone.
 *
 * On a shared host the other hardware thread of a core may belong to somebody else. What it computes shows in none of
 * this system's counters, but it takes its part of the core's cache and of its queues of loads and stores: a loop over
 * an array that fills most of a cache of 32 KiB then runs at half its speed. Prints the slowest thread's GB/s over a few
 * milliseconds.
 *
 *   cc -O2 -march=native -pthread neighbours.c -o neighbours
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_THREADS 256
#define FLOATS (20 * 1024 / 4)
#define PASSES 20000

typedef float Lanes __attribute__((vector_size(32)));

static Lanes arrays[MAX_THREADS][FLOATS / 8] __attribute__((aligned(4096)));
static double speeds[MAX_THREADS];
static pthread_barrier_t together;

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static void stay_on(long processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set); /* Where it is not allowed, the system places the thread. */
}

static void *measure(void *argument) {
  long thread = (long)argument;
  Lanes *array = arrays[thread];
  stay_on(thread);
  pthread_barrier_wait(&together);
  double start = seconds();
  for (int pass = 0; pass < PASSES; pass++) {
    for (int i = 0; i < FLOATS / 8; i += 2) array[i] += array[i + 1];
    __asm__ volatile("" : : "r"(array) : "memory");
  }
  speeds[thread] = (double)PASSES * FLOATS * sizeof(float) / (seconds() - start) * 1e-9;
  return NULL;
}

int main(int count, char **arguments) {
  long threads = count > 1 ? atol(arguments[1]) : 1;
  pthread_t handles[MAX_THREADS];
  double slowest = 1e9;
  if (threads < 1 || threads > MAX_THREADS) return 2;
  pthread_barrier_init(&together, NULL, threads);
  for (long i = 0; i < threads; i++) pthread_create(&handles[i], NULL, measure, (void *)i);
  for (long i = 0; i < threads; i++) pthread_join(handles[i], NULL);
  for (long i = 0; i < threads; i++) slowest = speeds[i] < slowest ? speeds[i] : slowest;
  printf("%.2f\n", slowest);
}
