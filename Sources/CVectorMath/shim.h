#ifndef TERRANE_CVECTORMATH_SHIM_H
#define TERRANE_CVECTORMATH_SHIM_H
#include <math.h>
#include <string.h>

#if defined(__AVX2__) && defined(__GLIBC__)
// glibc's exponential of eight numbers at once (libmvec), which C compilers call by this name of the vector ABI and no header
// declares: at most 4 units in the last place from the exact value.
typedef float terrane_eight_floats __attribute__((vector_size(32)));
terrane_eight_floats _ZGVdN8v_expf(terrane_eight_floats);
#if __GLIBC_PREREQ(2, 35)
#define TERRANE_HAS_VECTOR_ERF
terrane_eight_floats _ZGVdN8v_erff(terrane_eight_floats);
#endif

// A function of eight for each value, in place; a value's result does not depend on its place.
__attribute__((always_inline)) static inline void terrane_each_eight(
    float *values, long count, terrane_eight_floats (*function)(terrane_eight_floats)) {
  for (long first = 0; first < count; first += 8) {
    size_t bytes = (count - first < 8 ? count - first : 8) * sizeof(float);
    terrane_eight_floats eight = {0};
    memcpy(&eight, values + first, bytes);
    eight = function(eight);
    memcpy(values + first, &eight, bytes);
  }
}
#endif

// e to the power of each value, in place.
static inline void terrane_exponentials(float *values, long count) {
#if defined(__AVX2__) && defined(__GLIBC__)
  terrane_each_eight(values, count, _ZGVdN8v_expf);
#else
  for (long index = 0; index < count; index++) values[index] = expf(values[index]);
#endif
}

// The error function of each value, in place.
static inline void terrane_error_functions(float *values, long count) {
#ifdef TERRANE_HAS_VECTOR_ERF
  terrane_each_eight(values, count, _ZGVdN8v_erff);
#else
  for (long index = 0; index < count; index++) values[index] = erff(values[index]);
#endif
}
#endif
