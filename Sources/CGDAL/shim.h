#ifndef TERRANE_CGDAL_SHIM_H
#define TERRANE_CGDAL_SHIM_H

// GDAL brings a hundred libraries, which take 70 ms to load: GDALLibrary does so, and only where rasters are to be opened.
// Weak functions do not make the linker ask for them at every start; each is found at its first call.
#define CPL_DLL __attribute__((weak))

// Debian and Fedora keep the headers in a folder of their own, others do not.
#if __has_include(<gdal/gdal.h>)
#include <gdal/cpl_http.h>
#include <gdal/gdal.h>
#include <gdal/gdal_alg.h>
#include <gdal/gdal_frmts.h>
#include <gdal/gdal_utils.h>
#include <gdal/gdalwarper.h>
#include <gdal/cpl_conv.h>
#include <gdal/cpl_error.h>
#include <gdal/cpl_minixml.h>
#include <gdal/cpl_string.h>
#include <gdal/cpl_vsi.h>
#include <gdal/ogr_api.h>
#include <gdal/ogr_srs_api.h>
#else
#include <cpl_http.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <gdal_frmts.h>
#include <gdal_utils.h>
#include <gdalwarper.h>
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#endif

// The vector drivers are declared by GDAL in a C++ header only; the symbols have C linkage.
CPL_DLL void RegisterOGRGeoPackage(void);
CPL_DLL void RegisterOGRGeoJSON(void);
CPL_DLL void RegisterOGRShape(void);
CPL_DLL void RegisterOGRMEM(void);

// GDAL brings SQLite along: a GeoPackage is looked through before GDAL sees it.
#define SQLITE_API __attribute__((weak))
#include <sqlite3.h>
#endif
