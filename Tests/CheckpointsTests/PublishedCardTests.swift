import Checkpoints
import Classes
import Testing

@Suite("Published weights")
struct PublishedCardTests {
  /// The band of an entry in physical units.
  private func band(_ entry: String, _ name: String) throws -> ModelCard.Band {
    let card = try #require(PublishedCard.named(entry), "\(entry)")
    return try #require(card.normalization?.first { $0.name == name }, "\(entry) \(name)")
  }

  private func expect(
    _ band: ModelCard.Band, mean: Double, deviation: Double, clip: ModelCard.Clip?, unit: String,
    location: SourceLocation = #_sourceLocation
  ) {
    func isNear(_ one: Double, _ other: Double) -> Bool { abs(one - other) <= 1e-14 * max(1, abs(other)) }
    #expect(isNear(band.mean, mean), "\(band)", sourceLocation: location)
    #expect(isNear(band.deviation, deviation), "\(band)", sourceLocation: location)
    #expect((band.clip == nil) == (clip == nil), "\(band)", sourceLocation: location)
    if let clip, let found = band.clip {
      #expect(
        isNear(found.low, clip.low) && isNear(found.high, clip.high), "\(band)", sourceLocation: location)
    }
    #expect(band.unit == unit, sourceLocation: location)
  }

  @Test(
    "a published value is a physical one by the product's own formula",
    arguments: [
      (.reflectance, 0.25, 0.25), (.digitalNumbers, 1612.9, 0.16129),
      (.landsatCollection2, 7272.727272727273, 0), (.landsatCollection2, 18181.818181818184, 0.3),
      (.landsatLevel1, 4000, -0.02), (.landsatLevel1, 20_320, 0.3064), (.reflectanceBytes, 255, 1),
      (.trueColourBytes, 255, 0.3558), (.pictureBytes, 51, 0.2), (.bytes, 51, 51),
      (.decibels, -12.59, -12.59),
      (.amplitude, 255, 255), (.kelvin, 248.15, 248.15),
    ] as [(PublishedUnit, Double, Double)])
  func units(unit: PublishedUnit, published: Double, physical: Double) {
    #expect(abs(unit.physical(published) - physical) <= 1e-15 * max(1, abs(physical)))
    let difference = unit.physical(published) - unit.physical(0)
    #expect(abs(unit.physical(difference: published) - difference) <= 1e-15 * max(1, abs(difference)))
  }

  @Test("the numbers of each family are those of its rule, composed")
  func closedForms() throws {
    // clip(DN / 10000, 0, 1)
    expect(
      try band("ssl4eo-s12-resnet50-moco-s2", "B8A"), mean: 0, deviation: 1, clip: .init(0, 1),
      unit: "reflectance")
    // (dB - (m - 2 s)) / (4 s): m = -12.59, s = 5.26 for VV, -20.26 and 5.91 for VH
    expect(
      try band("ssl4eo-s12-resnet50-moco-s1", "VV"), mean: -23.11, deviation: 21.04,
      clip: .init(-23.11, -2.07), unit: "dB")
    expect(
      try band("fg-mae-vit-base-s1", "VH"), mean: -32.08, deviation: 23.64, clip: .init(-32.08, -8.44),
      unit: "dB")
    // (DN - 837.7) / 577.5
    expect(
      try band("softcon-resnet50-s2", "B09"), mean: 0.08377, deviation: 0.05775, clip: nil,
      unit: "reflectance")
    // min(256 r / 0.3, 255) / 255: numpy gives 0.3 * 255 / 256 = 0.298828125
    expect(
      try band("ssl4eo-l-resnet18-oli-sr-moco", "B5"), mean: 0, deviation: 0.298828125,
      clip: .init(0, 0.298828125), unit: "reflectance")
    expect(
      try band("ssl4eo-l-vit-small-etm-toa-simclr", "B8"), mean: 0, deviation: 0.3984375,
      clip: .init(0, 0.3984375), unit: "reflectance")
    // 70 K from 248.15 K on: 248.15 + 70 * 255 / 256 = 317.8765625
    expect(
      try band("ssl4eo-l-resnet50-tm-toa-moco", "B6"), mean: 248.15, deviation: 69.7265625,
      clip: .init(248.15, 317.8765625), unit: "kelvin")
    // ((255 r - 2) / 101 - 0.456) / 0.224 = (r - (2 + 0.456 * 101) / 255) / (0.224 * 101 / 255)
    expect(
      try band("seco-resnet18", "B03"), mean: 0.18845490196078432, deviation: 0.08872156862745098,
      clip: .init(2.0 / 255, 103.0 / 255), unit: "reflectance")
    expect(
      try band("seco-resnet50", "B04"), mean: 0.24535294117647058, deviation: 0.11584705882352941,
      clip: .init(0, 129.0 / 255), unit: "reflectance")
    // (v / 255 - 0.406) / 0.225 with v / 255 as the sensor gives it
    expect(
      try band("gassl-resnet50", "blue"), mean: 0.406, deviation: 0.225, clip: .init(0, 1),
      unit: "share of full brightness")
    // (byte - 127) / 128 with byte / 255 as the sensor gives it
    expect(
      try band("imagenet-efficientnet-lite0", "red"), mean: 127.0 / 255, deviation: 128.0 / 255,
      clip: .init(0, 1), unit: "share of full brightness")
    expect(
      try band("satlas-swin-v2-b-s2-ms", "B04"), mean: 0, deviation: 0.3558, clip: .init(0, 0.3558),
      unit: "reflectance")
    expect(
      try band("satlas-resnet152-s2-ms", "B11"), mean: 0, deviation: 0.816, clip: .init(0, 0.816),
      unit: "reflectance")
    // clip((DN - 4000) / 16320, 0, 1), DN = (r + 0.1) / 2e-5
    expect(
      try band("satlas-swin-v2-b-landsat", "B10"), mean: -0.02, deviation: 0.3264, clip: .init(-0.02, 0.3064),
      unit: "reflectance")
    expect(
      try band("satlas-swin-v2-b-s1", "VH"), mean: 0, deviation: 255, clip: .init(0, 255), unit: "amplitude")
    // (DN - (1184.38 - 2 * 650.28)) / (4 * 650.28)
    expect(
      try band("satmae-vit-large-s2", "B02"), mean: -0.011618, deviation: 0.260112,
      clip: .init(-0.011618, 0.248494), unit: "reflectance")
    // (DN - 2734) / 1850
    expect(
      try band("prithvi-eo-2.0-300m-tl", "B8A"), mean: 0.2734, deviation: 0.185, clip: nil,
      unit: "reflectance")
    expect(
      try band("prithvi-eo-1.0-100m", "B12"), mean: 0.1611, deviation: 0.1155, clip: nil, unit: "reflectance")
    expect(
      try band("terramind-1.0-small-s2-l1c", "B10"), mean: 0.050607, deviation: 0.0442165, clip: nil,
      unit: "reflectance")
    expect(
      try band("terramind-1.0-base-s1-rtc", "VV"), mean: -10.93, deviation: 4.391, clip: nil, unit: "dB")
    expect(
      try band("dinov3-vit-large-sat493m", "blue"), mean: 0.296, deviation: 0.143, clip: .init(0, 1),
      unit: "share of full brightness")
    // (DN - (3269.81 - 2 * 2651.09)) / (4 * 2651.09)
    expect(
      try band("olmoearth-1.0-tiny-s2", "B09"), mean: -0.203237, deviation: 1.060436, clip: nil,
      unit: "reflectance")
    // Bytes of the true-colour picture, of which 255 is 0.3558, and numbers of which a byte has 32.
    expect(
      try band("dofa-vit-base-s2", "B04"), mean: 114.11 * 0.3558 / 255, deviation: 77.84 * 0.3558 / 255,
      clip: .init(0, 0.3558), unit: "reflectance")
    expect(
      try band("dofa-vit-large-s2", "B11"), mean: 0.231456, deviation: 0.153248, clip: .init(0, 0.816),
      unit: "reflectance")
    // (DN - 1887) / 1870, at the publisher's wavelength
    expect(try band("clay-1.5-s2", "B05"), mean: 0.1887, deviation: 0.187, clip: nil, unit: "reflectance")
    #expect(try band("clay-1.5-s2", "B05").wavelength == 704)
    #expect(try band("clay-1.5-s1", "VH").wavelength == 4000)
    expect(
      try band("ftw-unet-efficientnet-b3", "harvest B08"), mean: 0, deviation: 0.3, clip: nil,
      unit: "reflectance")
  }

  @Test("the networks of ukis-csmask have the package's numbers, bands and classes")
  func cloudMasks() throws {
    // model_6b_l2a.json and model_4b_l1c.json, `dataset_statistics`
    expect(
      try band("ukis-csmask-6b-l2a", "B12"), mean: 0.17859040200710297, deviation: 0.14328984916210175,
      clip: nil, unit: "reflectance")
    expect(
      try band("ukis-csmask-4b-l1c", "B02"), mean: 0.27552253007888794, deviation: 0.24488002061843872,
      clip: nil, unit: "reflectance")
    let entries = try ["4b-l1c", "4b-l2a", "6b-l1c", "6b-l2a"].map {
      try #require(PublishedCard.named("ukis-csmask-" + $0))
    }
    #expect(entries.map(\.bands.count) == [4, 4, 6, 6])
    #expect(
      entries.map(\.sensor) == ["sentinel-2-l1c", "sentinel-2-l2a", "sentinel-2-l1c", "sentinel-2-l2a"])
    for entry in entries {
      #expect(entry.licence == "Apache-2.0" && entry.decoder == "unet")
      #expect(entry.classes.map(\.landClass.value) == [0, 1, 2])
      #expect(entry.classes.map(\.landClass.name) == ["clear", "cloud", "shadow"])
    }
  }

  @Test("the whole network of a file is trained on its own classes, and on no others")
  func trainedHead() throws {
    let entry = try #require(PublishedCard.named("ukis-csmask-6b-l2a"))
    let own = entry.classes.map(\.landClass)
    let whole = try entry.card(architecture: "unet", classes: [])
    #expect(whole.hasTrainedHead && whole.classes == own)
    #expect(try entry.card(architecture: "unet", classes: own).hasTrainedHead)
    let water = [LandClass(value: 1, name: "water"), LandClass(value: 2, name: "land")]
    let other = try entry.card(architecture: "unet", classes: water)
    #expect(!other.hasTrainedHead && other.classes == water)
    #expect(try !entry.card(architecture: "fpn", classes: own).hasTrainedHead)
  }

  @Test("the rule in physical units makes of a value what the publisher's steps make of the stored one")
  func equivalence() throws {
    let seco = try band("seco-resnet18", "B02")
    for byte in stride(from: 0.0, through: 255, by: 5) {
      // ImageNet's statistics after a stretch of 3 ... 88 to 0 ... 1, in the publisher's order of steps.
      let stretched = min(max((byte - 3) / (88 - 3), 0), 1)
      #expect(abs(seco.normalized(byte / 255) - (stretched - 0.406) / 0.225) < 1e-12)
    }
    let landsat = try band("ssl4eo-l-resnet50-oli-sr-simclr", "B1")
    for number in stride(from: 7000.0, through: 19_000, by: 250) {
      let stretched = (number - 0.2 / 2.75e-5) / (0.3 / 2.75e-5) * 256
      let wanted = min(max(stretched, 0), 255) / 255
      #expect(abs(landsat.normalized(number * 2.75e-5 - 0.2) - wanted) < 1e-12)
    }
  }

  @Test("every entry is whole, and no two have one name")
  func wellFormed() {
    let all = PublishedCard.all
    #expect(Set(all.map(\.name)).count == all.count && all.count > 80)
    let known =
      [
        "resnet18", "resnet50", "resnet152", "vit_small_patch16_224", "vit_base_patch16_224",
        "vit_large_patch16_224", "swin_v2_t", "swin_v2_b", "resnet34", "resnet101", "convnext_tiny",
        "vit_b_16",
        "vit_l_16", "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "vit_huge_patch14_224",
        "vit_small_patch14_dinov2_224",
        "vit_base_patch14_dinov2_224", "prithvi_eo_v1_100", "prithvi_eo_v2_tiny_tl", "prithvi_eo_v2_100_tl",
        "prithvi_eo_v2_300", "prithvi_eo_v2_600", "dinov3_vits16", "dinov3_vitb16", "dinov3_vitl16",
        "vit_small_patch16_dinov3", "vit_base_patch16_dinov3", "vit_large_patch16_dinov3", "convnext_small",
        "convnext_base", "convnext_large", "dofa_base_patch16_224", "dofa_large_patch16_224",
        "clay_v1_5_large",
      ]
      + ["tiny", "small", "base", "large"].flatMap { size in
        ["s2l2a", "s2l1c", "s1grd", "s1rtc"].map { "terramind_v1_\(size)_\($0)" }
      }
      + [
        "v1_nano", "v1_tiny", "v1_base", "v1_large", "v1_1_nano", "v1_1_tiny", "v1_1_base", "v1_2_nano",
        "v1_2_tiny", "v1_2_small", "v1_2_base",
      ].flatMap { ["olmoearth_\($0)", "olmoearth_\($0)_patch4"] }
      + ["unet with efficientnet-b3", "unet with efficientnet-b4"]
    for card in all {
      #expect(card.name.allSatisfy { $0.isLowercase || $0.isNumber || "-.".contains($0) }, "\(card.name)")
      #expect(!card.bands.isEmpty && !card.licence.isEmpty && !card.source.isEmpty, "\(card.name)")
      #expect(card.isSupported == known.contains(card.architecture), "\(card.name)")
      if card.licence.uppercased().contains("NC") { #expect(card.isNonCommercial, "\(card.name)") }
      let units = Set(card.bands.compactMap { $0.preparation?.unit.physicalUnit })
      #expect(units.count <= 1 || card.sensor == "custom", "\(card.name): \(units)")
      guard let bands = card.normalization else { continue }
      let check = CardCheck(
        ModelCard(architecture: "", encoder: "", sensor: card.sensor, bands: bands, classes: []),
        inputChannels: card.bands.count)
      #expect(check.problems.isEmpty, "\(card.name): \(check.problems)")
    }
    #expect(
      Set(all.compactMap(\.backbone)) == Set(known.dropLast(2) + ["efficientnet-b3", "efficientnet-b4"]))
  }

  @Test("an entry makes a card for a model, with the licence and where the weights come from")
  func card() throws {
    let classes = [LandClass(value: 1, name: "water")]
    let entry = try #require(PublishedCard.named("SeCo_ResNet50"))
    let card = try entry.card(architecture: "unet", classes: classes)
    #expect((card.architecture, card.encoder, card.sensor) == ("unet", "resnet50", "sentinel-2-l2a"))
    #expect(card.bands.map(\.name) == ["B04", "B03", "B02"] && card.classes == classes)
    #expect((card.licence, card.isNonCommercial, card.origin) == ("Apache-2.0", false, "seco-resnet50"))
    #expect(!card.hasTrainedHead && card.history.isEmpty)
    let check = CardCheck(
      try #require(PublishedCard.named("gassl-resnet50")).card(architecture: "", classes: []))
    #expect(check.warnings.count == 1)
  }

  @Test("a network that terrane lacks, or that has no fixed preparation, is a reason and no card")
  func obstacles() throws {
    let croma = try #require(PublishedCard.named("croma-base-s2"))
    #expect(
      croma.problems() == [
        "terrane does not have the network croma_base",
        "each image is prepared by its own statistics; there are no fixed ones for a card",
      ])
    let error = #expect(throws: CheckpointError.self) { try croma.card(architecture: "unet", classes: []) }
    #expect(error?.code == .card && error?.path == "croma-base-s2")
    let radar = try #require(PublishedCard.named("satlas-swin-v2-b-s1"))
    let scenes = CardCheck.Scenes(sensor: "sentinel-1-grd", unit: "dB", bands: ["VV", "VH"])
    #expect(radar.problems(inputChannels: 2).isEmpty)
    #expect(radar.problems(inputChannels: 3, scenes: scenes).count == 3)
  }

  @Test("a name that does not exist is answered with those like it")
  func names() {
    #expect(PublishedCard.named("ssl4eo") == nil)
    #expect(PublishedCard.names(like: "ssl4eo-s12-resnet50-moko-s2").first == "ssl4eo-s12-resnet50-moco-s2")
    #expect(PublishedCard.names(like: "resnet50-seco").first == "seco-resnet50")
    #expect(PublishedCard.names(like: "satlas_swin_v2_b_sentinel2_rgb").first == "satlas-swin-v2-b-s2-rgb")
    #expect(PublishedCard.names(like: "xyzzy").isEmpty)
  }
}

extension ModelCard.Band {
  /// What the network sees of a physical value.
  fileprivate func normalized(_ value: Double) -> Double {
    let kept = clip.map { min(max(value, $0.low), $0.high) } ?? value
    return (kept - mean) / deviation
  }
}
