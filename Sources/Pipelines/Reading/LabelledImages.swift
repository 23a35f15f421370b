import Classes
import Foundation
import Rasters
import Scenes
import Settings

/// Images each of which shows one class or several as a whole: a directory a class, or a table of paths and
/// labels.
struct LabelledImages {
  /// An image and the names of the classes that it shows, in the pipeline's order.
  struct Image {
    let scene: SceneSource
    let classes: [String]
  }

  /// The directory in which the images lie.
  let directory: URL
  /// The classes of the pipeline, by their labels.
  let key: LabelKey
  /// Whether labels that are no class are left out, rather than an error.
  let ignoresOtherClasses: Bool

  private var classes: [LandClass] { key.classes }

  /// Finds the images of a directory with a directory for each class; they are in the order of their paths.
  ///
  /// - Throws: `badField` naming directories that are no class and images beside them; `noLabels` where there
  ///   is no image; what listing a directory throws.
  func byDirectory() throws(RasterError) -> [Image] {
    let (key, root) = (key, directory.path)
    var images: [Image] = []
    var others: [String] = []
    var loose: [String] = []
    for name in try InputPath.names(in: root) where !name.hasPrefix(".") {
      let path = root + "/" + name
      guard Self.isDirectory(path) else {
        if InputPath.rasterExtensions.contains(URL(fileURLWithPath: name).pathExtension.lowercased()) {
          loose.append(name)
        }
        continue
      }
      guard let index = key.index(of: name) else {
        others.append(name)
        continue
      }
      try InputPath.checkInside(root, path)
      images += try SceneSearch(archives: nil).scenes(in: path).map {
        Image(scene: $0, classes: [classes[Int(index)].name])
      }
    }
    if !ignoresOtherClasses {
      guard others.isEmpty else {
        throw notFound(
          "directories", in: root, Self.listed(others, self.meant),
          "'other-classes: ignore' beside 'images' leaves other directories out")
      }
      guard loose.isEmpty else {
        throw notFound(
          "images", in: root, Self.listed(loose) { "'\($0)' lies beside the directories" },
          "'labels' names a table of them")
      }
    }
    return try sorted(images, from: root)
  }

  /// Finds the images that a table lists; they are in the order of their paths.
  ///
  /// - Throws: `badField` naming the rows whose image is not there, or whose label is no class; `noLabels`
  ///   where no row is left; what reading the table throws.
  func byTable(_ table: LabelSource) throws(RasterError) -> [Image] {
    let (key, root) = (key, directory.path)
    let rows = try ImageLabelTable(path: table.path, field: table.field, layer: table.layer).rows
    var shown: [SceneIdentity: (path: String, classes: Set<UInt8>)] = [:]
    var missing: [String] = []
    var others: [(row: Int, label: String)] = []
    for row in rows {
      let path = root + "/" + row.path
      if let fault = fault(ofPath: row.path, in: root) {
        missing.append("row \(row.number): \(fault)")
        continue
      }
      var found: Set<UInt8> = []
      for label in row.labels {
        if let index = key.index(of: label) {
          found.insert(index)
        } else {
          others.append((row.number, label))
        }
      }
      // An empty label says that the image shows none of the classes, one of another class says nothing.
      if found.isEmpty && !row.labels.isEmpty { continue }
      shown[SceneIdentity(path: path), default: (path, [])].classes.formUnion(found)
    }
    guard missing.isEmpty else {
      throw RasterError(
        .badField, "find the images of all rows", path: table.path, cause: Self.listed(missing) { $0 })
    }
    guard others.isEmpty || ignoresOtherClasses else {
      throw notFound(
        "rows", in: table.path, Self.listed(others) { "row \($0.row): \(meant($0.label))" },
        "'other-classes: ignore' beside 'labels' leaves other values out")
    }
    let images = shown.values.map { path, indices in
      Image(
        scene: SceneSearch(archives: nil).sceneOrRefusal(at: path),
        classes: indices.sorted().map { classes[Int($0)].name }
      )
    }
    return try sorted(images, from: table.path)
  }

  private func sorted(_ images: [Image], from path: String) throws(RasterError) -> [Image] {
    guard !images.isEmpty else {
      throw RasterError(
        .noLabels, "find images of the classes", path: path, cause: "there is none of \(classList)")
    }
    return images.sorted { $0.scene.path < $1.scene.path }
  }

  /// Says what is wrong with a path of a table; nil where an image lies there.
  private func fault(ofPath path: String, in root: String) -> String? {
    if path.isEmpty { return "it has no path" }
    if path.hasPrefix("/") { return "'\(path)' is no path within \(root)" }
    guard InputPath.isThere(root + "/" + path) else { return "there is no '\(path)' in \(root)" }
    do throws(RasterError) { try InputPath.checkInside(root, root + "/" + path) } catch {
      return "'\(path)' leaves \(root)"
    }
    return nil
  }

  private func notFound(_ what: String, in path: String, _ list: String, _ advice: String) -> RasterError {
    RasterError(
      .badField, "find the class of all \(what)", path: path,
      cause: "no class of the pipeline: \(list); its classes are \(classList); \(advice)")
  }

  private var classList: String { classes.map { "\($0.value) \($0.name)" }.joined(separator: ", ") }

  /// Returns a name that is no class, with the class that it was probably meant for.
  private func meant(_ name: String) -> String {
    let near = Double(name) == nil ? NearestKey.nearest(to: name, in: classes.map(\.name)) : nil
    return "'\(name)'" + (near.map { " (did you mean '\($0)'?)" } ?? "")
  }

  /// Lists the first of many elements, and how many more there are.
  private static func listed<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
    let shown = elements.prefix(8).map(text).joined(separator: ", ")
    return elements.count > 8 ? "\(shown) and \(elements.count - 8) more" : shown
  }

  private static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }
}

extension SceneEntry {
  /// Reads the entries that a mapping of a list stands for: one of a scene or of two, or one of each of many
  /// images.
  ///
  /// - Parameter classes: the pipeline's classes; nil where they are wrong, so that images are not looked
  ///   for.
  static func entries(_ reader: SettingsReader, classes: LabelKey?) -> [SceneEntry] {
    let directory = reader.optionalPath(
      "images",
      "in the place of 'scene', a directory of images that each show one class or several as a whole: a directory for each class "
        + "in it, or a table in 'labels'")
    let written = SceneEntry(reader)
    guard reader.has("images") else { return [written] }
    for key in ["scene", "before"] where reader.has(key) {
      reader.problem(key, with: "images", "give 'images', or '\(key)'")
    }
    for key in ["field", "layer"] where reader.has(key) && !reader.has("labels") {
      reader.problem(key, "'\(key)' belongs to 'labels'")
    }
    if let labels = written.labels, !ImageLabelTable.isTable(labels.lastPathComponent) {
      reader.problem(
        "labels",
        "labels of 'images' are a table of paths and labels: CSV, GeoPackage, GeoJSON or Shapefile (.csv, .gpkg, .geojson, .json, .shp)"
      )
      return []
    }
    guard let directory, let classes, FileManager.default.fileExists(atPath: directory.path) else {
      return []
    }
    guard !classes.classes.isEmpty else {
      reader.problem("images", "'images' needs 'classes', which they are to show")
      return []
    }
    let images = LabelledImages(
      directory: directory, key: classes, ignoresOtherClasses: written.ignoresOtherClasses)
    do throws(RasterError) {
      let found: [LabelledImages.Image]
      if let labels = written.labels {
        guard FileManager.default.fileExists(atPath: labels.path) else { return [] }
        found = try images.byTable(
          LabelSource(path: labels.path, field: written.field, layer: written.layer))
      } else {
        found = try images.byDirectory()
      }
      return found.map { SceneEntry($0, as: written) }
    } catch {
      reader.report(error, at: reader.has("labels") ? "labels" : "images")
      return []
    }
  }

  /// Creates the entry of an image, read as the mapping says that lists it.
  private init(_ image: LabelledImages.Image, as written: SceneEntry) {
    self.init(image.scene, reading: written.reading)
    (shownClasses, date) = (image.classes, written.date)
  }
}

extension SettingsReader {
  /// Reports that what the path behind `key` names cannot be used.
  fileprivate func report(_ error: RasterError, at key: String) {
    let kind: Diagnostic.Kind =
      error.code == .notFound ? .missingInput : error.isBadData ? .badData : .inputOutput
    session.report(node(key)?.origin ?? origin, error.description, kind: kind)
  }
}
