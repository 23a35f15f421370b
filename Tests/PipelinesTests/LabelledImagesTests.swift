import Chips
import Classes
import Foundation
import Pipelines
import Rasters
import Runs
import Scenes
import Settings
import Testing

/// A directory of images beside a pipeline file that lists them; the images are empty files where no test
/// opens them.
private final class ImageSite {
  let directory: URL

  init(_ images: [String] = []) throws {
    directory =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-images-\(UUID().uuidString)").standardizedFileURL
    for image in images { try write("images/\(image)", "") }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func write(_ name: String, _ text: String) throws {
    let file = directory.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func text(_ entry: String) -> String {
    """
    name: images
    task: multi-label-classification
    sensor: custom
    bands: [a, b]
    classes: [{value: 1, name: water}, {value: 2, name: Forest}, {value: 7, name: built-up}]
    data: {source: [{\(entry)}]}
    stages: [train: {}]
    """
  }

  func pipeline(_ entry: String) throws -> Pipeline {
    try Pipeline.parse(
      text(entry), path: "images.yaml", url: directory.appendingPathComponent("images.yaml"),
      stages: FakeStages.registry)
  }

  /// The images below the directory, with what they show.
  func shown(_ entry: String) throws -> [String] {
    let root = directory.appendingPathComponent("images").path + "/"
    return try pipeline(entry).file.data.source.map { entry in
      #expect(entry.labels == nil && entry.field == nil)
      return "\(entry.scene.path.replacing(root, with: "")) \(entry.shownClasses!.joined(separator: "+"))"
    }
  }

  func mistakes(_ entry: String) -> PipelineFileError? {
    #expect(throws: PipelineFileError.self) { try pipeline(entry) }
  }

  func key(_ entry: String) throws -> String {
    try Plan(
      pipeline(entry), scenes: [], versions: [:], hashes: ContentHashes(store: nil, kinds: .plain)
    ).jobs[0].key
  }
}

@Suite("Labelled images")
struct LabelledImagesTests {
  @Test("A directory a class, by its name in any case or its value, gives an entry for each image in order")
  func directories() throws {
    let site = try ImageSite([
      "water/b.tif", "water/a.tif", "forest/x.jpg", "7/c.png", "7/notes.txt", "water/.hidden.tif",
      ".git/a.tif",
      "readme.md",
    ])
    #expect(
      try site.shown("images: images") == [
        "7/c.png built-up", "forest/x.jpg Forest", "water/a.tif water", "water/b.tif water",
      ])
  }

  @Test("A directory that is no class is an error that names it and the classes, or left out")
  func otherDirectories() throws {
    let site = try ImageSite(["water/a.tif", "Forst/b.tif", "misc/c.tif"])
    let error = try #require(site.mistakes("images: images"))
    #expect(error.exitCode == .badData && error.diagnostics.count == 1)
    #expect(error.description.contains("images.yaml:6:26: error: "))
    let says =
      "images: cannot find the class of all directories: no class of the pipeline: 'Forst' (did you mean 'Forest'?), 'misc'; "
      + "its classes are 1 water, 2 Forest, 7 built-up; 'other-classes: ignore' beside 'images' leaves other directories out"
    #expect(error.description.contains(says), "\(error)")
    #expect(try site.shown("images: images, other-classes: ignore") == ["water/a.tif water"])
  }

  @Test("An image beside the directories of the classes is an error")
  func looseImages() throws {
    let site = try ImageSite(["water/a.tif", "b.tif"])
    #expect(
      site.mistakes("images: images")?.description.contains("'b.tif' lies beside the directories") == true)
  }

  @Test("A table of paths and labels gives an entry for each image, with all its classes in their order")
  func table() throws {
    let site = try ImageSite(["a.tif", "b.tif", "sub/c.tif", "d.tif"])
    try site.write("labels.csv", "path,class\nsub/c.tif,7;water\nb.tif,\na.tif,forest\n./a.tif,WATER\n")
    #expect(
      try site.shown("images: images, labels: labels.csv") == [
        "a.tif water+Forest", "b.tif ", "sub/c.tif water+built-up",
      ])
    try site.write("other.csv", "path,kind,by\na.tif,Forest,me\nb.tif,water,you\n")
    #expect(
      try site.shown("images: images, labels: other.csv, field: kind") == ["a.tif Forest", "b.tif water"])
  }

  @Test(
    "Rows whose image is missing and rows of no class are errors that name the file and the row",
    arguments: [
      (
        "a.tif,water\nx.tif,water\n",
        "labels.csv: cannot find the images of all rows: row 3: there is no 'x.tif' in "
      ),
      ("a.tif,water\n../labels.csv,water\n", "row 3: '../labels.csv' leaves "),
      ("/etc/passwd,water\n", "row 2: '/etc/passwd' is no path within "),
      (",water\n", "row 2: it has no path"),
      (
        "a.tif,Forst;water\n",
        "no class of the pipeline: row 2: 'Forst' (did you mean 'Forest'?); its classes are 1 water"
      ),
      ("a.tif\n", "row 2: 1 cells where the first row has 2"),
    ])
  func wrongRows(rows: String, says: String) throws {
    let site = try ImageSite(["a.tif"])
    try site.write("labels.csv", "path,class\n" + rows)
    let error = try #require(site.mistakes("images: images, labels: labels.csv"))
    #expect(error.exitCode == .badData && error.description.contains("labels.csv: cannot "))
    #expect(error.description.contains(says), "\(error)")
  }

  @Test("Labels of other classes are left out where the file says so, with images that have no other")
  func otherLabels() throws {
    let site = try ImageSite(["a.tif", "b.tif", "c.tif"])
    try site.write("labels.csv", "path,class\na.tif,ice;water\nb.tif,ice\nc.tif,\n")
    #expect(
      try site.shown("images: images, labels: labels.csv, other-classes: ignore") == [
        "a.tif water", "c.tif ",
      ])
  }

  @Test(
    "What does not go with images is told",
    arguments: [
      ("images: images, scene: a.tif", "give 'images', or 'scene'"),
      ("images: images, before: a.tif, after: b.tif", "give 'images', or 'before'"),
      ("images: images, field: kind", "'field' belongs to 'labels'"),
      ("images: images, labels: labels.tif", "labels of 'images' are a table of paths and labels"),
      ("images: nowhere", "'images': there is no 'nowhere'"),
      ("images: empty", "find images of the classes: there is none of 1 water, 2 Forest, 7 built-up"),
      ("scene: images/water/a.tif, labels: labels.csv", "a '.csv' file is none of them"),
    ])
  func misfits(entry: String, says: String) throws {
    let site = try ImageSite(["water/a.tif"])
    for name in ["a.tif", "b.tif", "labels.tif", "labels.csv", "empty/readme.md"] { try site.write(name, "") }
    let error = try #require(site.mistakes(entry))
    #expect(error.description.contains(says), "\(error)")
  }

  @Test("Keys hold the content of the images and their classes, no path and no order of rows")
  func keys() throws {
    func site(_ table: String) throws -> ImageSite {
      let site = try ImageSite()
      for name in ["a.tif", "b.tif"] { try site.write("images/\(name)", "content of \(name)") }
      try site.write("labels.csv", "path,class\n" + table)
      return site
    }
    let entry = "images: images, labels: labels.csv"
    let key = try site("a.tif,water\nb.tif,Forest\n").key(entry)
    #expect(try site("b.tif,2\na.tif,water\n").key(entry) == key)
    #expect(try site("a.tif,water\nb.tif,built-up\n").key(entry) != key)
    #expect(try site("a.tif,water;built-up\nb.tif,Forest\n").key(entry) != key)
    let changed = try site("a.tif,water\nb.tif,Forest\n")
    try changed.write("images/a.tif", "other content")
    #expect(try changed.key(entry) != key)
    let directories = try ImageSite()
    for (name, content) in [("water/a.tif", "a"), ("Forest/b.tif", "b")] {
      try directories.write("images/\(name)", "content of \(content).tif")
    }
    // Where the images lie and what says their classes is no part of them.
    #expect(
      try Set(directories.pipeline("images: images").file.data.source.map(\.shownClasses)) == [
        ["water"], ["Forest"],
      ])
  }

  @Test("Every pixel of the region of an image has the first class that it shows")
  func region() throws {
    let site = try ImageSite()
    try site.write("images/readme.md", "")
    let grid = Grid(width: 5, height: 3)
    for name in ["a", "b"] {
      let writer = try RasterWriter(
        path: site.directory.appendingPathComponent("images/\(name).tif").path, grid: grid,
        options: .init(type: .byte, bandNames: ["a", "b"], noData: 0))
      for band in 1...2 {
        try writer.write(grid.bounds, band: band, [UInt8(0)] + [UInt8](repeating: 9, count: 14))
      }
      try writer.close()
    }
    try site.write("labels.csv", "path,class\na.tif,built-up;Forest\nb.tif,\n")
    let file = try site.pipeline("images: images, labels: labels.csv").file
    let regions = try file.data.source.map { try SceneOpening(file).region($0) }
    #expect(regions[0].labels == [ClassIndex.none] + [UInt8](repeating: 1, count: 14))
    // An image that shows none of the classes is labelled all the same.
    #expect(regions[1].labels == [ClassIndex.none] + [UInt8](repeating: 0, count: 14))
    #expect((regions[1].annotations as? ShownClasses)?.indices == [])
    #expect((regions[0].annotations as? ShownClasses)?.indices == [1, 2])
    #expect(regions[0].window == grid.bounds)
  }

  @Test("A check counts the images of each class, opens their headers and remarks on classes without any")
  func check() throws {
    let site = try ImageSite()
    let grid = Grid(width: 4, height: 4)
    for name in ["water/a.tif", "water/b.tif", "forest/c.tif"] {
      try site.write("images/\(name)", "")
      let writer = try RasterWriter(
        path: site.directory.appendingPathComponent("images/\(name)").path, grid: grid,
        options: .init(type: .byte, bandNames: name == "forest/c.tif" ? ["a"] : ["a", "b"]))
      try writer.close()
    }
    let findings = DataCheck(try site.pipeline("images: images")) {
      RunFailure("\($0)", exitCode: .badData)
    }.findings(scenes: [])
    #expect(findings.looked.first == "3 images in data.source (2 of water, 1 of Forest, 0 of built-up)")
    #expect(findings.remarks.contains("no image in data.source shows 'built-up'"))
    #expect(findings.mistakes.count == 1)
    #expect(findings.mistakes[0].text.contains("images.yaml:6:26: error: "))
    #expect(findings.mistakes[0].text.contains("forest/c.tif: cannot "), "\(findings.mistakes[0].text)")
  }

  @Test("Five thousand images of a table are listed within seconds")
  func many() throws {
    let names = (0..<5000).map { "\($0 % 50)/image-\($0).tif" }
    let site = try ImageSite(names)
    try site.write("labels.csv", "path,class\n" + names.map { "\($0),water\n" }.joined())
    let clock = ContinuousClock()
    var count = 0
    let time = try clock.measure {
      count = try site.pipeline("images: images, labels: labels.csv").file.data.source.count
    }
    #expect(count == 5000 && time < .seconds(20), "\(time)")
    print("5000 images of a table: \(time)")
  }
}
