#ifndef TERRANE_CGDAL_SHIM_H
#define TERRANE_CGDAL_SHIM_H
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

// The vector drivers are declared by GDAL in a C++ header only; the symbols have C linkage.
void RegisterOGRGeoPackage(void);
void RegisterOGRGeoJSON(void);
void RegisterOGRShape(void);
void RegisterOGRMEM(void);
#endif
