#ifndef TERRANE_CVECTORMATH_SHIM_H
#define TERRANE_CVECTORMATH_SHIM_H
#include <math.h>
#include <string.h>

#if defined(__AVX2__) && defined(__GLIBC__)
// glibc's exponential of eight numbers at once (libmvec), which C compilers call by this name of the vector ABI and no header
// declares: at most 4 units in the last place from the exact value.
typedef float terrane_eight_floats __attribute__((vector_size(32)));
terrane_eight_floats _ZGVdN8v_expf(terrane_eight_floats);

// e to the power of each value, in place; a value's result does not depend on its place.
static inline void terrane_exponentials(float *values, long count) {
  for (long first = 0; first < count; first += 8) {
    size_t bytes = (count - first < 8 ? count - first : 8) * sizeof(float);
    terrane_eight_floats eight = {0};
    memcpy(&eight, values + first, bytes);
    eight = _ZGVdN8v_expf(eight);
    memcpy(values + first, &eight, bytes);
  }
}
#else
static inline void terrane_exponentials(float *values, long count) {
  for (long index = 0; index < count; index++) values[index] = expf(values[index]);
}
#endif
#endif
