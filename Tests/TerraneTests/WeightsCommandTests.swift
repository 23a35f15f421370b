import Testing

/// `terrane weights` in the words of a user.
@Suite("Lists of published weights", .enabled(if: TerraneCommand.isBuilt))
struct WeightsCommandTests {
  @Test("all are listed with licence, bands, place and use, in columns, and words choose among them")
  func list() throws {
    let all = try TerraneCommand.run("weights")
    let lines = all.output.split(separator: "\n")
    #expect(all.code == 0 && all.errors.isEmpty && lines.count > 100)
    #expect(lines[0].split(separator: " ").first == "name")
    #expect(lines.allSatisfy { $0.last != " " })
    let chosen = try TerraneCommand.run("weights", "csmask", "L2A")
    #expect(chosen.output.split(separator: "\n").count == 3)
    let line = try #require(chosen.output.split(separator: "\n").last)
    for part in [
      "ukis-csmask-6b-l2a", "unet with efficientnet-b4", "sentinel-2-l2a", "B02 B03 B04 B08 B11 B12",
      "Apache-2.0",
      "PyPI", "maps clear, cloud, shadow as they are",
    ] {
      #expect(line.contains(part), "\(part)")
    }
  }

  static let commands = [
    (
      "ukis-csmask-6b-l2a",
      "pip download --no-deps --dest weights ukis-csmask==1.0.0 && python3 -m zipfile -e "
        + "weights/ukis_csmask-1.0.0-*.whl weights\n"
    ),
    (
      "SeCo_ResNet18",
      "curl -fL --create-dirs -o weights/resnet18_sentinel2_rgb_seco-cefca942.pth https://huggingface.co/torchgeo/"
        + "resnet18_sentinel2_rgb_seco/resolve/f8dcee692cf7142163b55a5c197d981fe0e717a0/"
        + "resnet18_sentinel2_rgb_seco-cefca942.pth\n"
    ),
  ]

  @Test("fetch prints the one command, and says where the file is then", arguments: commands)
  func fetch(name: String, command: String) throws {
    let ending = try TerraneCommand.run("weights", "fetch", name)
    #expect(ending.code == 0 && ending.output == command)
    #expect(ending.errors.contains("the file is then weights/"))
  }

  @Test("a licence that forbids commercial use, and one that nobody states, are said")
  func licences() throws {
    #expect(try TerraneCommand.run("weights", "fetch", "gassl-resnet50").errors.contains("states no licence"))
  }

  @Test(
    "a name that does not exist is answered with those like it, a place that is unknown with the publisher")
  func unknown() throws {
    let ending = try TerraneCommand.run("weights", "fetch", "csmask-6b-l2a")
    #expect(ending.code == 64 && ending.errors.contains("there are ukis-csmask-6b-l2a, "))
    let place = try TerraneCommand.run("weights", "fetch", "satmae-vit-large-s2")
    #expect(place.code == 64 && place.errors.contains("its publisher is arXiv:2207.08051"))
    let words = try TerraneCommand.run("weights", "xyzzy")
    #expect(words.code == 64 && words.errors.contains("there are no published weights 'xyzzy'"))
  }
}
