import CGDAL

/// A coordinate reference system, kept as its well-known text.
public struct CRS: Hashable, Sendable, CustomStringConvertible {
  /// The well-known text, WKT2:2019.
  public let wkt: String

  /// Reads a definition: well-known text, "EPSG:32636", a PROJ string or an OGC URN. No file or address is
  /// followed.
  ///
  /// - Throws: `noCRS` where the text is not understood.
  public init(_ definition: String) throws(RasterError) {
    GDALLibrary.start()
    let reference = SpatialReference()
    // GDAL would take any other text for a file or an address to read the definition from.
    let isDefinition =
      definition.contains("[")
      || ["EPSG:", "ESRI:", "OGC:", "IGNF:", "urn:", "+"].contains { definition.hasPrefix($0) }
    guard isDefinition, !definition.contains("://"), CRSDefinition.refusal(of: definition) == nil else {
      throw RasterError(.noCRS, "read the coordinate reference system '\(definition.prefix(60))'")
    }
    let (code, errors) = GDALErrors.collect { OSRSetFromUserInput(reference.handle, definition) }
    guard code == OGRERR_NONE, let wkt = reference.wkt else {
      throw RasterError(
        .noCRS, "read the coordinate reference system '\(definition.prefix(60))'", cause: errors.text)
    }
    self.wkt = wkt
  }

  /// Creates the system of a GDAL handle that somebody else owns; nil for an absent or empty one.
  package init?(borrowing handle: OGRSpatialReferenceH?) {
    guard let handle, let wkt = SpatialReference.wkt(of: handle) else { return nil }
    self.wkt = wkt
  }

  /// Returns the system of an EPSG code.
  public static func epsg(_ code: Int) throws(RasterError) -> CRS { try CRS("EPSG:\(code)") }

  /// The name that the definition carries, "WGS 84 / UTM zone 36N".
  public var name: String {
    SpatialReference(wkt: wkt).flatMap { OSRGetName($0.handle).map { String(cString: $0) } } ?? "unnamed"
  }

  /// The authority's code of the whole system, "EPSG:32636"; nil where the definition names none.
  public var authority: String? {
    guard let reference = SpatialReference(wkt: wkt),
      let name = OSRGetAuthorityName(reference.handle, nil),
      let code = OSRGetAuthorityCode(reference.handle, nil)
    else { return nil }
    return "\(String(cString: name)):\(String(cString: code))"
  }

  /// Whether coordinates are longitude and latitude.
  public var isGeographic: Bool {
    SpatialReference(wkt: wkt).map { OSRIsGeographic($0.handle) != 0 } ?? false
  }

  /// Metres on the ground in one map unit; nil unless the system is projected, and where its scale changes
  /// with latitude as that of degrees does: a metre of a Mercator map is `cos(latitude)` metres of ground.
  public var metresPerUnit: Double? {
    guard let reference = SpatialReference(wkt: wkt), OSRIsProjected(reference.handle) != 0,
      !stretchesWithLatitude
    else { return nil }
    return OSRGetLinearUnits(reference.handle, nil)
  }

  /// Whether the projection is a cylindrical one in normal aspect that does not keep areas: Mercator, Plate
  /// Carrée and the like. Transverse and oblique ones lie along the ground that they are for.
  private var stretchesWithLatitude: Bool {
    guard let match = wkt.firstMatch(of: Self.method) else { return false }
    let method = match.1.lowercased()
    if method.contains("mercator") { return !method.contains("transverse") && !method.contains("oblique") }
    return ["equidistant cylindrical", "miller cylindrical", "gall stereographic"].contains(
      where: method.hasPrefix)
  }

  /// The method of a projection as well-known text names it.
  nonisolated(unsafe) private static let method = /CONVERSION\["(?:[^"]|"")*",\s*METHOD\["([^"]*)"/

  /// Returns whether both describe the same system, whatever their spelling and axis order.
  public func isSame(as other: CRS) -> Bool {
    if wkt == other.wkt { return true }
    guard let mine = SpatialReference(wkt: wkt), let theirs = SpatialReference(wkt: other.wkt) else {
      return false
    }
    let options = [
      "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS", "IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES",
      "IGNORE_COORDINATE_EPOCH=YES",
    ]
    return StringList.with(options) { options in
      GDALErrors.collect { OSRIsSameEx(mine.handle, theirs.handle, options.constant) }.result != 0
    }
  }

  /// The authority's code where there is one, else the name.
  public var description: String { authority ?? name }
}

/// One owned `OGRSpatialReferenceH`; coordinates are always x = easting or longitude, y = northing or
/// latitude.
final class SpatialReference {
  package let handle: OGRSpatialReferenceH

  package init() {
    handle = OSRNewSpatialReference(nil)!
    OSRSetAxisMappingStrategy(handle, OAMS_TRADITIONAL_GIS_ORDER)
  }

  /// Parses well-known text; nil where it is not understood.
  package convenience init?(wkt: String) {
    GDALLibrary.start()
    self.init()
    guard GDALErrors.collect({ OSRSetFromUserInput(handle, wkt) }).result == OGRERR_NONE else { return nil }
  }

  deinit { OSRDestroySpatialReference(handle) }

  package var wkt: String? { Self.wkt(of: handle) }

  private func wkt(format: String) -> String? { Self.wkt(of: handle, format: format) }

  /// The system as GDAL can write it into a TIFF, where GDAL cannot write it itself; nil where it can, or has
  /// no way.
  ///
  /// GDAL 3.6 writes keys only of what the well-known text of 2001 can express, though of a system with an
  /// EPSG code it writes that code and little more. So a projection that the old text lacks (Equal Earth,
  /// Guam) is given as another one with the same name, base, unit and code, of which readers look up the
  /// code.
  var standIn: SpatialReference? {
    guard GDALErrors.collect({ wkt(format: "WKT1_GDAL") }).result == nil,
      OSRIsProjected(handle) != 0, OSRIsCompound(handle) == 0,
      let authority = OSRGetAuthorityName(handle, nil), String(cString: authority) == "EPSG",
      let code = OSRGetAuthorityCode(handle, nil).flatMap({ Int32(String(cString: $0)) })
    else { return nil }
    let other = SpatialReference()
    var unit: UnsafeMutablePointer<CChar>?
    let metres = OSRGetLinearUnits(handle, &unit)
    let isSet = GDALErrors.collect {
      OSRSetProjCS(other.handle, OSRGetName(handle)) == OGRERR_NONE
        && OSRCopyGeogCSFrom(other.handle, handle) == OGRERR_NONE
        && OSRSetTM(other.handle, 0, 0, 1, 0, 0) == OGRERR_NONE
        && OSRSetLinearUnits(other.handle, unit, metres) == OGRERR_NONE
        && OSRSetAuthority(other.handle, "PROJCS", "EPSG", code) == OGRERR_NONE
    }.result
    return isSet ? other : nil
  }

  package static func wkt(of handle: OGRSpatialReferenceH, format: String = "WKT2_2019") -> String? {
    var text: UnsafeMutablePointer<CChar>?
    let failed = StringList.with(["FORMAT=\(format)"]) { options in
      GDALErrors.collect { OSRExportToWktEx(handle, &text, options.constant) }.result != OGRERR_NONE
    }
    defer { VSIFree(text) }
    guard !failed, let text else { return nil }
    let wkt = String(cString: text)
    return wkt.isEmpty ? nil : wkt
  }
}
