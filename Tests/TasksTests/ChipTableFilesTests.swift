import Foundation
import Layers
import Rasters
import Tasks
import Tensors
import Testing

@Suite("Files of chips")
struct ChipTableFilesTests {
  private func files<Task: PredictionTask>(_ task: Task, _ names: [String], _ chip: ChipAnswer) throws
    -> (rows: [String], grid: Grid) where Task.Assembly == ChipTable
  {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-chips-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let colors = names.indices.map { Color(red: UInt8($0), green: 0, blue: 0) }
    let legend = Legend(
      entries: zip(names, colors).enumerated().map { index, class_ in
        .init(value: UInt8(index + 5), name: class_.0, color: class_.1)
      })
    let files = try task.files(
      in: directory,
      for: MapDescription(
        named: "landcover",
        grid: Grid(
          width: 150, height: 100, transform: GeoTransform(originX: 1000, originY: 2000, pixelSize: 10)),
        legend: legend, window: 64))
    try files.write(ChipTablePart(chips: [chip], pixels: 1))
    let grid = try files.close().grid
    let text = try String(contentsOf: directory.appendingPathComponent("chips.csv"), encoding: .utf8)
    return (text.split(whereSeparator: \.isNewline).map(String.init), grid)
  }

  private let chip = ChipAnswer(
    row: 0, column: 2, window: Window(column: 86, row: 0, width: 64, height: 64),
    probabilities: [0.2, 0.7, 0.6])

  @Test("Classes that are called like another column, or differ in case alone, have columns of their own")
  func names() throws {
    let found = try files(MultiLabelClassification(classes: 3), ["Row", "town", "TOWN"], chip)
    #expect(
      found.rows == [
        "row,column,left,top,width,height,classes,Row (5),town,TOWN (7)",
        "0,2,86,0,64,64,town;TOWN,0.2,0.7,0.6",
      ])
  }

  @Test("The grid of a map of chips has a pixel a chip")
  func grid() throws {
    let found = try files(SceneClassification(classes: 3), ["a", "b", "c"], chip)
    #expect(found.rows.last == "0,2,86,0,64,64,b,6,70")
    #expect((found.grid.width, found.grid.height, found.grid.transform?.columnX) == (3, 2, 640))
  }
}
