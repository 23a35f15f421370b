import Foundation
import Products
import Radar
import Rasters
import Runs
import Scenes
import Settings
import Synchronization

/// Brings Sentinel-1 products in the geometry of the radar onto the map, as backscatter in decibels.
struct SARCorrectionStage: SceneMakingStage {
  static let name = "sar-correction"
  static let doc = "bring Sentinel-1 GRD onto the map: calibrated, without noise, corrected for the terrain"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.scenes
  static let sceneFile = "\(layer).tif"
  // 2: items link to the collection of the products.
  static let revision = 2

  static let layer = "backscatter"

  private let settings: SARCorrectionSettings
  private let grids = KnownGrids()

  init(_ settings: SettingsReader) { self.settings = SARCorrectionSettings(settings) }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems: [String] = []
    if let first = earlier.first {
      problems.append("stands behind \(first.label), which reads scenes on the map: put it in front")
    }
    if let problem = Self.problem(ofBands: file) { problems.append(problem) }
    return problems + settings.problems
  }

  /// Returns why the bands of a pipeline are no polarisations in decibels; nil where they are.
  private static func problem(ofBands file: PipelineFile) -> String? {
    let sensor = file.ownSensor
    guard sensor.name == Sensor.sentinel1GRD.name || sensor.name == Sensor.sentinel1RTC.name else {
      return
        "its scenes are for '\(Sensor.sentinel1GRD.name)' and '\(Sensor.sentinel1RTC.name)', not for '\(file.sensor)'"
    }
    return nil
  }

  // MARK: - Which scenes there are

  func scenesToMake(of supply: SceneSupply) throws -> [SceneToMake] {
    supply.eachScene.map { scene, name, mapped, learned in
      SceneToMake(name, origin(of: scene), mapped: mapped, learned: learned)
    }
  }

  /// Returns what is known of a scene before it is made; the product itself, refused, where it cannot be.
  private func origin(of scene: SceneSource) -> SceneOrigin {
    do throws(RasterError) {
      let folder = try Self.folder(of: scene)
      // The product is refused as a scene on the map, which it is not.
      let product = SceneSource(
        name: scene.name, path: folder.path, files: folder.images.flatMap(\.files))
      return SceneOrigin(
        of: [product], day: scene.acquisition?.day, grid: try grids.grid(of: folder, settings))
    } catch {
      let refused = SceneSource(name: scene.name, path: scene.path, files: scene.files, refusal: error)
      return SceneOrigin(of: [refused], day: nil, grid: nil)
    }
  }

  private static func folder(of scene: SceneSource) throws(RasterError) -> GroundRangeFolder {
    guard let root = GroundRangeFolder.root(of: scene.path) else {
      throw scene.refusal
        ?? RasterError(
          .unsupported, "bring the scene onto the map", path: scene.path,
          cause: "it is no Sentinel-1 GRD, by its name")
    }
    return try GroundRangeFolder(root)
  }

  func check(_ scene: SceneSource, in file: PipelineFile) throws -> [String] {
    _ = try RadarCorrection(
      Self.folder(of: scene), polarisations: Self.polarisations(of: file), options: settings.options)
    return []
  }

  /// Returns the polarisations of the pipeline's bands.
  private static func polarisations(of file: PipelineFile) -> [String] {
    let sensor = file.ownSensor
    return file.bands.map { name in sensor.bandIndex(matching: name).map { sensor.bands[$0].name } ?? name }
  }

  // MARK: - The job of one

  func job(making scene: SceneToMake, in planning: Planning) -> Job {
    let (file, product) = (planning.file, scene.origin.sources[0])
    let sources = PlannedProductScenes([product], in: planning)
    var inputs: [String: Planning.Input] = [:]
    if product.refusal != nil {
      inputs["scene"] = .scene(product)
    } else if let folder = try? Self.folder(of: product),
      let images = try? folder.images(of: Self.polarisations(of: file))
    {
      for (index, path) in (images.flatMap(\.files) + [folder.images[0].annotation]).enumerated() {
        inputs["product \(index)"] = .path(URL(fileURLWithPath: path))
      }
    }
    inputs["dem"] = settings.dem.map(Planning.Input.path)
    inputs["geoid"] = settings.geoid.map(Planning.Input.path)
    return planning.job(
      "correct \(scene.name)", subject: scene.name, in: settings.keep ? .products : .cache,
      uses: [.bands, .name], inputs: inputs
    ) { context in
      try SARCorrectionJob(
        settings: settings, file: file, polarisations: Self.polarisations(of: file),
        folder: Self.folder(of: product), sources: sources, context: context
      ).run()
    }
  }
}

/// The maps of products, each found once: annotations take some time to read.
private final class KnownGrids: Sendable {
  private let known = Mutex<[String: Grid]>([:])

  func grid(of folder: GroundRangeFolder, _ settings: SARCorrectionSettings) throws(RasterError) -> Grid {
    if let grid = known.withLock({ $0[folder.path] }) { return grid }
    let grid = try RadarCorrection.grid(of: folder, resolution: settings.resolution, crs: settings.crs)
    known.withLock { $0[folder.path] = grid }
    return grid
  }
}
