import Foundation
import Pipelines
import Settings
import Testing

/// docs/settings.md, which is written by `terrane schema --markdown`.
@Suite("Reference of settings")
struct SettingsReferenceTests {
  private let page = SettingsReference.markdown(stages: .standard)

  @Test(
    "docs/settings.md is what the code says: 'terrane schema --markdown > docs/settings.md' writes it anew")
  func isFresh() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/settings.md")
    let (written, wanted) = (try String(contentsOf: file, encoding: .utf8), page)
    let lines = (written.components(separatedBy: "\n"), wanted.components(separatedBy: "\n"))
    let first = zip(lines.0, lines.1).enumerated().first { $1.0 != $1.1 }
    #expect(written == wanted, "line \((first?.offset ?? min(lines.0.count, lines.1.count)) + 1) differs")
  }

  @Test("The settings to look at first are settings of the file")
  func weightiest() {
    let settings = Pipeline.describe(stages: .standard)
    let stages = settings.first { $0.key == "stages" }?.kind.nested ?? []
    #expect(SettingsReference.weightiest.count == 10)
    for (place, _) in SettingsReference.weightiest {
      let keys = place.split(separator: ".").map(String.init)
      let first = (settings + stages).first { $0.key == keys[0] }
      let found = keys.dropFirst().reduce(first) { setting, key in
        setting?.kind.nested.first { $0.key == key }
      }
      #expect(found != nil, "\(place)")
    }
  }

  @Test("Each stage has a section, and a setting that several stages take is listed once")
  func sections() {
    for type in StageRegistry.standard.types { #expect(page.contains("\n## \(type.name)\n"), "\(type.name)") }
    #expect(page.ranges(of: "| `learning-rate` |").count == 1)
    #expect(page.ranges(of: "| `augmentation.flips` |").count == 1)
  }
}
