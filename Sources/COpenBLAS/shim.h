#ifndef TERRANE_COPENBLAS_SHIM_H
#define TERRANE_COPENBLAS_SHIM_H
#include <cblas.h>
#include <stddef.h>

/* LAPACK's routines are in OpenBLAS's library, their declarations in no header of its package. Fortran passes the length of
   each character argument by value after all others. */
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
             const int *lwork, int *iwork, const int *liwork, int *info, size_t jobz_length, size_t uplo_length);
#endif
