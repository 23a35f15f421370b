import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Settings
import Testing

@Suite("What is mapped of a directory of deliveries, and what is left out")
struct ChosenScenesTests {
  private let new = "S2A_MSIL2A_20230614T102601_N0509_R108_T32UPU_20230614T165902"
  private let level1 = "S2A_MSIL1C_20230614T102601_N0509_R108_T32UPU_20230614T165902"
  private let landsat5 = "LT05_L2SP_193026_20110614_20230622_02_T1"

  @Test("Products of other sensors and levels are left out with their reasons; what no one knows is tried")
  func otherSensors() throws {
    let incoming = try Incoming()
    try incoming.putSentinel2(new, in: "2023/06/")
    try incoming.putSentinel2(level1)
    try incoming.putLandsat(landsat5)
    try incoming.write(
      "S1A_IW_GRDH_1SDV_20230614T053448_20230614T053513_048972_05E3B2_8A5C.SAFE/measurement/a.tiff")
    try incoming.write("S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C/a_VV.tif")
    try incoming.write("dem.tif")
    try incoming.write("readme.txt")
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [new, "dem"] && roster.readings.isEmpty)
    let out = incoming.leftOut(roster)
    #expect(
      out["\(level1).SAFE"]?.reason
        == "Sentinel-2, level 1C (top of the atmosphere); the pipeline is sentinel-2-l2a. Left out: select.sensors has it not"
    )
    #expect(
      out[landsat5]?.reason
        == "Landsat 5, collection 2, level 2. B02 is green there, blue on sentinel-2-l2a. Left out: select.sensors has it not; 'select: {sensors: [matching]}' finds bands by wavelength"
    )
    #expect(out.values.filter { $0.kind == .otherSensor }.count == 4)
    #expect(
      roster.report?.line == "incoming: 7 entries: 2 scenes, 4 of other sensors, 1 no scene (readme.txt)")
    #expect(roster.report?.refusesProducts == true)
    #expect(roster.report?.sentences.count == 5 && roster.report?.productSentences.count == 4)
    #expect(roster.report?.sentences.last == "readme.txt: no raster, and no product that is known")
  }

  @Test("Where every entry is a scene there is nothing to say")
  func nothingLeftOut() throws {
    let incoming = try Incoming()
    try incoming.putSentinel2(new)
    let roster = try incoming.roster()
    #expect(roster.report?.line == nil && roster.report?.leftOut == [])
  }

  @Test("A product of another sensor that data.scenes names itself, or a pair does, stays an error")
  func named() throws {
    var incoming = try Incoming()
    try incoming.putSentinel2(level1)
    incoming.data = "/\(level1).SAFE"
    let alone = try incoming.roster()
    #expect(alone.ready.map(\.name) == [level1] && alone.report == nil)
    try incoming.putSentinel2(new)
    incoming.data = ", pairs: [{before: incoming/\(level1).SAFE, after: incoming/\(new).SAFE}]"
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [level1, new] && roster.report?.line == nil)
  }

  @Test("A directory of which nothing is mapped ends with 66 and the reasons")
  func nothingToMap() throws {
    let incoming = try Incoming()
    try incoming.putSentinel2(level1)
    try incoming.write("readme.txt")
    let error = try #require(throws: NothingToMap.self) { try incoming.roster() }
    #expect(error.exitCode == .noInput)
    #expect(
      error.description
        == "\(incoming.directory): nothing to map in it: 2 entries: 0 scenes, 1 of another sensor, 1 no scene (readme.txt). \(level1).SAFE: Sentinel-2, level 1C (top of the atmosphere); the pipeline is sentinel-2-l2a. Left out: select.sensors has it not; readme.txt: no raster, and no product that is known"
    )
  }

  @Test("The record of a run lists each entry that was left out with its kind and reason")
  func recorded() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    try Runner.prepare(output: site.output)
    let record = try RunRecord(
      output: site.output, runID: "r", plan: site.plan(), arguments: [], began: Date())
    let entry = RecordedEntry(path: "/in/b.SAFE", kind: "other-sensor", reason: "Sentinel-2, level 1C")
    try record.finish(RunReport(outcomes: [], exitCode: .success), scenes: [], leftOut: [entry])
    let summary = try JSONValue(parsing: site.read("runs/latest/summary.json") ?? "")
    #expect(
      summary["left-out"] == [
        ["path": "/in/b.SAFE", "kind": "other-sensor", "reason": "Sentinel-2, level 1C"]
      ])
  }

  // MARK: - data.select

  @Test("The sensors that the file lists are taken, each read as itself; others are left out without a word")
  func listedSensors() throws {
    var incoming = try Incoming()
    try incoming.putSentinel2(new)
    try incoming.putSentinel2(level1)
    try incoming.putLandsat(landsat5)
    incoming.data = ", select: {sensors: [sentinel-2-l2a, landsat-5-tm-c2-l2]}"
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [landsat5, new])
    let landsat = try #require(roster.ready.first)
    #expect(roster.readings.mapValues(\.sensor) == [landsat.identity: "landsat-5-tm-c2-l2"])
    #expect(incoming.leftOut(roster).mapValues(\.kind) == ["\(level1).SAFE": .otherSensor])
    #expect(roster.report?.refusesProducts == false)
    // The pipeline's own sensor is one of those that are listed, or not.
    incoming.data = ", select: {sensors: [landsat-5-tm-c2-l2]}"
    #expect(try incoming.roster().ready.map(\.name) == [landsat5])
    // A level that is listed is meant.
    incoming.data = ", select: {sensors: [sentinel-2-l2a, sentinel-2-l1c]}"
    let both = try incoming.roster()
    #expect(both.ready.map(\.name) == [level1, new])
    #expect(both.readings.values.map(\.sensor) == ["sentinel-2-l1c"])
  }

  @Test(
    "'matching' takes products with the wanted bands by wavelength, in the same unit and at the same level")
  func matching() throws {
    var incoming = try Incoming()
    try incoming.putSentinel2(new)
    try incoming.putSentinel2(level1)
    try incoming.putLandsat(landsat5)
    try incoming.putLandsat("LC08_L1TP_193026_20230614_20230622_02_T1")
    try incoming.write("S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C/a_VV.tif")
    incoming.data = ", select: {sensors: [matching]}"
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [landsat5, new])
    #expect(roster.readings.values.map(\.sensor) == ["landsat-5-tm-c2-l2"])
    let reasons = incoming.leftOut(roster).mapValues(\.reason)
    let level =
      "(top of the atmosphere). Left out by 'matching': reflectance at the top of the atmosphere is not that of the ground"
    #expect(reasons["\(level1).SAFE"] == "Sentinel-2, level 1C \(level)")
    #expect(
      reasons["LC08_L1TP_193026_20230614_20230622_02_T1"] == "Landsat 8, collection 2, level 1 \(level)")
    #expect(
      reasons["S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C"]
        == "HyP3's RTC, gamma nought in power. Left out by 'matching': sentinel-1-rtc measures dB, the pipeline's sentinel-2-l2a reflectance: nothing converts one to the other"
    )
    incoming.bands = "[B02, B05]"
    let lacking = incoming.leftOut(try incoming.roster())[landsat5]
    #expect(
      lacking?.reason
        == "Landsat 5, collection 2, level 2. Left out by 'matching': landsat-5-tm-c2-l2 has no band within 5 % of B05 (705 nm); the nearest is B3 (660 nm)"
    )
  }

  @Test("A scene that data.scenes names itself is read as another sensor where the file allows it")
  func matchingAlone() throws {
    var incoming = try Incoming()
    try incoming.putLandsat(landsat5)
    incoming.data = "/\(landsat5), select: {sensors: [matching]}"
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [landsat5] && roster.report == nil)
    #expect(roster.readings.values.map(\.sensor) == ["landsat-5-tm-c2-l2"])
  }

  @Test("The sensor that a scene is read as is part of the keys of its maps")
  func readingInKeys() throws {
    var incoming = try Incoming()
    try incoming.putLandsat("LC08_L1TP_193026_20230614_20230622_02_T1")
    incoming.sensor = "sentinel-2-l1c"
    func keys(_ sensors: String) throws -> [String] {
      incoming.data = ", select: {sensors: [\(sensors)]}"
      var pipeline = try incoming.pipeline()
      let roster = try SceneRoster(for: pipeline)
      pipeline.file.data.chosenReadings = roster.readings
      let plan = try Plan(
        pipeline, scenes: roster.ready, versions: [:], hashes: ContentHashes(store: nil, kinds: .rasters))
      return plan.jobs.filter { $0.stage == "map" }.map(\.key)
    }
    let scaled = try keys("landsat-8-oli-toa")
    #expect(try scaled.count == 1 && scaled == keys("matching") && scaled != keys("landsat-8-oli"))
  }

  @Test(
    "Dates, either end of which may be open, leave out other days and scenes without a day",
    arguments: [
      ("2023-06-14..2023-06-14", ["b"]), ("2023-06-15..", ["c"]), ("..2023-06-14", ["a", "b"]),
    ])
  func dates(range: String, names: [String]) throws {
    var incoming = try Incoming()
    let days = ["a": "20230613", "b": "20230614", "c": "20230615"]
    for (name, day) in days { try incoming.write("\(name)_\(day).tif") }
    try incoming.write("dateless.tif")
    incoming.data = ", select: {dates: \(range)}"
    let roster = try incoming.roster()
    #expect(roster.ready.map { String($0.name.prefix(1)) } == names)
    let out = incoming.leftOut(roster)
    #expect(out.values.allSatisfy { $0.kind == .otherDate } && out.count == 4 - names.count)
    #expect(
      out["dateless.tif"]?.reason == "neither its name nor its metadata holds a date for select.dates")
    if let late = out["c_20230615.tif"] {
      #expect(late.reason == "2023-06-15 is outside select.dates, \(range)")
    }
    #expect(roster.report?.refusesProducts == false)
  }

  @Test("Grounds and the product's own figure of clouds leave out others; what states no clouds is taken")
  func groundsAndClouds() throws {
    var incoming = try Incoming()
    let other = new.replacing("T32UPU", with: "T32UQU")
    let cloudy = new.replacing("20230614T1", with: "20230619T1")
    let clear = new.replacing("20230614T1", with: "20230624T1")
    try incoming.putSentinel2(new)
    try incoming.putSentinel2(other)
    try incoming.putSentinel2(cloudy, clouds: 60.25)
    try incoming.putSentinel2(clear, clouds: 60)
    try incoming.write("plain.tif")
    incoming.data = ", select: {grounds: [T32UPU], max-cloud: 60%}"
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [new, clear])
    let out = incoming.leftOut(roster)
    #expect(out["\(other).SAFE"]?.reason == "T32UQU is not among select.grounds")
    #expect(out["\(cloudy).SAFE"]?.reason == "60.25 % cloud, more than the 60 % of select.max-cloud")
    #expect(
      out["plain.tif"]?.reason == "neither its name nor its metadata says its ground for select.grounds")
    #expect(
      roster.report?.line
        == "incoming: 5 entries: 2 scenes, 2 of other grounds, 1 too cloudy")
  }

  @Test(
    "Wrong choices are mistakes of the file",
    arguments: [
      ("{dates: 2023-02-30..}", "the calendar has no 2023-02-30"), ("{dates: ..}", "'dates' names no day"),
      ("{dates: 2023-06-02..2023-06-01}", "2023-06-01 is before 2023-06-02"),
      ("{dates: 2023}", "'dates' must be"),
      ("{max-cloud: 60}", "'max-cloud' must be"),
      ("{max-cloud: 101%}", "'max-cloud' is more than 100 %"), ("{grounds: []}", "'grounds' is empty"),
      ("{sensors: []}", "'sensors' is empty"), ("{sensors: [sentinel]}", "'sensors[0]' must be"),
      ("{sensors: [matching, landsat-5-tm]}", "'matching' stands alone"),
      ("{sensors: [sentinel-1-rtc]}", "select.sensors: sentinel-1-rtc measures dB"),
      ("{duplicates: oldest}", "'duplicates' must be"),
    ])
  func mistakes(select: String, says: String) throws {
    var incoming = try Incoming()
    incoming.data = ", select: \(select)"
    let error = #expect(throws: PipelineFileError.self) { try incoming.pipeline() }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }

  @Test("Bands of one's own stand for no band of a product: nothing is left out for its sensor")
  func custom() throws {
    var incoming = try Incoming()
    incoming.sensor = "custom"
    try incoming.putSentinel2(level1)
    #expect(try incoming.roster().ready.map(\.name) == [level1])
    incoming.data = ", select: {sensors: [matching]}"
    let error = #expect(throws: PipelineFileError.self) { try incoming.pipeline() }
    #expect(
      error?.description.contains("nothing says which band of a product stands for one of 'sensor: custom'")
        == true)
  }

  @Test("A product that no sensor reads is left out as such")
  func multispectralScanner() throws {
    let incoming = try Incoming()
    try incoming.write("plain.tif")
    let scanner = "LM05_L1TP_193026_19850614_20200622_02_T2"
    try incoming.write("\(scanner)/\(scanner)_B4.TIF")
    #expect(
      incoming.leftOut(try incoming.roster())[scanner]?.reason
        == "Landsat 5, MSS, collection 2, level 1. Left out: no sensor that terrane knows reads it")
  }

  // MARK: - Duplicates

  @Test("Of one acquisition the newest version is taken, then the one that was processed last")
  func duplicates() throws {
    var incoming = try Incoming()
    let old = "S2A_MSIL2A_20230614T102601_N0400_R108_T32UPU_20230614T120000"
    let again = "S2A_MSIL2A_20230614T102601_N0509_R108_T32UPU_20231001T000000"
    let twin = "S2B_MSIL2A_20230614T102601_N0400_R108_T32UPU_20230614T120000"
    for name in [new, old, again, twin] { try incoming.putSentinel2(name) }
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [again, twin])
    let out = incoming.leftOut(roster)
    #expect(out.values.allSatisfy { $0.kind == .duplicate } && out.count == 2)
    #expect(out["\(old).SAFE"]?.reason == "N0400 of the acquisition that is there in N0509: \(again).SAFE")
    #expect(
      out["\(new).SAFE"]?.reason
        == "N0509, processed 20230614T165902, of the acquisition that is there as processed 20231001T000000: \(again).SAFE"
    )
    #expect(
      roster.report?.line
        == "incoming: 4 entries: 2 scenes, 2 duplicates (\(old).SAFE, \(new).SAFE)")
    incoming.data = ", select: {duplicates: all}"
    #expect(try incoming.roster().ready.count == 4)
    incoming.data = ", select: {duplicates: refuse}"
    let refused = try #require(throws: SameAcquisition.self) { try incoming.roster() }
    #expect(refused.exitCode == .badData && refused.paths.count == 2)
    #expect(
      refused.description.hasSuffix("show one acquisition; 'select: {duplicates: newest}' takes the newest"))
  }

  @Test("One product in two places is taken once, from the first of them")
  func twoPlaces() throws {
    let incoming = try Incoming()
    for folder in ["a/", "b/"] { try incoming.putSentinel2(new, in: folder) }
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [new] && roster.ready[0].path.contains("/a/"))
    #expect(
      incoming.leftOut(roster)["b/\(new).SAFE"]?.reason
        == "N0509 of the acquisition that is there as another file: \(incoming.directory)/a/\(new).SAFE")
  }

  @Test("Of Landsat, real-time products give way to those of a tier, and early processing to late")
  func landsatDuplicates() throws {
    var incoming = try Incoming()
    incoming.sensor = "landsat-8-oli-c2-l2"
    incoming.bands = "[B2, B3]"
    let names = ["20230616_02_RT", "20230622_02_T1", "20230701_02_T2"].map {
      "LC08_L2SP_193026_20230614_\($0)"
    }
    for name in names { try incoming.putLandsat(name) }
    try incoming.putLandsat("LC09_L2SP_193026_20230614_20230616_02_T1")
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [names[2], "LC09_L2SP_193026_20230614_20230616_02_T1"])
    #expect(
      incoming.leftOut(roster)[names[0]]?.reason
        == "collection 2, RT of the acquisition that is there in collection 2, T2: \(names[2])")
  }

  @Test("A renamed product is known by its metadata; files named like products are no products")
  func renamed() throws {
    let incoming = try Incoming()
    let old = "S2A_MSIL2A_20230614T102601_N0400_R108_T32UPU_20230614T120000"
    try incoming.putSentinel2(new)
    try incoming.putSentinel2(old)
    try FileManager.default.moveItem(
      atPath: incoming.directory + "/\(old).SAFE", toPath: incoming.directory + "/copy.SAFE")
    try incoming.write("\(new).tif")
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == ["\(new)-directory", "\(new)-tif"])
    #expect(incoming.leftOut(roster).mapValues(\.kind) == ["copy.SAFE": .duplicate])
  }

  @Test(
    "A complete edition is taken, not a newer one of which files are missing; one that the file names stays")
  func completeFirst() throws {
    var incoming = try Incoming()
    let old = "S2A_MSIL2A_20230614T102601_N0400_R108_T32UPU_20230614T120000"
    try incoming.putSentinel2(new, missing: ["B03"])
    try incoming.putSentinel2(old)
    #expect(try incoming.roster().ready.map(\.name) == [old])
    // One that lacks only what nobody wants is the newest still.
    let later = new.replacing("20230614T165902", with: "20231001T000000")
    try incoming.putSentinel2(later, bands: ["B02", "B03", "B04"], missing: ["B04"])
    #expect(try incoming.roster().ready.map(\.name) == [later])
    try FileManager.default.removeItem(atPath: incoming.directory + "/\(later).SAFE")
    incoming.data = ", target: [{scene: incoming/\(new).SAFE}]"
    let named = try incoming.roster()
    #expect(named.ready.map(\.name) == [new])
    #expect(incoming.leftOut(named).mapValues(\.kind) == ["\(old).SAFE": .duplicate])
  }

  // MARK: - Half-arrived products

  @Test("A product without a wanted image waits while it is new, and fails when it has rested")
  func incomplete() throws {
    var incoming = try Incoming()
    try incoming.putSentinel2(new, bands: ["B02", "B03", "B04"], missing: ["B03"])
    try incoming.write("plain.tif")
    incoming.extra = "settle: 1h"
    let now = try incoming.roster()
    let missing =
      "incomplete: 1 of 3 files that its metadata name are not there (T32UPU_20230614T102601_B03_10m.jp2)"
    let product = try #require(now.arriving.first { $0.name == new })
    #expect(product.reasonToWait() == "\(missing); its files changed within the settle time")
    #expect(now.report?.line == "incoming: 2 entries: 1 scene, 1 incomplete (\(new).SAFE)")
    let later = try SceneRoster(for: incoming.pipeline(), now: Date().addingTimeInterval(3700))
    #expect(later.ready.map(\.name) == [new, "plain"] && later.arriving.isEmpty)
    let error = #expect(throws: RasterError.self) {
      try Scene(later.ready[0], sensor: .sentinel2L2A, bands: ["B02", "B03"])
    }
    #expect(error?.description.hasSuffix(missing) == true, "\(error?.description ?? "")")
  }

  @Test("A product that lacks only images that nobody wants is mapped, with a note")
  func unwantedMissing() throws {
    let incoming = try Incoming()
    try incoming.putSentinel2(new, bands: ["B02", "B03", "B04"], missing: ["B04"])
    let roster = try incoming.roster()
    #expect(roster.ready.map(\.name) == [new] && roster.report?.line == nil)
    let scene = try Scene(roster.ready[0], sensor: .sentinel2L2A, bands: ["B02", "B03"])
    #expect(
      scene.notes.contains(
        "\(new).SAFE: incomplete: 1 of 3 files that its metadata name are not there (T32UPU_20230614T102601_B04_10m.jp2)"
      ), "\(scene.notes)")
  }

  @Test("Files with the times of an archive wait with the directory that they were unpacked into")
  func unpacked() throws {
    var incoming = try Incoming()
    try incoming.putSentinel2(new, missing: ["B03"])
    let old = Date(timeIntervalSince1970: 1_600_000_000)
    let product = incoming.directory + "/\(new).SAFE"
    for path in try FileManager.default.subpathsOfDirectory(atPath: product) where path.contains(".") {
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: product + "/" + path)
    }
    incoming.extra = "settle: 1h"
    #expect(try incoming.roster().arriving.map(\.name) == [new])
  }
}
