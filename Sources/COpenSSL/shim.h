#ifndef TERRANE_COPENSSL_SHIM_H
#define TERRANE_COPENSSL_SHIM_H
#include <openssl/evp.h>
#endif
