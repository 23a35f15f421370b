import Foundation
import NumericOracles
import Testing

extension EndToEnd {
  /// `pipelines/clouds.yaml`, whose weights are not part of the package.
  @Suite("The example pipeline of published weights")
  struct PublishedWeightsTests {
    private static let file = SmallScene.package.appendingPathComponent("pipelines/clouds.yaml").path

    @Test("where the weights are missing, the error ends with what fetches them")
    func missing() throws {
      let site = try Workplace()
      var environment = TerraneCommand.cronEnvironment
      environment["TERRANE_WEIGHTS"] = site.path("nowhere")
      let ending = try TerraneCommand.start(
        ["run", Self.file, "--output", site.path("clouds")], environment: environment
      ).end()
      #expect(ending.code == 66, "\(ending.errors)")
      #expect(
        ending.errors.contains(
          "'terrane weights fetch ukis-csmask-6b-l2a' prints the command that fetches it"), "\(ending.errors)"
      )
      #expect(!site.exists("clouds"))
    }

    @Test(
      "with them it maps clear ground, clouds and shadows",
      .enabled(if: PublishedFiles.cloudMask("6b_l2a") != nil, Comment(rawValue: PublishedFiles.absence)))
    func mapped() throws {
      let site = try Workplace()
      var environment = TerraneCommand.cronEnvironment
      let graph = URL(fileURLWithPath: try #require(PublishedFiles.cloudMask("6b_l2a")))
      environment["TERRANE_WEIGHTS"] = graph.deletingLastPathComponent().deletingLastPathComponent().path
      let ending = try TerraneCommand.start(
        ["run", Self.file, "--output", site.path("clouds")], environment: environment
      ).end()
      #expect(ending.code == 0, "\(ending.errors)")
      for product in ["landcover.tif", "landcover.qml", "confidence.tif", "preview.png", "item.json"] {
        #expect(site.exists("clouds/products/s2_2023-09-02/\(product)"), "\(product)")
      }
    }
  }
}
