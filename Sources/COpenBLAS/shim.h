#ifndef TERRANE_COPENBLAS_SHIM_H
#define TERRANE_COPENBLAS_SHIM_H
#include <cblas.h>
#endif
