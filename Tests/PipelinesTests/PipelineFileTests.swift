import Foundation
import Host
import Pipelines
import Rasters
import Runs
import Settings
import Testing

/// A file that is right; mistakes are put in by replacing parts.
let rightPipeline = """
  name: landcover
  seed: 7
  sensor: sentinel-2-l2a
  bands: [B02, B03]
  classes:
    - {value: 1, name: water, color: "#419bdf"}
    - {value: 2, name: trees, color: "#397d49"}
  chips: {size: 128, stride: 96}
  stages:
    - train: {epochs: 5}
    - map: {window: 256, overlap: 30m}
    - publish

  """

func parsePipeline(_ text: String, overrides: [String] = [], environment: [String: String] = [:]) throws
  -> Pipeline
{
  try Pipeline.parse(
    text, path: "p.yaml", url: URL(fileURLWithPath: "/nowhere/p.yaml"), stages: FakeStages.registry,
    overrides: overrides.map { SettingOverride(parsing: $0)! }, environment: environment)
}

func mistakesOfPipeline(
  _ text: String, overrides: [String] = [], environment: [String: String] = [:]
) -> String {
  do {
    _ = try parsePipeline(text, overrides: overrides, environment: environment)
    return "no mistake"
  } catch {
    return "\(error)"
  }
}

@Suite("The pipeline file")
struct PipelineFileTests {
  @Test("A right file is read whole, with defaults filled in")
  func rightFile() throws {
    let pipeline = try parsePipeline(rightPipeline)
    let file = pipeline.file
    #expect(file.name == "landcover" && file.seed == 7 && file.bands == ["B02", "B03"])
    #expect(file.classes.map(\.value) == [1, 2] && file.classes[0].color == Color("#419bdf"))
    #expect(pipeline.stages.map(\.label) == ["train", "map", "publish"])
    #expect(file.output.path == "/nowhere/output/landcover" && !file.allowVRT)
    let train = try #require(pipeline.stages[0].stage as? FakeStages.Train)
    #expect(train.epochs == 5 && train.rate == 1e-3 && train.method == .coral)
    let map = try #require(pipeline.stages[1].stage as? FakeStages.Map)
    #expect(map.window == 256 && map.overlap == .metres(30) && map.memory == 2 << 30)
  }

  @Test(
    "One mistake is named with its place, its line and a caret",
    arguments: [
      (
        "stride: 96", "strid: 96",
        """
        p.yaml:8:20: error: unknown key 'strid' in chips; did you mean 'stride'?
        chips: {size: 128, strid: 96}
                           ^
        """
      ),
      (
        "size: 128", "chip_sz: 128",
        """
        p.yaml:8:9: error: unknown key 'chip_sz' in chips; terrane calls it 'size'
        chips: {chip_sz: 128, stride: 96}
                ^
        """
      ),
      (
        "epochs: 5", "lr: 5",
        """
        p.yaml:10:13: error: unknown key 'lr' in train; terrane calls it 'learning-rate'
          - train: {lr: 5}
                    ^
        """
      ),
      (
        "epochs: 5", "epochs: ten",
        """
        p.yaml:10:21: error: 'epochs' must be a whole number from 1 to 10000, not 'ten'
          - train: {epochs: ten}
                            ^
        """
      ),
      (
        "epochs: 5", "epochs: 0",
        """
        p.yaml:10:21: error: 'epochs' must be a whole number from 1 to 10000, not '0'
          - train: {epochs: 0}
                            ^
        """
      ),
      (
        "epochs: 5", "method: corel",
        """
        p.yaml:10:21: error: 'method' must be one of coral, adabn, not 'corel'; did you mean 'coral'?
          - train: {method: corel}
                            ^
        """
      ),
      (
        "epochs: 5", "weights: no.pth",
        """
        p.yaml:10:22: error: 'weights': there is no 'no.pth' (/nowhere/no.pth)
          - train: {weights: no.pth}
                             ^
        """
      ),
      (
        "epochs: 5", "weights: /vsicurl/x",
        """
        p.yaml:10:22: error: 'weights' must be a plain path: GDAL's virtual file systems (/vsi...) are not read
          - train: {weights: /vsicurl/x}
                             ^
        """
      ),
      (
        "size: 128", "size: 128, size: 256",
        """
        p.yaml:8:20: error: key 'size' repeated; it stands in line 8 already
        chips: {size: 128, size: 256, stride: 96}
                           ^
        """
      ),
      (
        "overlap: 30m", "overlap: 256",
        """
        p.yaml:11:33: error: 'overlap' must be below 'window' (256)
          - map: {window: 256, overlap: 256}
                                        ^
        """
      ),
      (
        "  - publish", "  - publsh",
        """
        p.yaml:12:5: error: unknown stage 'publsh'; did you mean 'publish'?
          - publsh
            ^
        """
      ),
      (
        "  - train: {epochs: 5}\n", "",
        """
        p.yaml:10:5: error: map needs a model: put train before it
          - map: {window: 256, overlap: 30m}
            ^
        """
      ),
      (
        "value: 2", "value: 1",
        """
        p.yaml:6:3: error: classes 'water' and 'trees' have one value, 1
          - {value: 1, name: water, color: "#419bdf"}
          ^
        """
      ),
      (
        "#397d49", "green",
        """
        p.yaml:7:36: error: 'color' must be text like #419bdf, not text "green"
          - {value: 2, name: trees, color: "green"}
                                           ^
        """
      ),
      (
        "sensor: sentinel-2-l2a\n", "",
        "p.yaml:1:1: error: the pipeline file needs 'sensor': the sensor that names the bands; custom for bands of your own\n"
          + "name: landcover\n^"
      ),
      (
        "chips: {size: 128, stride: 96}", "chips: [128, 96]",
        """
        p.yaml:8:8: error: chips must be a mapping (key: value), not a list
        chips: [128, 96]
               ^
        """
      ),
      (
        "[B02, B03]", "B02",
        """
        p.yaml:4:8: error: 'bands' must be a list, not 'B02': write [B02]
        bands: B02
               ^
        """
      ),
      (
        "[B02, B03]", "[B02, B02]",
        """
        p.yaml:4:8: error: band 'B02' is listed twice
        bands: [B02, B02]
               ^
        """
      ),
    ])
  func oneMistake(part: String, wrong: String, message: String) {
    #expect(mistakesOfPipeline(rightPipeline.replacing(part, with: wrong)) == message)
  }

  @Test("All mistakes come out in one pass, in the order of the file")
  func allAtOnce() {
    let text =
      rightPipeline.replacing("seed: 7", with: "sede: 7").replacing(
        "epochs: 5", with: "epochs: -1, epochs: 3"
      )
      .replacing("stride: 96", with: "stride: wide").replacing("overlap: 30m", with: "overlap: 30furlongs")
    let heads = mistakesOfPipeline(text).split(separator: "\n").filter { $0.hasPrefix("p.yaml") }
    #expect(
      heads == [
        "p.yaml:2:1: error: unknown key 'sede' in the pipeline file; did you mean 'seed'?",
        "p.yaml:8:28: error: 'stride' must be a whole number from 1 to 4096, not 'wide'",
        "p.yaml:10:25: error: key 'epochs' repeated; it stands in line 10 already",
        "p.yaml:11:33: error: 'overlap' must be a length in pixels (64) or metres (30m), not '30furlongs'",
      ])
  }

  @Test("A tab before the mistake is repeated before the caret")
  func tabs() {
    let diagnostic = Diagnostic(
      kind: .settings, file: "f", origin: .file(Location(line: 1, column: 4)), message: "m", line: "a\tb c")
    #expect(diagnostic.text == "f:1:4: error: m\na\tb c\n \t ^")
  }

  @Test(
    "The mistakes decide the exit code",
    arguments: [
      ("epochs: 5", "epochs: 0", [String](), ExitCode.badPipelineFile),
      ("epochs: 5", "weights: no.pth", [], .noInput),
      ("epochs: 5", "epochs: 5, weights: no.pth, x: 1", [], .badPipelineFile),
      ("epochs: 5", "epochs: 5", ["train.epochs=0"], .usage),
      ("epochs: 5", "epochs: 5", ["trian.epochs=1"], .usage),
      ("epochs: 5", "epochs: 5", ["data.scenes=/nowhere"], .noInput),
    ])
  func exitCodes(part: String, wrong: String, overrides: [String], code: ExitCode) throws {
    let error = try #require(throws: PipelineFileError.self) {
      try parsePipeline(rightPipeline.replacing(part, with: wrong), overrides: overrides)
    }
    #expect(error.exitCode == code)
  }

  @Test("A file that is not there ends with 66, one that is no text with 78, one too large with 78")
  func unreadableFiles() throws {
    let site = try Site()
    let path = site.directory.appendingPathComponent("p.yaml").path
    func refusal(of path: String) throws -> UnreadablePipelineFile {
      try #require(throws: UnreadablePipelineFile.self) {
        try Pipeline.read(path, stages: FakeStages.registry)
      }
    }
    let missing = try refusal(of: path)
    #expect(missing == .missing(path) && missing.exitCode == .noInput)
    #expect(missing.description == "\(path): no such pipeline file")
    let directory = try refusal(of: site.directory.path)
    #expect(directory == .directory(site.directory.path) && directory.exitCode == .noInput)
    #expect(directory.description == "\(site.directory.path): a directory where a pipeline file is wanted")
    let pipe = path + ".pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let notRegular = try refusal(of: pipe)
    #expect(notRegular == .refused(pipe, SystemError("read", pipe, .notRegular("a pipe"))))
    #expect(notRegular.exitCode == .noInput)
    #expect(notRegular.description == "\(pipe): cannot be read: not a regular file (a pipe)")
    // A regular file whose first byte is none.
    let memory = "/proc/self/mem"
    let torn = try refusal(of: memory)
    #expect(
      torn == .unread(memory, SystemError("read", memory, .number(EIO))) && torn.exitCode == .inputOutput)
    try Data([0x6e, 0xff, 0xfe, 0x00]).write(to: URL(fileURLWithPath: path))
    let binary = try #require(throws: PipelineFileError.self) {
      try Pipeline.read(path, stages: FakeStages.registry)
    }
    #expect(binary.description == "\(path): error: the file is not UTF-8 text")
    try Data(repeating: 0x23, count: 1_000_001).write(to: URL(fileURLWithPath: path))
    let large = try #require(throws: PipelineFileError.self) {
      try Pipeline.read(path, stages: FakeStages.registry)
    }
    #expect(
      large.description == "\(path): error: the file has 1000001 bytes; 1000000 are the most that is read")
    #expect(large.exitCode == .badPipelineFile)
  }

  @Test("A setting of the command line replaces that of the file, also one that the file does not write")
  func overrides() throws {
    let pipeline = try parsePipeline(
      rightPipeline, overrides: ["train.epochs=9", "train.method=adabn", "chips.size=112", "seed=11"])
    let train = try #require(pipeline.stages[0].stage as? FakeStages.Train)
    let file = pipeline.file
    #expect(train.epochs == 9 && train.method == .adabn && file.chips.size == 112 && file.seed == 11)
    #expect(file.chips.stride == 96)
    let bare = try parsePipeline(rightPipeline, overrides: ["publish.style=true"])
    #expect(try #require(bare.stages[2].stage as? FakeStages.Publish).style)
  }

  @Test(
    "A wrong setting of the command line is named as it was given",
    arguments: [
      ("train.epoch=9", "--set train.epoch=9: error: unknown key 'epoch' in train; did you mean 'epochs'?"),
      (
        "trian.epochs=9",
        "--set trian.epochs=9: error: the pipeline file has no stage 'trian'; did you mean 'train'?"
      ),
      ("compare.x=9", "--set compare.x=9: error: the pipeline file has no stage 'compare'"),
      ("chips.size=x", "--set chips.size=x: error: 'size' must be a whole number from 16 to 4096, not 'x'"),
      (
        "seed=[1",
        "--set seed=[1: error: not YAML: did not find expected ',' or ']'"
          + " (while parsing a flow sequence)"
      ),
    ])
  func wrongOverrides(setting: String, message: String) {
    #expect(
      mistakesOfPipeline(rightPipeline, overrides: [setting]) == message)
  }

  @Test("Variables and the environment are filled in; nothing is run")
  func substitution() throws {
    let text =
      rightPipeline.replacing(
        "name: landcover", with: "name: ${vars.place}-${env:YEAR:-2024}\nvars: {place: '${env:WHERE}'}"
      )
      .replacing("epochs: 5", with: "epochs: '${env:EPOCHS:-8}'")
    let pipeline = try parsePipeline(text, environment: ["WHERE": "gewata", "EPOCHS": "12"])
    #expect(pipeline.file.name == "gewata-2024")
    #expect(try #require(pipeline.stages[0].stage as? FakeStages.Train).epochs == 12)
    let literal = try parsePipeline(rightPipeline.replacing("name: water", with: "name: '$${x} $(ls) `ls`'"))
    #expect(literal.file.classes[0].name == "${x} $(ls) `ls`")
  }

  @Test(
    "What cannot be filled in is a mistake at its place",
    arguments: [
      ("${env:NOT_SET}", "the environment has no 'NOT_SET'; write ${env:NOT_SET:-default} to do without"),
      ("${vars.plaec}", "there is no 'vars.plaec'; did you mean 'place'?"),
      ("${HOME}", "'${HOME}' is neither ${env:NAME} nor ${vars.name}"),
      ("${env:X", "'${' without '}'"),
    ])
  func wrongSubstitution(reference: String, message: String) {
    let text = rightPipeline.replacing("name: landcover", with: "vars: {place: x}\nsensor: \"\(reference)\"")
      .replacing("sensor: sentinel-2-l2a\n", with: "")
    #expect(mistakesOfPipeline(text).hasPrefix("p.yaml:2:9: error: \(message)\n"))
  }
}
