import Scenes
import Testing

/// The meanings are those of the agencies' documents, written here as bits and classes once more.
@Suite("Meanings of masks")
struct MaskRuleTests {
  private func names(_ rule: MaskRule, _ value: Int) -> [String] { rule.words(of: value).names }

  @Test("Sentinel-2's scene classification")
  func sceneClasses() {
    let meanings: [Int: [String]] = [
      0: [], 1: ["defective"], 2: ["dark"], 3: ["shadow"], 4: [], 5: [], 6: ["water"], 7: ["low-cloud"],
      8: ["cloud"], 9: ["cloud"], 10: ["cirrus"], 11: ["snow"], 12: [], 255: [],
    ]
    for (value, words) in meanings { #expect(names(.sentinel2Classes, value) == words) }
  }

  @Test("QA_PIXEL of collection 2: clear pixels of OLI and TM, each bit, each confidence")
  func landsatPixels() {
    // Real numbers of clear land, which differ by instrument.
    #expect(names(.landsatPixels, 21824).isEmpty && names(.landsatPixels, 5440).isEmpty)
    #expect(names(.landsatPixels, 1).isEmpty)
    #expect(names(.landsatPixels, 1 << 1) == ["cloud"] && names(.landsatPixels, 1 << 3) == ["cloud"])
    #expect(names(.landsatPixels, 1 << 2) == ["cirrus"] && names(.landsatPixels, 1 << 4) == ["shadow"])
    #expect(names(.landsatPixels, 1 << 5) == ["snow"] && names(.landsatPixels, 1 << 7) == ["water"])
    #expect(names(.landsatPixels, 1 << 8).isEmpty)
    #expect(names(.landsatPixels, 2 << 8) == ["low-cloud"] && names(.landsatPixels, 3 << 8) == ["low-cloud"])
    #expect(names(.landsatPixels, 22280) == ["cloud", "low-cloud"])
  }

  @Test("QA_RADSAT: dropped pixels, terrain in the way, saturated bands")
  func saturation() {
    #expect(names(.landsatSaturation, 1 << 9) == ["defective"])
    #expect(names(.landsatSaturation, 1 << 11) == ["defective"])
    #expect(names(.landsatSaturation, 1 << 3) == ["saturated"] && names(.landsatSaturation, 0).isEmpty)
    #expect(names(.landsatSaturationOnDemand, 1).isEmpty)
    #expect(names(.landsatSaturationOnDemand, 1 << 4) == ["saturated"])
  }

  @Test("BQA of collection 1, and pixel_qa of surface reflectance on demand")
  func collection1() {
    #expect(names(.landsatCollection1, 1 << 1) == ["defective"] && names(.landsatCollection1, 1).isEmpty)
    #expect(names(.landsatCollection1, 1 << 4) == ["cloud"])
    #expect(names(.landsatCollection1, 1 << 5).isEmpty)
    #expect(names(.landsatCollection1, 2 << 5) == ["low-cloud"])
    #expect(names(.landsatCollection1, 2 << 7).isEmpty && names(.landsatCollection1, 3 << 7) == ["shadow"])
    #expect(names(.landsatCollection1, 3 << 9) == ["snow"])
    #expect(names(.landsatCollection1, 3 << 11) == ["cirrus"])
    #expect(names(.landsatCollection1, 1 << 2) == ["saturated"])
    #expect(names(.landsatOnDemand, 1 << 1).isEmpty && names(.landsatOnDemand, 1 << 2) == ["water"])
    #expect(names(.landsatOnDemand, 1 << 3) == ["shadow"] && names(.landsatOnDemand, 1 << 4) == ["snow"])
    #expect(names(.landsatOnDemand, 1 << 5) == ["cloud"])
    #expect(names(.landsatOnDemand, 2 << 6) == ["low-cloud"])
    #expect(names(.landsatOnDemand, 3 << 8) == ["cirrus"] && names(.landsatOnDemand, 2 << 8).isEmpty)
    #expect(names(.landsatOnDemand, 1 << 10) == ["defective"])
  }

  @Test("Fmask of HLS: bits, aerosol, and 255, which is no measurement")
  func harmonized() {
    #expect(names(.harmonized, 1) == ["cirrus"] && names(.harmonized, 1 << 1) == ["cloud"])
    #expect(names(.harmonized, 1 << 2) == ["cloud"] && names(.harmonized, 1 << 3) == ["shadow"])
    #expect(names(.harmonized, 1 << 4) == ["snow"] && names(.harmonized, 1 << 5) == ["water"])
    #expect(names(.harmonized, 1 << 6).isEmpty && names(.harmonized, 3 << 6) == ["haze"])
    #expect(names(.harmonized, 255).isEmpty)
  }

  @Test("OPERA's radar mask, flags, and suspect bands of PlanetScope")
  func others() {
    #expect(names(.operaRadar, 0).isEmpty && names(.operaRadar, 255).isEmpty)
    #expect(names(.operaRadar, 1) == ["radar-shadow"] && names(.operaRadar, 2) == ["layover"])
    #expect(names(.operaRadar, 3) == ["layover", "radar-shadow"])
    #expect(names(.flag(.snow), 1) == ["snow"] && names(.flag(.snow), 0).isEmpty)
    #expect(names(.planetUnusable, 1).isEmpty && names(.planetUnusable, 2).isEmpty)
    #expect(names(.planetUnusable, 4) == ["defective"])
  }

  @Test("A user's numbers: those that are hidden, or those that are clear")
  func own() {
    #expect(names(.hiding([2, 3]), 2) == ["masked"] && names(.hiding([2, 3]), 1).isEmpty)
    #expect(names(.clear([1]), 1).isEmpty && names(.clear([1]), 0) == ["masked"])
  }
}
