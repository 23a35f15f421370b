import Classes
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Classes that list their labels")
struct ListedLabelTests {
  let scratch = Scratch()
  let classes = [
    LandClass(value: 1, name: "forest"), LandClass(value: 2, name: "water"),
    LandClass(value: 3, name: "bare"),
  ]
  let listed = [["2253", "Dense forest", "2360"], ["7.5", "-3"], []]

  @Test(
    "Values above 255, fractions and negative ones become the class that lists them; others keep their own")
  func raster() throws {
    let grid = utmGrid(8, 1)
    let path = try scratch.raster(
      "labels.tif", grid: grid, bands: [[Float(2253), 2360, 2253, 7.5, -3, 3, 1, 0]],
      options: .init(type: .float32, bandNames: ["labels"]))
    let labels = try Labels(LabelSource(path: path), classes: classes, listed: listed, on: grid)
    let none = ClassIndex.none
    #expect(try labels.read(grid.bounds) == [0, 0, 0, 1, 1, 2, none, none])
    let survey = try labels.survey()
    #expect(survey.pixels == [3, 2, 1] && survey.others.map(\.value) == ["1"])
    #expect(
      survey.origins.sorted { ($0.classIndex, $0.label) < ($1.classIndex, $1.label) }.map {
        "\($0.classIndex) \($0.label) \($0.pixels)"
      } == ["0 2253 2", "0 2360 1", "1 -3 1", "1 7.5 1", "2 3 1"])
  }

  @Test("Names and numbers of a vector file are merged whatever their case, and counted in pixels")
  func vector() throws {
    let path = scratch.file("labels.gpkg")
    VectorMaker.write(
      [
        .init(features: [
          (VectorMaker.square(0, 0, 2), "dense FOREST "), (VectorMaker.square(3, 0, 1), "2253"),
          (VectorMaker.square(5, 5, 2), "bare"), (VectorMaker.square(0, 5, 1), "2360.0"),
        ])
      ], to: path)
    let labels = try Labels(LabelSource(path: path), classes: classes, listed: listed, on: utmGrid(8, 8))
    let survey = try labels.survey()
    #expect(survey.pixels == [6, 0, 4] && survey.others.isEmpty)
    #expect(
      survey.origins.map { "\($0.classIndex) \($0.label) \($0.pixels)" } == [
        "0 2253 1", "0 2360.0 1", "0 dense FOREST 4", "2 bare 4",
      ])
  }

  @Test("A class that lists labels has its own value and name no more; without lists nothing is counted")
  func exclusive() throws {
    let grid = utmGrid(2, 1)
    let path = try scratch.raster(
      "labels.tif", grid: grid, bands: [[UInt8(1), 3]], options: .init(type: .byte, bandNames: ["labels"]))
    let labels = try Labels(LabelSource(path: path), classes: classes, listed: listed, on: grid)
    #expect(try labels.read(grid.bounds) == [ClassIndex.none, 2])
    let plain = try Labels(LabelSource(path: path), classes: classes, on: grid)
    #expect(try plain.read(grid.bounds) == [0, 2] && plain.survey().origins.isEmpty)
    let key = LabelKey(classes, listed: listed)
    #expect(
      key.index(of: "forest") == nil && key.index(of: "Dense Forest") == 0 && key.index(of: "2360") == 0)
  }
}
