import Rasters

/// The folder of a Sentinel-1 product of detected images in ground range, `X_GRDH_….SAFE`: images,
/// annotations and calibrations, paired by the polarisation in their names.
package struct GroundRangeFolder: Sendable {
  /// The files of one polarisation.
  package struct Image: Hashable, Sendable {
    /// `VV`, `VH`, `HH` or `HV`.
    package let polarisation: String
    /// The image, its annotation, its calibration, and its noise; nil where the folder lacks the noise.
    package let measurement, annotation, calibration: String
    package let noise: String?

    /// All of them.
    package var files: [String] { [measurement, annotation, calibration] + [noise].compactMap(\.self) }
  }

  /// The folder.
  package let path: String
  /// By polarisation, that of the first in the alphabet first.
  package let images: [Image]

  /// Finds the files of a folder.
  ///
  /// - Throws: `unreadable` naming the folder, where an image lacks one of its files or has two of one kind;
  ///   `notFound` or `inputOutput` where a directory cannot be listed.
  package init(_ path: String) throws(RasterError) {
    self.path = path
    func byPolarisation(
      _ directory: String, prefix: String, _ extensions: [String]
    ) throws(RasterError) -> [String: String] {
      var found: [String: String] = [:]
      for name in try InputPath.names(in: path + "/" + directory) where name.hasPrefix(prefix + "s1") {
        guard extensions.contains(where: { name.lowercased().hasSuffix("." + $0) }),
          let part = Self.polarisation(of: name.dropFirst(prefix.count))
        else { continue }
        guard found.updateValue(path + "/\(directory)/" + name, forKey: part) == nil else {
          throw Self.incomplete(path, "\(directory) has two files of \(part)")
        }
      }
      return found
    }
    let measurements = try byPolarisation("measurement", prefix: "", ["tif", "tiff"])
    let annotations = try byPolarisation("annotation", prefix: "", ["xml"])
    let calibrations = try byPolarisation("annotation/calibration", prefix: "calibration-", ["xml"])
    let noises = try byPolarisation("annotation/calibration", prefix: "noise-", ["xml"])
    var images: [Image] = []
    for (part, measurement) in measurements.sorted(by: { $0.key < $1.key }) {
      guard let annotation = annotations[part], let calibration = calibrations[part] else {
        let what = annotations[part] == nil ? "annotation" : "calibration"
        throw Self.incomplete(path, "\(what) of \(part) is not there")
      }
      images.append(
        Image(
          polarisation: part, measurement: measurement, annotation: annotation, calibration: calibration,
          noise: noises[part]))
    }
    guard !images.isEmpty else { throw Self.incomplete(path, "no image is in measurement") }
    self.images = images
  }

  /// Returns the folder of a product that a path is, or lies in, by its name; nil where it is no ground range
  /// product.
  package static func root(of path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let place = parts.lastIndex { part in
      part.hasSuffix(".SAFE") && part.hasPrefix("S1") && part.contains("_GRD")
    }
    return place.map { parts[...$0].joined(separator: "/") }
  }

  private static func incomplete(_ path: String, _ cause: String) -> RasterError {
    RasterError(.unreadable, "read the product", path: path, cause: "incomplete: " + cause)
  }

  /// Returns the polarisation in a name, `s1a-iw-grd-vv-20230614t053448-….tiff`; nil where there is none.
  private static func polarisation(of name: Substring) -> String? {
    let words = name.split(separator: "-")
    guard words.count > 4, words[2].hasPrefix("grd"), ["vv", "vh", "hh", "hv"].contains(words[3]) else {
      return nil
    }
    return words[3].uppercased()
  }

  /// The files of these polarisations.
  ///
  /// - Throws: `missingBand` naming the folder and the polarisations that there are.
  package func images(of polarisations: [String]) throws(RasterError) -> [Image] {
    try polarisations.map { part throws(RasterError) in
      guard let image = images.first(where: { $0.polarisation == part }) else {
        throw RasterError(
          .missingBand, "find band \(part)", path: path,
          cause: "the product has \(images.map(\.polarisation).joined(separator: " and "))")
      }
      return image
    }
  }
}
