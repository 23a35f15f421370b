import Checkpoints
import Chips
import Classes
import Foundation
import Rasters
import Scenes
import Settings
import Slurm
import Tasks

extension PipelineFile {
  /// Reads the settings of a file that its stages share.
  init(_ reader: SettingsReader, url: URL) {
    self.url = url
    source = reader.session.source
    let fallbackName = url.deletingPathExtension().lastPathComponent
    name =
      reader.optionalString(
        "name", matching: "[A-Za-z0-9][A-Za-z0-9._-]*", like: "gewata-2024",
        "the pipeline's name: letters, digits, '.', '_', '-'; the file's name without it") ?? fallbackName
    seed = UInt64(reader.int("seed", default: 0, in: 0...Int.max, "the seed of everything random"))
    taskName = reader.word(
      "task", of: TaskCatalogue.names, default: TaskCatalogue.names[0],
      "what models are asked: a class for each pixel, a class for each image or chip, or several for each")
    sensor = reader.word(
      "sensor", of: Sensor.all.map(\.name) + [Sensor.customName],
      "the sensor that names the bands; custom for bands of your own")
    bands = reader.strings("bands", "the bands that networks see, in this order")
    bandOrder = reader.optionalStrings(
      "band-order", "all bands of each scene file in file order; wins over the names in the files")
    numbers = WrittenNumbers(reader)
    resolution = reader.resolution()
    let legend = reader.mappings(
      "classes", "the classes of the maps: value, name, color", read: Legend.Entry.read)
    (classes, writtenColors, listedLabels) = (
      legend.map(\.entry), legend.map(\.color), legend.map(\.labels)
    )
    let key =
      reader.isSound("classes") && classes.count <= Self.largestClassCount
      ? LabelKey(classes.map(\.landClass), listed: listedLabels) : nil
    data = reader.mapping("data", "what to learn from and what to map") {
      PipelineData($0, classes: key)
    }
    chips = reader.mapping("chips", "how scenes are cut for training", read: ChipSettings.init)
    output =
      reader.optionalPath(
        "output", mustExist: false, "where everything is written; output/<name> without it")
      ?? url.deletingLastPathComponent().appendingPathComponent("output/\(name)")
    pixels = PixelStore(memory: chips.memory, spillingTo: output.appendingPathComponent("cache"))
    allowVRT = reader.bool("allow-vrt", default: false, "open VRT files, which can name any other file")
    masking = reader.mapping(
      "mask", textKey: "from", "what is left out of scenes: clouds and the like, by the masks of products",
      read: Masking.init)
    hidePlace = reader.node("mask")?["hide"]?.origin
    settle = reader.duration(
      "settle", default: 0, "how long a scene's files must have rested before it is worked on")
    slurm = reader.mapping(
      "slurm", "what jobs ask of a cluster, for 'terrane run --on slurm'", read: SlurmSettings.init)
    reader.variables("vars", "texts to use elsewhere as ${vars.name}")
  }

  /// Takes the classes that published weights tell apart, for a file that lists none.
  mutating func take(_ published: [PublishedClass]) {
    classes = published.map { known in
      Legend.Entry(
        value: known.landClass.value, name: known.landClass.name,
        color: Color(known.color) ?? Color(red: 0, green: 0, blue: 0))
    }
    writtenColors = published.map(\.color)
    listedLabels = []
  }

  /// Reports what is wrong with settings that were right one by one.
  func check(_ reader: SettingsReader) {
    let repeatedBands = Dictionary(grouping: bands) { $0 }.filter { $1.count > 1 }.keys.sorted()
    for band in repeatedBands { reader.problem("bands", "band '\(band)' is listed twice") }
    if reader.has("bands") && bands.isEmpty { reader.problem("bands", "'bands' is empty") }
    checkBandNames(reader)
    for key in WrittenNumbers.keys where reader.has(key) && reader.isSound("sensor") {
      guard sensor != Sensor.customName else { break }
      reader.problem(
        key,
        "'\(key)' belongs to 'sensor: \(Sensor.customName)'; of another sensor's scene an entry of 'data' may say it"
      )
    }
    if reader.has("classes") && classes.count < 2 {
      reader.problem("classes", "a map needs at least two classes")
    }
    for (value, entries) in Dictionary(grouping: classes, by: \.value) where entries.count > 1 {
      let names = entries.map { "'\($0.name)'" }.joined(separator: " and ")
      reader.problem("classes", "classes \(names) have one value, \(value)")
    }
    for (name, entries) in Dictionary(grouping: classes, by: \.name) where entries.count > 1 {
      reader.problem("classes", "\(entries.count) classes are called '\(name)'")
    }
    for (index, problem) in listedLabelProblems() { reader.problem("classes", element: index, problem) }
    if classes.count > Self.largestClassCount {
      reader.problem(
        "classes", "\(classes.count) classes; maps of bytes hold \(Self.largestClassCount) at most")
    }
    guard reader.isSound("data"), reader.isSound("classes") else { return }
    if reader.isSound("task") {
      for problem in imageProblems() { reader.problem("data", problem) }
    }
    if reader.isSound("sensor"), reader.isSound("bands") {
      for problem in readingProblems() + choiceProblems() { reader.problem("data", problem) }
    }
  }

  /// Reports names of bands that the sensors at hand do not have.
  private func checkBandNames(_ reader: SettingsReader) {
    guard reader.isSound("sensor"), reader.isSound("bands") else { return }
    let sensor = ownSensor
    for (index, name) in bands.enumerated() {
      BandNaming.problem(name, of: sensor).map { reader.problem("bands", element: index, $0) }
    }
    let right = bands.indices.filter { BandNaming.problem(bands[$0], of: sensor) == nil }
    for places in Dictionary(grouping: right, by: { sensor.bandIndex(matching: bands[$0]) }).values
    where sensor.name != Sensor.customName && Set(places.map { bands[$0] }).count > 1 {
      let names = places.map { "'\(bands[$0])'" }.joined(separator: " and ")
      reader.problem("bands", element: places[1], "\(names) are one band of \(sensor.name)")
    }
    guard let bandOrder, reader.isSound("band-order") else { return }
    for (index, name) in bandOrder.enumerated() {
      BandNaming.lookAlike(name, of: sensor).map { reader.problem("band-order", element: index, $0) }
    }
    let known = Set(bandOrder)
    for (index, name) in bands.enumerated() where !known.contains(name) {
      reader.problem(
        "bands", element: index,
        "band '\(name)' is not in band-order" + BandNaming.lookAlikes(in: name)
          + BandNaming.question(about: name, in: bandOrder))
    }
  }
}

extension Legend.Entry {
  /// Reads a class of the maps, its colour as it is written, and the labels that stand for it.
  static func read(_ reader: SettingsReader) -> (entry: Legend.Entry, color: String, labels: [String]) {
    let value = reader.int("value", in: 0...255, "the pixel value")
    let name = reader.string("name", matching: "\\S(.*\\S)?", like: "water", "the class's name")
    let color = reader.string(
      "color", default: "#808080", matching: "#[0-9a-fA-F]{6}", like: "#419bdf",
      "the colour on maps, \"#rrggbb\"")
    let labels = reader.optionalStrings(
      "labels",
      "the values and names that labels have for the class, such as [2253, Dense forest]; its own value and name without it"
    )
    if labels?.isEmpty == true { reader.problem("labels", "'labels' is empty: no label would be '\(name)'") }
    // A text that is no colour has been reported.
    let shown = Color(color) ?? Color(red: 0, green: 0, blue: 0)
    return (Legend.Entry(value: UInt8(value), name: name, color: shown), color, labels ?? [])
  }
}

extension ChipSettings {
  init(_ reader: SettingsReader) {
    size = reader.int("size", default: 128, in: 16...4096, "the side of a chip in pixels")
    let optional = reader.optionalInt(
      "stride", in: 1...4096,
      "from one chip's corner to the next one's, in pixels; 3/4 of the size without it")
    stride = optional ?? size * 3 / 4
    memory = reader.uncountedBytes(
      "memory", default: 4 << 30,
      "what the pixels and labels to learn from may take in memory, 4GiB without it; further pixels lie in a file"
    )
    if stride > size {
      reader.problem("stride", "a 'stride' of \(stride) leaves gaps between chips of \(size)")
    }
  }
}

extension SceneEntry {
  init(_ reader: SettingsReader) {
    self = .unlabelled(reader)
    labels = reader.optionalPath(
      "labels",
      "a raster of class values, or a vector file; of 'images' a table of paths and labels (CSV or a vector file)"
    )
    field = reader.optionalString(
      "field", "the attribute of a vector file, or the column of a table, that holds the class")
    layer = reader.optionalString("layer", "the layer of a vector file that has several")
    let others = reader.choice(
      "other-classes", of: OtherClasses.self, default: .refuse,
      "what becomes of label values that are no class, and of such directories of 'images': an error, for a raster a note, or nothing"
    )
    ignoresOtherClasses = others == .ignore
    if let labels, !reader.has("images"),
      let foreign = LabelSource.foreignFormat(ofName: labels.lastPathComponent)
    {
      reader.problem("labels", foreign)
    }
    if reader.has("other-classes") && !reader.has("labels") && !reader.has("images") {
      reader.problem("other-classes", "'other-classes' belongs to 'labels'")
    }
    date = reader.optionalString(
      "date", matching: "[0-9]{4}-[0-9]{2}-[0-9]{2}", like: "2021-06-14",
      "the day that the scene shows; the one in its name without it")
    if let date, Day(date) == nil { reader.problem("date", "the calendar has no \(date)") }
    if reader.has("field") && !reader.has("labels") { reader.problem("field", "'field' belongs to 'labels'") }
  }

  private enum OtherClasses: String, CaseIterable { case refuse, ignore }

  /// Reads what an entry says of its scene, or of its two.
  static func unlabelled(_ reader: SettingsReader) -> SceneEntry {
    let isPair = reader.has("before") || reader.has("after")
    let (scene, before): (SceneSource, SceneSource?)
    if isPair || reader.isDescribing {
      let alone = reader.optionalPath("scene", "a file, or a directory of one file a band")
      before = reader.scene(
        "before", isRequired: isPair, "the earlier of two dates, for a network that compares them")
      scene = reader.scene("after", isRequired: isPair, "the later one")
      if alone != nil { reader.problem("scene", with: "before", "give 'scene', or 'before' and 'after'") }
    } else {
      (scene, before) = (
        reader.scene(
          "scene", isRequired: !reader.has("images"), "a file, or a directory of one file a band"), nil
      )
    }
    return SceneEntry(scene, before: before, reading: SceneReading(reader))
  }
}

extension PipelineData {
  /// Reads the settings of `data`.
  ///
  /// - Parameter classes: the classes that images show; nil where they are wrong.
  init(_ reader: SettingsReader, classes: LabelKey?) {
    var entries: [String: [[SceneEntry]]] = [:]
    func read(_ list: String, _ doc: String) -> [SceneEntry] {
      entries[list] = reader.mappings(list, doc) { SceneEntry.entries($0, classes: classes) }
      return entries[list]!.flatMap(\.self)
    }
    source = read("source", "labelled scenes of elsewhere, or of another sensor or season")
    target = read("target", "scenes of the place to map, with the few labels there are")
    test = read("test", "scenes with labels that nothing is trained on")
    unlabelled = reader.pathsOrMappings(
      "unlabelled", pathKey: "scene", "scenes without labels, to adapt to: paths, or mappings",
      read: SceneEntry.unlabelled)
    readings = (source + target + test + unlabelled).reduce(into: [:]) { readings, entry in
      for scene in entry.identities { readings[scene, default: []].append(entry.reading) }
    }
    scenes = reader.optionalPath(
      "scenes", "what to map: a directory of scenes, or one scene; products may be in archives")
    select = reader.mapping("select", "which of 'scenes' are mapped; what is left out is counted and named") {
      SceneChoice($0)
    }
    if reader.has("select") && scenes == nil {
      reader.problem("select", with: "scenes", "'select' chooses among 'scenes'; there are none")
    }
    for list in ["source", "target", "test", "unlabelled", "pairs"] {
      let own = reader.places(inList: list, pathKey: "scene")
      // The images of one mapping have its places.
      places[list] =
        entries[list].map { zip(own, $0).flatMap { Array(repeating: $0, count: $1.count) } } ?? own
    }
    places["scenes"] = reader.node("scenes").map { [["scenes": $0.origin]] }
    pairs = reader.mappings("pairs", "two dates of one place", read: ScenePair.init)
    pairing = reader.optionalWord(
      "pairing", of: Pairing.allCases.map(\.rawValue),
      "what is compared is found among 'scenes' by the dates in their names or metadata: each scene against the one before it, or all "
        + "of one ground as a series"
    ).flatMap(Pairing.init)
    if pairing != nil && !pairs.isEmpty {
      reader.problem("pairing", with: "pairs", "give 'pairs' or 'pairing', not both")
    }
    if pairing != nil && scenes == nil {
      reader.problem("pairing", with: "scenes", "'pairing' finds pairs among 'scenes'; there are none")
    }
  }
}

extension ScenePair {
  init(_ reader: SettingsReader) {
    self.init(
      before: reader.scene("before", isRequired: true, "the scene of the earlier date"),
      after: reader.scene("after", isRequired: true, "the scene of the later date"))
  }
}

extension SettingsReader {
  /// Finds a scene where the file names it: what is not there, or is no scene, is refused once it is read.
  fileprivate func scene(_ key: String, isRequired: Bool, _ doc: String) -> SceneSource {
    let url = path(key, isRequired: isRequired, doc)
    // A description of the settings is about no scene, nor is a mapping that names none and needs none.
    if isDescribing || !(isRequired || has(key)) { return SceneSource(name: "", path: url.path, files: []) }
    return SceneSearch().sceneOrRefusal(at: url.path)
  }
}
