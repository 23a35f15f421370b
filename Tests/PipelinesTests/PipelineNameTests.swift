import Foundation
import Pipelines
import Testing

@Suite("Names in the pipeline file")
struct PipelineNameTests {
  @Test(
    "A band that the sensor does not have is a mistake of the file, with the nearest one that there is",
    arguments: [
      ("[B02, B99]", "p.yaml:4:14: error: 'B99' is no band of sentinel-2-l2a; did you mean 'B09'?"),
      ("[B02, b22]", "p.yaml:4:14: error: 'b22' is no band of sentinel-2-l2a; did you mean 'B02'?"),
      ("[22, B03]", "p.yaml:4:9: error: '22' is no band of sentinel-2-l2a; did you mean 'B02'?"),
      ("[B10, B03]", "p.yaml:4:9: error: 'B10' is no band of sentinel-2-l2a; did you mean 'B01'?"),
      (
        "[\u{412}02, B03]",
        "p.yaml:4:9: error: '\u{412}02' is no band of sentinel-2-l2a: it holds U+0412 (CYRILLIC CAPITAL LETTER VE); did you mean 'B02'?"
      ),
      (
        "[B02, B03\u{200B}]",
        "p.yaml:4:14: error: 'B03\u{200B}' is no band of sentinel-2-l2a: it holds U+200B (ZERO WIDTH SPACE); did you mean 'B03'?"
      ),
      (
        "[B\u{FF10}2, B03]",
        "p.yaml:4:9: error: 'B\u{FF10}2' is no band of sentinel-2-l2a: it holds U+FF10 (FULLWIDTH DIGIT ZERO); did you mean 'B02'?"
      ),
      (
        "[ndvi, B03]",
        "p.yaml:4:9: error: 'ndvi' is no band of sentinel-2-l2a (its bands: B01, B02, B03, B04, B05, B06, B07, B08, B8A, B09, B11, B12)"
      ),
      ("[B02, blue]", "p.yaml:4:14: error: 'B02' and 'blue' are one band of sentinel-2-l2a"),
      (
        "[B02, B03]\nband-order: [B02, B33]",
        "p.yaml:4:14: error: band 'B03' is not in band-order; did you mean 'B02'?"
      ),
      (
        "[B02, B03]\nband-order: [B02, \u{412}03, B03]",
        "p.yaml:5:19: error: '\u{412}03' is no band of sentinel-2-l2a: it holds U+0412 (CYRILLIC CAPITAL LETTER VE); did you mean 'B03'?"
      ),
    ])
  func bands(list: String, message: String) {
    #expect(mistakesOfPipeline(rightPipeline.replacing("[B02, B03]", with: list)).hasPrefix(message + "\n"))
  }

  @Test(
    "Other names of a band, bands of one's own, and bands that nobody wants are none",
    arguments: [
      ("sentinel-2-l2a", "[blue, b3]"), ("sentinel-2-l2a", "[B2, NIR_NARROW]"), ("custom", "[höhe, B99]"),
      ("sentinel-2-l2a", "[B02, B03]\nband-order: [B03, QA60, B02, dem]"),
    ])
  func rightBands(sensor: String, list: String) throws {
    _ = try parsePipeline(
      rightPipeline.replacing("[B02, B03]", with: list).replacing("sentinel-2-l2a", with: sensor))
  }

  @Test(
    "A sensor cut short is asked about",
    arguments: [
      ("sentinel2", "; did you mean 'sentinel-2-l2a' or 'sentinel-2-l1c'?"),
      ("landsat8", "; did you mean 'landsat-8-oli' or 'landsat-8-oli-c2-l2' or 'landsat-8-oli-toa'?"),
      ("Sentinel_1", "; did you mean 'sentinel-1-grd'?"),
      ("aerial", "; did you mean 'aerial-rgb' or 'aerial-rgbn'?"),
    ])
  func sensors(name: String, question: String) {
    let said = mistakesOfPipeline(rightPipeline.replacing("sensor: sentinel-2-l2a", with: "sensor: \(name)"))
    #expect(said.split(separator: "\n").first?.hasSuffix(question) == true, "\(said)")
  }

  @Test(
    "Control characters in names are refused where they stand, however they are written",
    arguments: [
      ("water", "\"wa\\0ter\"", "7"), ("water", "\"\\e[1mwater\"", "7"), ("water", "\"wa\\x9fter\"", "7"),
      ("water", "\"wa\\ufffeter\"", "7"), ("water", "\"wa\\u007fter\"", "7"), ("landcover", "\"a\\eb\"", "1"),
      ("B03", "\"B\\x0703\"", "4"), ("water", "\"wa\\U0010ffffter\"", "7"),
      ("water", "\"&\\U0010ffff\"", "7"),
    ])
  func controls(name: String, text: String, line: String) throws {
    let said = mistakesOfPipeline(
      rightPipeline.replacing("- {value: 1", with: "\n  - {value: 1").replacing(name, with: text))
    #expect(said.contains(" character, which no text here may hold\n"), "\(said)")
    #expect(said.hasPrefix("p.yaml:\(line):"), "\(said)")
    #expect(said.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 && !(127...159 ~= $0.value) })
  }

  @Test("What the environment brings is held to the same")
  func environment() {
    let said = mistakesOfPipeline(
      rightPipeline.replacing("name: water", with: "name: \"${env:N}\""), environment: ["N": "wa\u{1B}ter"])
    #expect(said.hasPrefix("p.yaml:6:22: error: U+001B is a control character"), "\(said)")
  }

  @Test("Line ends inside and behind names are refused", arguments: ["wa\\nter", "water\\n", "wa\\u2028ter"])
  func lineEnds(name: String) {
    #expect(
      mistakesOfPipeline(rightPipeline.replacing("name: water", with: "name: \"\(name)\"")).contains(
        "'name' must be text"))
  }

  @Test("A colour without quotes is said to be a comment, alone in its line too")
  func color() {
    let text = rightPipeline.replacing(
      "  - {value: 1, name: water, color: \"#419bdf\"}",
      with: "  - value: 1\n    name: water\n    color: #419bdf")
    #expect(
      mistakesOfPipeline(text).hasPrefix(
        "p.yaml:8:11: error: 'color' must be text like #419bdf, not nothing; # begins a comment, put quotes around it: \"#419bdf\"\n"
      ), "\(mistakesOfPipeline(text))")
  }
}
