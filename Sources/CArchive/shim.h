#ifndef TERRANE_CARCHIVE_SHIM_H
#define TERRANE_CARCHIVE_SHIM_H
#include <archive.h>
#include <archive_entry.h>
#endif
