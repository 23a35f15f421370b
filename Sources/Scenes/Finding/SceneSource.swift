import Archives
import Foundation
import Rasters
import Synchronization

/// A scene as it was found on disk: what it is called, what tells it apart, and which files it is made of.
///
/// It is found once, and handed on from there to whatever reads it.
public struct SceneSource: Sendable, CustomStringConvertible {
  /// The name that products carry, unique among the scenes of a run.
  public private(set) var name: String
  /// The file, the directory, or the archive.
  public private(set) var path: String
  /// The identity that tells the scene apart from others.
  public private(set) var identity: SceneIdentity
  /// The rasters: the file itself, or the files of the directory in the order of their names.
  public let files: [String]
  /// The files whose names say which band they hold; the sensor tells of the others.
  public let bands: [BandAsset]
  /// The masks that its product has.
  public let masks: [MaskAsset]
  /// The description of the product that it is; nil where it is none.
  public let metadata: (any ProductMetadata)?
  /// The product that its name says it is, where that decides what its numbers are; nil elsewhere.
  fileprivate let namedProduct: ProductName?
  /// The scenes that a stage makes it of; nil of a scene as it was delivered.
  public let origin: SceneOrigin?
  /// The name by which it is told from other scenes at its path; nil where it is the only one.
  private var part: String?
  /// The reason why it is not to be read (a link out of its directory, a directory that cannot be listed).
  public private(set) var refusal: RasterError?
  /// The product in an archive that it is; its files are where they lie once they are unpacked.
  public private(set) var archive: ArchivedProduct?
  private var known: Known

  /// Creates a scene from its parts; nothing is checked.
  ///
  /// - Parameter part: the name that tells it from other scenes at the path.
  public init(
    name: String, path: String, part: String? = nil, files: [String], bands: [BandAsset] = [],
    masks: [MaskAsset] = [], metadata: (any ProductMetadata)? = nil, product: ProductName? = nil,
    refusal: RasterError? = nil, origin: SceneOrigin? = nil
  ) {
    (self.name, self.path, self.part) = (name, path, part)
    identity = SceneIdentity(path: path, part: part)
    (self.files, self.bands, self.masks) = (files, bands, masks)
    (self.metadata, self.refusal) = (metadata, refusal)
    (namedProduct, self.origin) = (product, origin)
    known = Known()
  }

  /// Returns the same scene under another name.
  public func named(_ name: String) -> SceneSource {
    guard name != self.name else { return self }
    var scene = self
    // A day in the name counts.
    (scene.name, scene.known) = (name, Known())
    return scene
  }

  /// Returns the scene that was found in the layout of an archive as that of the archive.
  ///
  /// - Parameter isOnlyOne: whether the archive holds no other.
  func inArchive(_ product: ArchivedProduct, isOnlyOne: Bool) -> SceneSource {
    var scene = self
    (scene.path, scene.archive) = (product.archive.path, product)
    if !isOnlyOne { scene.part = part ?? name }
    scene.identity = SceneIdentity(path: scene.path, part: scene.part)
    scene.refusal = refusal.map(product.named)
    return scene
  }

  /// The last part of its path; of several scenes there the name of the one that it is.
  public var fileName: String { identity.fileName }

  /// Whether it is one of several scenes at its path, or may be.
  var isPart: Bool { part != nil }

  /// Its path, of one of several scenes there with the part that it is: `items.json#S2A_32UPU`.
  package var place: String {
    guard let part, part != URL(fileURLWithPath: path).lastPathComponent else { return path }
    return "\(path)#\(part)"
  }

  /// "name (path)".
  public var description: String { "\(name) (\(path))" }

  // MARK: - What is found out where it is asked for

  /// The files beside the rasters that decide their values or their day: the metadata of a product, masks,
  /// what VRTs name.
  ///
  /// - Throws: what ``InputFiles/behind(_:)`` throws.
  public var companions: [String] {
    get throws(RasterError) { try known.companions(of: self).get() }
  }

  /// All files whose contents are the scene's: the rasters, then ``companions``.
  ///
  /// - Throws: as ``companions``.
  public var contentFiles: [String] { get throws(RasterError) { files + (try companions) } }

  /// The files in which those contents lie on the disk: ``contentFiles``, or the archive that holds them.
  ///
  /// - Throws: as ``companions``.
  public var storedFiles: [String] { get throws(RasterError) { archive == nil ? try contentFiles : [path] } }

  /// Opens one of its rasters, unpacked where the scene is in an archive.
  ///
  /// - Throws: what `RasterFile.init` throws; what unpacking throws, naming the archive.
  func raster(at file: String) throws(RasterError) -> RasterFile {
    let hold = hold
    defer { withExtendedLifetime(hold) {} }
    let path = try unpacked(file)
    do throws(RasterError) { return try RasterFile(path: path) } catch {
      throw archive?.named(error) ?? error
    }
  }

  /// Sees to it that one of its rasters is on the disk, and returns its path. One that was unpacked stays
  /// there while somebody has a ``hold``.
  ///
  /// - Throws: what unpacking throws, naming the archive.
  public func unpacked(_ file: String) throws(RasterError) -> String {
    do throws(ArchiveError) { try archive?.bring(file) } catch { throw RasterError(error) }
    return file
  }

  /// Returns the path of one of its files for people: where the file lies, of one in an archive the archive's
  /// path and the file's in it.
  public func shownPath(of file: String) -> String { archive?.shownPath(of: file) ?? file }

  /// A hold on the unpacked files of the scene; nil where it is in no archive.
  public var hold: ArchiveHold? { archive.map(ArchiveHold.init) }

  /// The time at which the scene was taken, by its name, its path's last part, the items of its first file,
  /// or the metadata file of the product that it is; nil where nothing says it. Of a scene that a stage makes
  /// it is the day that stands for it.
  public var acquisition: Acquisition? { known.acquisition(of: self) }

  /// The quantity that its name says the numbers are: renaming it may change them; nil where it says none.
  public var namedBackscatter: ProductName.StoredBackscatter? { namedProduct?.backscatter }

  /// The product that it is by its metadata file, or by its name; nil where neither says it.
  public var product: ProductName? { delivery?.product }

  /// The product as its metadata and its name describe it; nil where it is none, or cannot be read.
  public var delivery: Delivery? { known.delivery(of: self) }

  /// The piece of ground that products of one grid have in common, by its metadata or its name: `T32UPU`,
  /// `193026`; nil where nothing says it.
  public var ground: String? {
    if let stated = delivery?.ground { return stated }
    let place = URL(fileURLWithPath: path).standardizedFileURL.pathComponents.suffix(3).reversed()
    return ([name, fileName] + place).lazy.compactMap(Delivery.ground).first
  }

  /// The pixels of its first file; nil where that cannot be read. Those of a scene that a stage makes are known
  /// before.
  public var grid: Grid? { origin?.grid ?? known.header(of: self)?.grid }
}

extension SceneSource: Hashable {
  /// Returns whether both are one scene under one name, made of the same files.
  public static func == (one: SceneSource, other: SceneSource) -> Bool {
    one.identity == other.identity && one.name == other.name && one.files == other.files
      && one.refusal == other.refusal
  }

  /// Hashes what tells scenes apart.
  public func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}

/// The findings about a scene, shared by the copies of its source.
private final class Known: Sendable {
  /// The header of the first file.
  struct Header: Sendable {
    let grid: Grid
    let items: [String: String]
  }

  private let header = Mutex<Header??>(nil)
  private let acquisition = Mutex<Acquisition??>(nil)
  private let delivery = Mutex<Delivery??>(nil)
  private let companions = Mutex<Result<[String], RasterError>?>(nil)

  func header(of scene: SceneSource) -> Header? {
    header.withLock { (known) -> Header? in
      if let known { return known }
      let file = scene.refusal == nil ? scene.files.first.flatMap { try? scene.raster(at: $0) } : nil
      let found = file.map { Header(grid: $0.grid, items: $0.metadata) }
      known = .some(found)
      return found
    }
  }

  func acquisition(of scene: SceneSource) -> Acquisition? {
    acquisition.withLock { (known) -> Acquisition? in
      if let known { return known }
      if let origin = scene.origin { return origin.day.map { Acquisition(day: $0) } }
      let found =
        Acquisition(names: [scene.name, scene.fileName])
        ?? header(of: scene).flatMap { Acquisition(name: "", metadata: $0.items) }
        ?? (delivery(of: scene)?.day).map { Acquisition(day: $0) }
      known = .some(found)
      return found
    }
  }

  func delivery(of scene: SceneSource) -> Delivery? {
    delivery.withLock { (known) -> Delivery? in
      if let known { return known }
      var found = try? scene.metadata?.delivery()
      if let product = scene.namedProduct {
        if found == nil { found = Delivery() }
        found?.product = product
      }
      known = .some(found)
      return found
    }
  }

  func companions(of scene: SceneSource) -> Result<[String], RasterError> {
    companions.withLock { (known) -> Result<[String], RasterError> in
      if let known { return known }
      let found = Result { () throws(RasterError) -> [String] in
        if scene.refusal != nil { return [] }
        var files = scene.metadata?.files ?? []
        files += scene.masks.map(\.file).filter { !scene.files.contains($0) }.uniqued
        for file in scene.files { files += try InputFiles.behind(file).dropFirst() }
        return files
      }
      known = found
      return found
    }
  }
}

extension [String] {
  /// The texts in their order, each once.
  fileprivate var uniqued: [String] {
    var seen = Set<String>()
    return filter { seen.insert($0).inserted }
  }
}
